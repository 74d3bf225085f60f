"""Expressions typed into size fields are parsed, and never evaluated as Python."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodes.core.shapes.dim import evaluate, hyper, show
from nodes.core.shapes.expression import ExpressionError, is_name, parse
from nodes.core.shapes.size_limits import DimError

A, B = hyper("a"), hyper("b")
KNOWN = {"a": 7, "b": 3, "width": 5}

leaves = st.one_of(st.sampled_from(sorted(KNOWN)), st.integers(0, 99).map(str))


def joined(parts):
    return st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "//"]), parts).map(" ".join),
        st.tuples(parts, st.sampled_from(["+", "-", "*", "//"]), parts).map("".join),
        parts.map("({})".format),
        parts.map("-{}".format),
    )


texts = st.recursive(leaves, joined, max_leaves=10).filter(lambda text: len(text) <= 200)


def read_or_assume(text):
    try:
        return parse(text)
    except ExpressionError:
        assume(False)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("7", 7),
        ("007", 7),
        ("  a ", A),
        ("4 * a", 4 * A),
        ("a+b*2", A + 2 * B),
        ("(a + b) * 2", 2 * A + 2 * B),
        ("a - b - 1", A - B - 1),
        ("a // b // 2", A // B // 2),
        ("a * b // 2", A * B // 2),
        ("-a // 2", (-A) // 2),
        ("--3", 3),
        ("2 - -a", 2 + A),
        ("2 * a // 2", A),
        ("7 // 2", 3),
        ("a - a", 0),
        ("9007199254740991", 2**53 - 1),
        ("x" * 64, hyper("x" * 64)),
        ("(" * 32 + "a" + ")" * 32, A),
        ("(a)+" * 40 + "a", 41 * A),
        ("-" * 199 + "a", -A),
        ("class", hyper("class")),
    ],
)
def test_expressions_are_read(text, size):
    assert parse(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a / 2", '"/" at column 3: sizes are whole numbers; write // for floor division'),
        ("9**9**9", '"**" at column 2: sizes have no powers; write a product, as in d * d'),
        ("", "the end at column 1: expected a number, a name or a bracket"),
        ("a +", "the end at column 4: expected a number, a name or a bracket"),
        ("a\n", '"\\n" at column 2: expected one of + - * // or the end'),
        ("\u0663", '"\u0663" at column 1: expected a number, a name or a bracket'),
        ("1_000", '"_000" at column 2: expected one of + - * // or the end'),
        ("().__class__", '")" at column 2: expected a number, a name or a bracket'),
        ("f(x)", '"(" at column 2: expected one of + - * // or the end'),
        (
            "(a",
            "the end at column 3: expected an operator or ), as the bracket of column 1 is open",
        ),
        ("a // (2 - 2)", '"//" at column 3: expected a divisor other than 0; write another number'),
        (
            "9007199254740992",
            '"9007199254740992" at column 1: expected a number below 2**53; write a smaller one',
        ),
        (
            "9007199254740991 + 1",
            '"+" at column 18: expected a size below 2**53, got 9007199254740992; '
            "make a number in it smaller",
        ),
        (
            "x" * 65,
            f'"{"x" * 20}..." at column 1: expected a name of at most 64 characters; '
            "write a shorter one",
        ),
        (
            "a" * 201,
            "the text at column 201: expected at most 200 characters, got 201; shorten it",
        ),
        (
            "(" * 33,
            '"(" at column 33: expected brackets at most 32 deep; remove some',
        ),
        (
            "a" + "//2" * 33,
            '"//" at column 98: expected at most 32 nested divisions in a size, got 33; '
            "use fewer different sizes, or add a hyperparameter for a part of it",
        ),
    ],
)
def test_an_invalid_expression_is_refused_with_its_column(text, message):
    with pytest.raises(ExpressionError) as found:
        parse(text)
    assert str(found.value) == message
    assert f"column {found.value.column}:" in message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 10_000 + ")" * 10_000,
        "a" * 10**6,
        "9" * 10**6,
        " " * 10**6,
        "-" * 200,
        "9*" * 99 + "9",
        "(a+b+c+d+1)*" * 16 + "1",
        "a*" * 99 + "a//0",
        "a.b",
        "a[0]",
        "a, b",
        "lambda: 0",
        "__import__('os')",
        "a if b else a",
        "a := 1",
        "a % 2",
        "a ** 2",
        "1.5",
        "1e3",
        "0x10",
        "+a",
        "a b",
        "a)",
        "* a",
        "()",
        "a\t+ 1",
        "a;b",
        "a#b",
        "\uff11",
        "\u0430\u00d7\u0430",
        "\u3164",
        "\u200b",
        "\ud800",
        "\x00",
        "a\u00a0+ 1",
        "\u202ea",
        "\U0001f600",
        "'a'",
        '"',
        "\\",
    ],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(ExpressionError) as found:
        parse(text)
    assert len(str(found.value)) < 300
    assert str(found.value).isprintable()


@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab19+-*/() _.", max_size=220)))
@settings(max_examples=300)
def test_any_text_is_a_size_or_one_typed_error(text):
    try:
        parse(text)
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1


@given(texts)
def test_reading_what_is_shown_gives_the_same_size(text):
    size = read_or_assume(text)
    shown = show(size)
    assume(len(shown) <= 200)
    again = parse(shown)
    assert again is size or (again == size and isinstance(size, int))


@given(texts)
@settings(max_examples=300)
def test_reading_computes_what_python_computes(text):
    size = read_or_assume(text)
    try:
        expected = eval(text, {"__builtins__": {}}, KNOWN)
        computed = evaluate(size, KNOWN)
    except (DimError, ZeroDivisionError):
        assume(False)
    assert computed == expected


NAMES_OF_SCRIPTS = ["ширина", "宽度", "عرض", "πλάτος", "चौड़ाई", "너비", "幅", "breite_größe"]


@pytest.mark.parametrize("text", ["a", "_", "A9", "d_model", "x" * 64, *NAMES_OF_SCRIPTS])
def test_names_are_taken(text):
    assert is_name(unicodedata.normalize("NFKC", text))
    assert parse(f"2 * {text} + 1") == 2 * parse(text) + 1


@pytest.mark.parametrize("name", NAMES_OF_SCRIPTS)
def test_a_shown_size_of_any_script_reads_back(name):
    size = parse(f"({name} + 3 * d) // 2")
    assert parse(show(size)) == size


@pytest.mark.parametrize(("text", "same"), [("e\u0301", "\u00e9"), ("\ufb01", "fi")])
def test_names_that_python_takes_for_one_are_one(text, same):
    assert parse(text) == parse(same)


SYMBOLS = ["\u00d7", "a\u00bd", "\u2212", "\U0001f600", "e\u0301", "\ufb01", "a\u200b", "\u3164"]


@pytest.mark.parametrize("text", ["", "9a", "a\n", "a-b", "a b", "x" * 65, "x" * 10**6, *SYMBOLS])
def test_other_names_are_refused(text):
    assert not is_name(text)
