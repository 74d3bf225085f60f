"""The camera maps pixels to canvas units and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.canvas.camera import MAX_ZOOM, MIN_ZOOM, Camera

NUMBERS = st.floats(-1e4, 1e4)
POINTS = st.tuples(NUMBERS, NUMBERS)
CAMERAS = st.builds(
    Camera,
    x=NUMBERS,
    y=NUMBERS,
    zoom=st.floats(MIN_ZOOM, MAX_ZOOM),
    left=st.floats(0, 500),
    top=st.floats(0, 500),
    width=st.floats(200, 3000),
    height=st.floats(200, 3000),
)


@given(camera=CAMERAS, point=POINTS)
def test_a_point_survives_a_round_trip_through_the_window(camera, point):
    assert camera.to_canvas(camera.to_window(point)) == pytest.approx(point, abs=1e-6)


@given(camera=CAMERAS)
def test_the_corners_of_the_view_are_what_it_shows(camera):
    assert camera.to_window(camera.top_left) == pytest.approx((camera.left, camera.top), abs=1e-6)
    right, bottom = camera.left + camera.width, camera.top + camera.height
    assert camera.to_window(camera.bottom_right) == pytest.approx((right, bottom), abs=1e-6)


@given(camera=CAMERAS, pixel=POINTS, factor=st.floats(0.01, 100))
def test_zooming_keeps_the_point_under_the_pointer(camera, pixel, factor):
    zoomed = camera.zoomed(factor, pixel)
    assert zoomed.to_canvas(pixel) == pytest.approx(camera.to_canvas(pixel), abs=1e-6)
    assert MIN_ZOOM <= zoomed.zoom <= MAX_ZOOM


@given(camera=CAMERAS, point=POINTS, by=POINTS)
def test_panning_moves_the_canvas_by_pixels(camera, point, by):
    x, y = camera.to_window(point)
    expected = pytest.approx((x + by[0], y + by[1]), abs=1e-6)
    assert camera.panned(*by).to_window(point) == expected


@given(camera=CAMERAS, low=POINTS, size=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)))
def test_zoom_to_fit_shows_the_whole_box_in_the_middle(camera, low, size):
    high = low[0] + size[0], low[1] + size[1]
    framed = camera.fitted_to(low, high)
    for seen, bound in zip(framed.top_left, low, strict=True):
        assert seen <= bound + 1e-6
    for seen, bound in zip(framed.bottom_right, high, strict=True):
        assert seen >= bound - 1e-6
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    centre = camera.left + camera.width / 2, camera.top + camera.height / 2
    assert framed.to_window(middle) == pytest.approx(centre, abs=1e-6)


def test_zoom_to_fit_keeps_a_margin_of_60_pixels():
    view = Camera(left=200.0, top=40.0, width=800.0, height=600.0)
    wide = view.fitted_to((0.0, 0.0), (2000.0, 10.0))
    assert wide.to_window((0.0, 0.0))[0] == pytest.approx(260.0)
    assert wide.to_window((2000.0, 10.0))[0] == pytest.approx(940.0)
    tall = view.fitted_to((0.0, 0.0), (10.0, 2000.0))
    assert tall.to_window((0.0, 0.0))[1] == pytest.approx(100.0)
    assert tall.to_window((10.0, 2000.0))[1] == pytest.approx(580.0)


def test_zoom_to_fit_stops_at_the_maximum_zoom():
    assert Camera().fitted_to((0.0, 0.0), (10.0, 10.0)).zoom == 1.0
    assert Camera().fitted_to((0.0, 0.0), (10.0, 10.0), max_zoom=2.0).zoom == 2.0


def test_zooming_out_below_the_minimum_keeps_the_zoom():
    whole = Camera().fitted_to((0.0, 0.0), (1e5, 1e5))
    assert whole.zoom < MIN_ZOOM
    assert whole.zoomed(0.5, (0.0, 0.0)).zoom == whole.zoom


def test_centre_and_zoom_do_not_depend_on_the_size_of_the_view():
    camera = Camera(x=10.0, y=-20.0, zoom=0.5, left=200.0, width=1000.0, height=600.0)
    other = replace(camera, x=0.0, y=0.0, zoom=1.0, width=500.0, height=400.0)
    assert other.centred_on(*camera.centre_and_zoom).centre_and_zoom == pytest.approx(
        camera.centre_and_zoom
    )
    assert camera.centred_on(*camera.centre_and_zoom) == camera
