"""How lists are walked through, and how text is broken and cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.dialogs.list_navigation import NAVIGATION_KEYS, next_row, shortened, wrapped

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def test_one_step_goes_round_at_the_ends():
    free = [True] * 3
    assert next_row(2, "Down", free, 10) == 0
    assert next_row(0, "Up", free, 10) == 2


def test_rows_that_cannot_be_chosen_are_passed_over():
    free = [False, True, False, True]
    assert next_row(1, "Down", free, 10) == 3
    assert next_row(3, "Down", free, 10) == 1
    assert next_row(3, "Up", free, 10) == 1


def test_a_page_stops_at_the_ends():
    free = [True] * 30
    assert next_row(25, "PageDown", free, 10) == 29
    assert next_row(4, "PageUp", free, 10) == 0
    assert next_row(4, "PageDown", free, 10) == 14


def test_from_no_row_the_first_step_goes_to_an_end():
    assert next_row(-1, "Down", [True] * 3, 10) == 0
    assert next_row(-1, "Up", [True] * 3, 10) == 2


@given(st.integers(-1, 5), st.sampled_from(NAVIGATION_KEYS), st.lists(st.booleans(), max_size=6))
def test_only_rows_that_can_be_chosen_are_chosen(at, key, free):
    row = next_row(at, key, free, 3)
    assert row == -1 if not any(free) else free[row]


def test_text_is_broken_between_words():
    assert wrapped("one two three", 7, len) == ["one two", "three"]


def test_line_ends_stay_line_ends():
    assert wrapped("one\n\ntwo", 20, len) == ["one", "", "two"]


def test_a_word_wider_than_a_line_is_broken():
    assert wrapped("abcdefgh ij", 3, len) == ["abc", "def", "gh", "ij"]


@given(TEXTS, st.integers(1, 30))
def test_no_line_is_wider_than_it_may_be(text, width):
    assert all(len(line) <= width for line in wrapped(text, width, len))


@given(TEXTS, st.integers(1, 30))
def test_breaking_lines_loses_no_letter(text, width):
    kept = "".join(wrapped(text, width, len))
    assert kept.replace(" ", "") == text.replace("\n", "").replace(" ", "")


@given(TEXTS, st.integers(1, 30))
def test_what_is_cut_fits_and_says_so(text, width):
    found = shortened(text, width, len)
    assert len(found) <= width
    assert found == text or found.endswith("…")


@pytest.mark.parametrize("text", ["", "a", "abc"])
def test_what_fits_is_not_cut(text):
    assert shortened(text, 3, len) == text
