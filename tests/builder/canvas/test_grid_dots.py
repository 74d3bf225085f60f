from hypothesis import example, given
from hypothesis import strategies as st

from builder.canvas.camera import Camera
from builder.canvas.drawing.grid_dots import MIN_SPACING, dots

CAMERAS = st.builds(
    Camera,
    x=st.floats(-1e5, 1e5),
    y=st.floats(-1e5, 1e5),
    zoom=st.floats(0.01, 4.0),
    width=st.floats(1, 4000),
    height=st.floats(1, 3000),
)


@given(CAMERAS)
def test_the_spacing_is_between_one_and_two_times_the_minimum(camera):
    apart = dots(camera).step * camera.zoom
    assert MIN_SPACING * 0.999 <= apart <= 2 * MIN_SPACING * 1.001


@given(CAMERAS)
@example(Camera(x=-5e-324))
def test_dots_reach_to_every_border_of_the_view(camera):
    xs, ys = dots(camera).columns
    (left, top), (right, bottom) = camera.top_left, camera.bottom_right
    assert min(xs) <= left and max(xs) >= right
    assert min(ys) <= top and max(ys) >= bottom


def test_every_row_has_every_column():
    xs, ys = dots(Camera(width=100, height=100)).columns
    assert len(set(zip(xs, ys, strict=True))) == len(set(xs)) * len(set(ys)) == len(xs)


def test_a_view_that_moves_a_little_has_the_same_dots():
    camera = Camera(x=1.0, y=1.0)
    assert dots(camera.panned(-3, -3)) == dots(camera)
