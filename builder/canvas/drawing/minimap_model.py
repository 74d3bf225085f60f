"""The camera of the minimap, which shows the whole graph and the view of the canvas."""

from dataclasses import replace

from builder.canvas.camera import Camera, Point
from builder.layout.spatial_index import Bounds

MARGIN = 8.0
"""Between the graph and the border of the minimap, in pixels."""
MAX_SPAN = 4.0
"""The most that the minimap extends beyond the graph on each side, in sizes of the graph."""


def minimap_camera(extent: tuple[Point, Point], camera: Camera, viewport: Bounds) -> Camera:
    """Fit the graph, and the view of the canvas where that is near, into the minimap.

    Args:
        extent: two corners of the bounding box of the graph.
        camera: the camera of the canvas.
        viewport: left, top, width and height of the minimap in the window, in pixels.
    """
    left, top, width, height = viewport
    low, high = extent
    graph_width, graph_height = high[0] - low[0], high[1] - low[1]
    farthest = (low[0] - MAX_SPAN * graph_width, low[1] - MAX_SPAN * graph_height)
    nearest = (high[0] + MAX_SPAN * graph_width, high[1] + MAX_SPAN * graph_height)
    view = (
        clamped(camera.top_left, farthest, nearest),
        clamped(camera.bottom_right, farthest, nearest),
    )
    low = min(low[0], view[0][0]), min(low[1], view[0][1])
    high = max(high[0], view[1][0]), max(high[1], view[1][1])
    return Camera(left=left, top=top, width=width, height=height).fitted_to(low, high, MARGIN)


def clamped(point: Point, low: Point, high: Point) -> Point:
    """Clamp a point to a box."""
    x, y = point
    return min(max(x, low[0]), high[0]), min(max(y, low[1]), high[1])


def centred_at(camera: Camera, point: Point) -> Camera:
    """Move a camera so that a canvas point is in the middle of the view."""
    x, y = point
    return replace(
        camera, x=x - camera.width / camera.zoom / 2, y=y - camera.height / camera.zoom / 2
    )
