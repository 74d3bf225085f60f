"""Keyboard navigation in lists, and wrapping of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.dialogs.list_navigation import NAVIGATION_KEYS, next_row, shortened, wrapped

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def test_up_and_down_wrap_around_at_the_ends():
    free = [True] * 3
    assert next_row(2, "Down", free, 10) == 0
    assert next_row(0, "Up", free, 10) == 2


def test_disabled_rows_are_skipped():
    free = [False, True, False, True]
    assert next_row(1, "Down", free, 10) == 3
    assert next_row(3, "Down", free, 10) == 1
    assert next_row(3, "Up", free, 10) == 1


def test_a_page_stops_at_the_ends():
    free = [True] * 30
    assert next_row(25, "PageDown", free, 10) == 29
    assert next_row(4, "PageUp", free, 10) == 0
    assert next_row(4, "PageDown", free, 10) == 14


def test_without_a_selected_row_a_key_selects_an_end():
    assert next_row(-1, "Down", [True] * 3, 10) == 0
    assert next_row(-1, "Up", [True] * 3, 10) == 2


@given(st.integers(-1, 5), st.sampled_from(NAVIGATION_KEYS), st.lists(st.booleans(), max_size=6))
def test_only_enabled_rows_are_selected(at, key, free):
    row = next_row(at, key, free, 3)
    assert row == -1 if not any(free) else free[row]


def test_text_wraps_between_words():
    assert wrapped("one two three", 7, len) == ["one two", "three"]


def test_line_breaks_are_kept():
    assert wrapped("one\n\ntwo", 20, len) == ["one", "", "two"]


def test_a_word_wider_than_a_line_is_split():
    assert wrapped("abcdefgh ij", 3, len) == ["abc", "def", "gh", "ij"]


@given(TEXTS, st.integers(1, 30))
def test_no_line_exceeds_the_width(text, width):
    assert all(len(line) <= width for line in wrapped(text, width, len))


@given(TEXTS, st.integers(1, 30))
def test_wrapping_loses_no_letter(text, width):
    kept = "".join(wrapped(text, width, len))
    assert kept.replace(" ", "") == text.replace("\n", "").replace(" ", "")


@given(TEXTS, st.integers(1, 30))
def test_a_shortened_text_fits_and_ends_with_an_ellipsis(text, width):
    found = shortened(text, width, len)
    assert len(found) <= width
    assert found == text or found.endswith("…")


@pytest.mark.parametrize("text", ["", "a", "abc"])
def test_a_text_that_fits_is_not_shortened(text):
    assert shortened(text, 3, len) == text
