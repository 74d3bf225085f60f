"""The background grid: dots at a spacing in pixels that is nearly the same at every zoom."""

from dataclasses import dataclass
from math import ceil, log2

from builder.canvas.camera import Camera

STEP = 40.0
"""The spacing at zoom 1, in canvas units; at another zoom, this times a power of two."""
MIN_SPACING = 28.0
"""The least spacing, in pixels."""


@dataclass(frozen=True, slots=True)
class Dots:
    """The dots in view: the spacing in canvas units, and the first and last column and row."""

    step: float
    left: int
    top: int
    right: int
    bottom: int

    @property
    def columns(self) -> tuple[list[float], list[float]]:
        """The x and y of every dot."""
        xs = [column * self.step for column in range(self.left, self.right + 1)]
        rows = range(self.top, self.bottom + 1)
        return xs * len(rows), [row * self.step for row in rows for _ in xs]


def dots(camera: Camera) -> Dots:
    """Find the dots in view, and those just outside it on every side."""
    step = STEP * 2.0 ** ceil(log2(MIN_SPACING / (STEP * camera.zoom)))
    (left, top), (right, bottom) = camera.top_left, camera.bottom_right
    # Floor division is exact; a quotient that is rounded first may lose the outermost dots.
    return Dots(
        step, int(left // step), int(top // step), -int(-right // step), -int(-bottom // step)
    )
