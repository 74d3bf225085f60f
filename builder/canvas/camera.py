"""The camera of the canvas: maps pixels of the window to canvas units and back."""

from dataclasses import dataclass, replace
from typing import Self

Point = tuple[float, float]

MIN_ZOOM, MAX_ZOOM = 0.1, 4.0
"""The limits of zooming, in pixels per unit; `Camera.fitted_to` may zoom out further."""
MARGIN = 60.0
"""Between what is fitted and the border of the view, in pixels."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of the canvas.

    Attributes:
        x, y: the canvas point in the upper left corner of the view.
        zoom: pixels per canvas unit.
        left, top: the upper left corner of the view in the window, in pixels.
        width, height: the size of the view, in pixels.
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
        """Map a canvas point to a pixel of the window."""
        return (
            self.left + (point[0] - self.x) * self.zoom,
            self.top + (point[1] - self.y) * self.zoom,
        )

    def panned(self, dx: float, dy: float) -> Self:
        """Move the canvas under the view by pixels."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def zoomed(self, factor: float, at: Point) -> Self:
        """Zoom about a pixel of the window."""
        zoom = min(MAX_ZOOM, max(min(MIN_ZOOM, self.zoom), self.zoom * factor))
        x, y = self.to_canvas(at)
        return replace(
            self,
            zoom=zoom,
            x=x - (at[0] - self.left) / zoom,
            y=y - (at[1] - self.top) / zoom,
        )

    def fitted_to(
        self, low: Point, high: Point, margin: float = MARGIN, max_zoom: float = 1.0
    ) -> Self:
        """Fit the box between two canvas points into the view, centred; margin in pixels."""
        box_width, box_height = max(high[0] - low[0], 1.0), max(high[1] - low[1], 1.0)
        width, height = max(self.width - 2 * margin, 1.0), max(self.height - 2 * margin, 1.0)
        zoom = min(width / box_width, height / box_height, max_zoom)
        return replace(
            self,
            zoom=zoom,
            x=(low[0] + high[0] - self.width / zoom) / 2,
            y=(low[1] + high[1] - self.height / zoom) / 2,
        )

    @property
    def centre(self) -> Point:
        """The canvas point in the middle of the view."""
        return self.to_canvas((self.left + self.width / 2, self.top + self.height / 2))

    @property
    def centre_and_zoom(self) -> tuple[float, float, float]:
        """The centre and the zoom, which do not depend on the size of the view."""
        return *self.centre, self.zoom

    def centred_on(self, x: float, y: float, zoom: float) -> Self:
        """Show a canvas point in the middle of the view."""
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        left, top = x - self.width / 2 / zoom, y - self.height / 2 / zoom
        return replace(self, x=left, y=top, zoom=zoom)

    @property
    def top_left(self) -> Point:
        """The canvas point in the upper left corner of the view."""
        return self.x, self.y

    @property
    def bottom_right(self) -> Point:
        """The canvas point in the lower right corner of the view."""
        return self.x + self.width / self.zoom, self.y + self.height / self.zoom
