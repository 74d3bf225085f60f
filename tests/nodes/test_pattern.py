"""Patterns: what is one, and what is refused."""

import pytest

from nodes.core.shapes.pattern import Pattern, parse_pattern

PARSED = {
    "": Pattern("", ()),
    "B": Pattern("B", ("B",)),
    "B T C": Pattern("B T C", ("B", "T", "C")),
    "  B   T ": Pattern("  B   T ", ("B", "T")),
    "B 3 007": Pattern("B 3 007", ("B", 3, 7)),
    "B T (H D)": Pattern("B T (H D)", ("B", "T", ("H", "D"))),
    "(2 H)(D)": Pattern("(2 H)(D)", ((2, "H"), ("D",))),
    "...": Pattern("...", (), (), True),
    "... C": Pattern("... C", (), ("C",), True),
    "B ...": Pattern("B ...", ("B",), (), True),
    "B ... (H D)": Pattern("B ... (H D)", ("B",), (("H", "D"),), True),
    "B...C": Pattern("B...C", ("B",), ("C",), True),
    "num_heads _x T2": Pattern("num_heads _x T2", ("num_heads", "_x", "T2")),
}

NOT_PARSED = {
    "((a) b)": "unexpected '('",
    "(a (b))": "unexpected '('",
    "(a": "a bracket is not closed",
    "(": "a bracket is not closed",
    "()": "unexpected ')'",
    "a)": "unexpected ')'",
    "a ) b": "unexpected ')'",
    "(a))": "unexpected ')'",
    "... ...": "unexpected '...'",
    "B ... T ... C": "unexpected '...'",
    "(...)": "unexpected '...'",
    "....": "unexpected '.'",
    "..": "unexpected '.'",
    "B, T": "unexpected ','",
    "B * T": "unexpected '*'",
    "-1": "unexpected '-'",
    "B -> T": "unexpected '-'",
    "2.5": "unexpected '.'",
    "\u00e9": "unexpected '\u00e9'",
    "\u00b2": "unexpected '\u00b2'",
    "\u0663": "unexpected '\u0663'",
}


@pytest.mark.parametrize("text", PARSED)
def test_a_pattern_is_parsed(text):
    assert parse_pattern(text) == PARSED[text]


@pytest.mark.parametrize("text", NOT_PARSED)
def test_a_text_that_is_no_pattern_is_refused(text):
    with pytest.raises(ValueError) as error:
        parse_pattern(text)
    assert str(error.value) == f"expected a pattern, got {text!r}: {NOT_PARSED[text]}"


def test_a_pattern_lists_its_items_and_words():
    parsed = parse_pattern("B 2 ... (H 3 D) C")
    assert parsed.items == ("B", 2, ("H", 3, "D"), "C")
    assert parsed.words == {"B", "H", "D", "C"}
