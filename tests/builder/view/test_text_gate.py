"""No text of a file reaches the window as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.view.widgets.safe_text import label, shown

ANY_TEXT = st.text(st.characters(), max_size=60)
WITH_SURROGATES = st.text(st.characters(categories=["L", "Cs", "Cc", "Cf"]), max_size=60)


@given(ANY_TEXT | WITH_SURROGATES)
def test_what_is_shown_can_be_encoded_and_has_no_controls(text):
    found = shown(text)
    found.encode()
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in found)


@given(st.text("abc XYZ 012 äöü 漢字 %s {} ()", max_size=60))
def test_plain_text_stays_as_it_is(text):
    assert shown(text) == text


def test_line_ends_stay_where_asked():
    assert shown("a\nb", lines=True) == "a\nb"
    assert shown("a\nb") == "a\\nb"


@pytest.mark.parametrize("text", ["a##b", "###", "a#####b"])
def test_no_label_ends_at_two_hash_signs(text):
    assert "##" not in label(text)
    assert label(text).replace(" ", "") == text


def test_a_lone_surrogate_stands_as_its_escape():
    assert shown("a\ud800b") == "a\\ud800b"


def test_a_very_long_text_is_cut():
    assert len(shown("x" * 10**6)) < 30_000
