"""Where the canvas is looked at from: pixels of the window <-> units of the canvas."""

from dataclasses import dataclass, replace
from typing import Self

Point = tuple[float, float]

NEAREST = 4.0
FARTHEST = 0.1
"""Pixels a unit; a larger graph may be seen from farther to be framed whole."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of the canvas.

    Attributes:
        x, y: the canvas point in the upper left corner of the view.
        zoom: pixels a canvas unit.
        left, top: where the view begins in the window, in pixels.
        width, height: the view, in pixels.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    left: float = 0.0
    top: float = 0.0
    width: float = 800.0
    height: float = 600.0

    def to_canvas(self, pixel: Point) -> Point:
        """Map a pixel of the window to the canvas."""
        return (
            self.x + (pixel[0] - self.left) / self.zoom,
            self.y + (pixel[1] - self.top) / self.zoom,
        )

    def to_window(self, point: Point) -> Point:
        """Map a canvas point to the window."""
        return (
            self.left + (point[0] - self.x) * self.zoom,
            self.top + (point[1] - self.y) * self.zoom,
        )

    def panned(self, dx: float, dy: float) -> Self:
        """Move the canvas under the view by pixels."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def zoomed(self, factor: float, at: Point) -> Self:
        """Zoom so that the canvas point under a pixel of the window stays there."""
        zoom = min(NEAREST, max(min(FARTHEST, self.zoom), self.zoom * factor))
        x, y = self.to_canvas(at)
        return replace(
            self,
            zoom=zoom,
            x=x - (at[0] - self.left) / zoom,
            y=y - (at[1] - self.top) / zoom,
        )

    def framing(self, low: Point, high: Point, margin: float = 60.0, most: float = 1.0) -> Self:
        """Show a part of the canvas whole, in the middle, no larger than ``most``."""
        across, down = max(high[0] - low[0], 1.0), max(high[1] - low[1], 1.0)
        wide, tall = max(self.width - 2 * margin, 1.0), max(self.height - 2 * margin, 1.0)
        zoom = min(wide / across, tall / down, most)
        return replace(
            self,
            zoom=zoom,
            x=(low[0] + high[0] - self.width / zoom) / 2,
            y=(low[1] + high[1] - self.height / zoom) / 2,
        )

    @property
    def view(self) -> tuple[float, float, float]:
        """The canvas point in the middle, and the zoom: what is the same in a view of any size."""
        return *self.to_canvas((self.left + self.width / 2, self.top + self.height / 2)), self.zoom

    def viewing(self, x: float, y: float, zoom: float) -> Self:
        """Look at a canvas point in the middle, zoomed as given."""
        zoom = min(NEAREST, max(FARTHEST, zoom))
        left, top = x - self.width / 2 / zoom, y - self.height / 2 / zoom
        return replace(self, x=left, y=top, zoom=zoom)

    @property
    def low(self) -> Point:
        """The canvas point in the upper left corner."""
        return self.x, self.y

    @property
    def high(self) -> Point:
        """The canvas point in the lower right corner."""
        return self.x + self.width / self.zoom, self.y + self.height / self.zoom
