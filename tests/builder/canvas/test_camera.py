"""The camera keeps what is looked at where it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.canvas.camera import FARTHEST, NEAREST, Camera

NUMBERS = st.floats(-1e4, 1e4)
POINTS = st.tuples(NUMBERS, NUMBERS)
CAMERAS = st.builds(
    Camera,
    x=NUMBERS,
    y=NUMBERS,
    zoom=st.floats(FARTHEST, NEAREST),
    left=st.floats(0, 500),
    top=st.floats(0, 500),
    width=st.floats(200, 3000),
    height=st.floats(200, 3000),
)


@given(camera=CAMERAS, point=POINTS)
def test_a_point_comes_back_from_the_window(camera, point):
    assert camera.to_canvas(camera.to_window(point)) == pytest.approx(point, abs=1e-6)


@given(camera=CAMERAS)
def test_the_corners_of_the_view_are_what_it_shows(camera):
    assert camera.to_window(camera.low) == pytest.approx((camera.left, camera.top), abs=1e-6)
    right, bottom = camera.left + camera.width, camera.top + camera.height
    assert camera.to_window(camera.high) == pytest.approx((right, bottom), abs=1e-6)


@given(camera=CAMERAS, pixel=POINTS, factor=st.floats(0.01, 100))
def test_zooming_keeps_the_point_under_the_pointer(camera, pixel, factor):
    zoomed = camera.zoomed(factor, pixel)
    assert zoomed.to_canvas(pixel) == pytest.approx(camera.to_canvas(pixel), abs=1e-6)
    assert FARTHEST <= zoomed.zoom <= NEAREST


@given(camera=CAMERAS, point=POINTS, by=POINTS)
def test_panning_moves_the_canvas_with_the_hand(camera, point, by):
    x, y = camera.to_window(point)
    expected = pytest.approx((x + by[0], y + by[1]), abs=1e-6)
    assert camera.panned(*by).to_window(point) == expected


@given(camera=CAMERAS, low=POINTS, size=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)))
def test_framing_shows_all_of_it_in_the_middle(camera, low, size):
    high = low[0] + size[0], low[1] + size[1]
    framed = camera.framing(low, high)
    for seen, bound in zip(framed.low, low, strict=True):
        assert seen <= bound + 1e-6
    for seen, bound in zip(framed.high, high, strict=True):
        assert seen >= bound - 1e-6
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    centre = camera.left + camera.width / 2, camera.top + camera.height / 2
    assert framed.to_window(middle) == pytest.approx(centre, abs=1e-6)


def test_framing_something_small_does_not_come_nearer_than_asked():
    assert Camera().framing((0.0, 0.0), (10.0, 10.0)).zoom == 1.0
    assert Camera().framing((0.0, 0.0), (10.0, 10.0), most=2.0).zoom == 2.0


def test_a_view_from_farther_than_usual_stays_there():
    whole = Camera().framing((0.0, 0.0), (1e5, 1e5))
    assert whole.zoom < FARTHEST
    assert whole.zoomed(0.5, (0.0, 0.0)).zoom == whole.zoom


def test_a_view_is_the_same_in_a_window_of_another_size():
    camera = Camera(x=10.0, y=-20.0, zoom=0.5, left=200.0, width=1000.0, height=600.0)
    other = replace(camera, x=0.0, y=0.0, zoom=1.0, width=500.0, height=400.0)
    assert other.viewing(*camera.view).view == pytest.approx(camera.view)
    assert camera.viewing(*camera.view) == camera
