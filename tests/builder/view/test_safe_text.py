"""Every text is sanitized before it reaches the window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.graphics.text_metrics import width
from builder.view.widgets.safe_text import MAX_LENGTH, sanitize, sanitize_input, sanitize_label

ANY_TEXT = st.text(st.characters(), max_size=60)
WITH_SURROGATES = st.text(st.characters(categories=["L", "Cs", "Cc", "Cf"]), max_size=60)


@given(ANY_TEXT | WITH_SURROGATES)
def test_sanitized_text_can_be_encoded_and_has_no_control_characters(text):
    sanitized = sanitize(text)
    sanitized.encode()
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in sanitized)


@given(st.text("abc XYZ 012 äöü Вход Ωμέγα %s {} ()", max_size=60))
def test_plain_text_is_unchanged(text):
    assert sanitize(text) == text


@given(st.text("abc Вход 漢字 شبكة शब्द 임베딩 🔥", max_size=60))
def test_the_text_of_a_field_is_unchanged(text):
    assert sanitize_input(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("嵌入 layer", "Qian Ru layer"),
        ("임베딩", "Im Be Ding"),
        ("Вход 🔥", "Вход :fire:"),
        ("शब्द", "sbd"),
        ("طبقة الانتباه\n層", "tbqh lntbh\nCeng"),
    ],
)
def test_letters_without_a_glyph_are_transliterated(text, shown):
    assert sanitize(text, lines=True) == shown
    for line, drawn in zip(text.split("\n"), shown.split("\n"), strict=True):
        assert width(line, 16.0) == width(drawn, 16.0)


def test_line_breaks_are_kept_on_request():
    assert sanitize("a\nb", lines=True) == "a\nb"
    assert sanitize("a\nb") == "a\\nb"


@pytest.mark.parametrize("text", ["a##b", "###", "a#####b"])
def test_a_label_never_contains_two_hash_signs_in_a_row(text):
    assert "##" not in sanitize_label(text)
    assert sanitize_label(text).replace(" ", "") == text


def test_a_lone_surrogate_is_escaped():
    assert sanitize("a\ud800b") == "a\\ud800b"


def test_a_very_long_text_is_truncated():
    assert sanitize("x" * 10**6) == "x" * MAX_LENGTH + "..."
