from hypothesis import given
from hypothesis import strategies as st

from builder.canvas.camera import Camera
from builder.canvas.drawing.minimap_model import centred_at, minimap_camera

PLACE = (1000.0, 600.0, 200.0, 130.0)
GRAPH = ((0.0, 0.0), (2000.0, 800.0))
NEAR = st.floats(-500, 2500)


def sees(camera, point):
    left, top, width, height = PLACE
    x, y = camera.to_window(point)
    return left - 1e-6 <= x <= left + width + 1e-6 and top - 1e-6 <= y <= top + height + 1e-6


@given(NEAR, NEAR, st.floats(0.5, 4.0))
def test_the_minimap_shows_the_whole_graph_and_the_whole_view(x, y, zoom):
    camera = Camera(x=x, y=y, zoom=zoom, width=400, height=300)
    shown = minimap_camera(GRAPH, camera, PLACE)
    assert all(sees(shown, point) for point in (*GRAPH, camera.top_left, camera.bottom_right))


def test_a_distant_view_does_not_shrink_the_graph_too_far():
    shown = minimap_camera(GRAPH, Camera(x=1e9, y=1e9), PLACE)
    assert 2000.0 * shown.zoom > 10


def test_centred_at_puts_a_point_in_the_middle():
    camera = centred_at(Camera(left=200, top=40, width=1000, height=700, zoom=0.5), (123.0, -45.0))
    assert camera.to_window((123.0, -45.0)) == (700.0, 390.0)
    assert camera.zoom == 0.5
