"""The grid of the canvas: dots that lie about as far apart at every zoom."""

from dataclasses import dataclass
from math import ceil, floor, log2

from builder.canvas.camera import Camera

STEP = 40.0
"""How far apart the dots lie at zoom 1, in canvas units; a power of two as far at another."""
NEAREST = 28.0
"""How far apart they lie at least, in pixels."""


@dataclass(frozen=True, slots=True)
class Dots:
    """A piece of the grid: the numbers of its rows and columns, and how far apart they lie."""

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
    """Find the dots that are in view."""
    step = STEP * 2.0 ** ceil(log2(NEAREST / (STEP * camera.zoom)))
    (left, top), (right, bottom) = ((x / step, y / step) for x, y in (camera.low, camera.high))
    return Dots(step, floor(left), floor(top), ceil(right), ceil(bottom))
