"""The minimap: the whole graph, and what part of it is in view."""

from dataclasses import replace

from builder.canvas.camera import Camera, Point
from builder.layout.spatial_index import Bounds

MARGIN = 8.0
"""How far what is shown keeps from the border of the minimap, in pixels."""
FARTHEST = 4.0
"""How much larger than the graph the shown part is at most, however far away the view has gone."""


def overview(extent: tuple[Point, Point], camera: Camera, place: Bounds) -> Camera:
    """Find where the minimap is looked at from.

    Args:
        extent: where the whole graph lies: two corners.
        camera: of the canvas.
        place: where the minimap lies in the window: left, top, width and height, in pixels.
    """
    left, top, width, height = place
    low, high = extent
    across, down = high[0] - low[0], high[1] - low[1]
    farthest = (low[0] - FARTHEST * across, low[1] - FARTHEST * down)
    nearest = (high[0] + FARTHEST * across, high[1] + FARTHEST * down)
    view = clamped(camera.low, farthest, nearest), clamped(camera.high, farthest, nearest)
    low = min(low[0], view[0][0]), min(low[1], view[0][1])
    high = max(high[0], view[1][0]), max(high[1], view[1][1])
    return Camera(left=left, top=top, width=width, height=height).framing(low, high, MARGIN)


def clamped(point: Point, low: Point, high: Point) -> Point:
    """Move a point into a box."""
    x, y = point
    return min(max(x, low[0]), high[0]), min(max(y, low[1]), high[1])


def centred(camera: Camera, point: Point) -> Camera:
    """Look at a point of the canvas in the middle of the view."""
    x, y = point
    return replace(
        camera, x=x - camera.width / camera.zoom / 2, y=y - camera.height / camera.zoom / 2
    )
