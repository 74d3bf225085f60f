"""Python expressions have the structure they were built with, whatever texts they contain."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.core.graphs.python_expression import (
    call,
    compare,
    conditional,
    generator,
    literal,
    name,
    parse_arithmetic,
    sum_of,
    tuple_of,
)

a, b, c, x = name("a"), name("b"), name("c"), name("x")

HOSTILE = [
    "');__import__('os').system('touch x')#",
    '"""',
    "C:\\Users\\new",
    "\\N{DASH}\\",
    "a\nb\r\0\u2028",
    "coding: utf-7",
    "\u202e\u3164\ud800",
    "'\"",
]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (call("nn.Linear", a, 2, bias=False), "nn.Linear(a, 2, bias=False)"),
        (call("F.gelu", x, approximate="tanh"), 'F.gelu(x, approximate="tanh")'),
        (call(name("self.norm"), x).method("float"), "self.norm(x).float()"),
        (call("f", function=a), "f(function=a)"),
        (call(call("f", a), b), "f(a)(b)"),
        (x.method("view", (a, -1)).attr("T"), "x.view((a, -1)).T"),
        ((a + b).method("sum"), "(a + b).sum()"),
        ((-a).attr("T"), "(-a).T"),
        (literal(2).method("f"), "(2).f()"),
        (a + b * c - 1, "a + b * c - 1"),
        (a - (b + c), "a - (b + c)"),
        ((a + b) + c, "a + b + c"),
        (a * (b // c), "a * (b // c)"),
        (2 * a / 3 @ b, "2 * a / 3 @ b"),
        (1 - a, "1 - a"),
        (a + -1, "a + -1"),
        (-a * b, "-a * b"),
        (-(a * b), "-(a * b)"),
        (-literal(-1), "--1"),
        (~(a & b) | c, "~(a & b) | c"),
        ((a | b) & c, "(a | b) & c"),
        (sum_of(a, b, c - 1, a * b, -c), "a + b + (c - 1) + a * b + -c"),
        (sum_of(a + b, c), "a + b + c"),
        (sum_of(a), "a"),
        (compare(a, "is not", None), "a is not None"),
        (compare(compare(a, "==", b), "!=", c + 1), "(a == b) != c + 1"),
        (conditional(a, b, c) + 1, "(b if a else c) + 1"),
        (conditional(a, 1, conditional(b, 2, 3)), "1 if a else 2 if b else 3"),
        (
            conditional(conditional(a, b, c), conditional(a, b, c), 0),
            "(b if a else c) if (b if a else c) else 0",
        ),
        (tuple_of(a, tuple_of(b, 1)), "(a, (b, 1))"),
        (tuple_of(a), "(a,)"),
        (tuple_of(), "()"),
        (call("list", generator(a + 1, "a", b)), "list(a + 1 for a in b)"),
        (call("f", generator(a, "a", b), 1), "f((a for a in b), 1)"),
        (call("f", key=generator(a, "a", b)), "f(key=(a for a in b))"),
        (x[-1], "x[-1]"),
        (x[:, 0], "x[:, 0]"),
        (x[:, :, None], "x[:, :, None]"),
        (x[..., a], "x[..., a]"),
        (x[a:b], "x[a:b]"),
        (x[a + 1 :], "x[a + 1 :]"),
        (x[: a.attr("n")], "x[: a.n]"),
        (x[a : a + b], "x[a : a + b]"),
        (x[::2], "x[::2]"),
        (x[a + 1 :: 2], "x[a + 1 :: 2]"),
        (x[-a:~b], "x[-a:~b]"),
        (x[tuple_of(a, b)], "x[(a, b)]"),
        (x["key"], 'x["key"]'),
        ((a + b)[0], "(a + b)[0]"),
        (a[b][c], "a[b][c]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_has_the_brackets_it_needs(expression, text):
    assert expression.text == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (0, "0"),
        (-7, "-7"),
        (2**53 - 1, "9007199254740991"),
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (1e22, "1e22"),
        (-1.5e300, "-1.5e300"),
        (-0.0, "-0.0"),
        ("same", '"same"'),
        ('say "hi"', "'say \"hi\"'"),
        ('it\'s "so"', r"""'it\'s "so"'"""),
        ("it's 5\"", r'''"it's 5\""'''),
        ("é\n", r'"\xe9\n"'),
        ((1, ("a", None)), '(1, ("a", None))'),
        ((3,), "(3,)"),
        ((), "()"),
    ],
    ids=repr,
)
def test_a_literal_is_written_as_the_formatter_writes_it(value, text):
    assert literal(value).text == text


NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = st.one_of(st.text(st.characters()), st.text("'\"\\\n#"), st.sampled_from(HOSTILE))
ATOMS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=8)


@given(VALUES)
def test_a_literal_reads_back_as_itself(value):
    text = literal(value).text
    assert text.isascii() and "\n" not in text
    assert repr(ast.literal_eval(text)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), float("-inf"), 2**53, -(2**53), 10**5000],
    ids=["nan", "infinity", "minus infinity", "large", "negative", "huge"],
)
def test_a_number_without_an_exact_literal_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        literal(value)


@pytest.mark.parametrize("value", [b"x", [1], {}, 1j, object(), ([],)])
def test_a_value_of_another_kind_is_refused(value):
    with pytest.raises(TypeError):
        literal(value)


@pytest.mark.parametrize("text", ["", "a b", "a\n", "a.", "é", "f()", "a;b", *HOSTILE])
def test_text_is_no_name_unless_it_is_one(text):
    with pytest.raises(AssertionError):
        name(text)
    with pytest.raises(AssertionError):
        x.attr(text)
    with pytest.raises(AssertionError):
        call("f", **{text: 1})


def pairs(inner):
    """Build each operation twice: as an expression, and as text with every bracket there can be."""
    two, three = st.tuples(inner, inner), st.tuples(inner, inner, inner)
    return st.one_of(
        two.map(lambda p: (p[0][0] + p[1][0], f"({p[0][1]}) + ({p[1][1]})")),
        two.map(lambda p: (p[0][0] - p[1][0], f"({p[0][1]}) - ({p[1][1]})")),
        two.map(lambda p: (p[0][0] * p[1][0], f"({p[0][1]}) * ({p[1][1]})")),
        two.map(lambda p: (p[0][0] // p[1][0], f"({p[0][1]}) // ({p[1][1]})")),
        two.map(lambda p: (p[0][0] & p[1][0], f"({p[0][1]}) & ({p[1][1]})")),
        two.map(lambda p: (p[0][0] | p[1][0], f"({p[0][1]}) | ({p[1][1]})")),
        two.map(lambda p: (compare(p[0][0], "<", p[1][0]), f"({p[0][1]}) < ({p[1][1]})")),
        two.map(lambda p: (p[0][0][p[1][0] :], f"({p[0][1]})[({p[1][1]}):]")),
        two.map(lambda p: (call("f", p[0][0], k=p[1][0]), f"f(({p[0][1]}), k=({p[1][1]}))")),
        two.map(lambda p: (p[0][0].method("m", p[1][0]), f"({p[0][1]}).m(({p[1][1]}))")),
        two.map(lambda p: (tuple_of(p[0][0], p[1][0]), f"(({p[0][1]}), ({p[1][1]}))")),
        inner.map(lambda p: (-p[0], f"-({p[1]})")),
        inner.map(lambda p: (~p[0], f"~({p[1]})")),
        three.map(
            lambda p: (
                conditional(p[0][0], p[1][0], p[2][0]),
                f"({p[1][1]}) if ({p[0][1]}) else ({p[2][1]})",
            )
        ),
        three.map(
            lambda p: (
                sum_of(p[0][0], p[1][0], p[2][0]),
                f"(({p[0][1]}) + ({p[1][1]})) + ({p[2][1]})",
            )
        ),
    )


LEAVES = st.sampled_from([(a, "a"), (b, "b"), (literal(-2), "-2"), (literal(0.5), "0.5")])


@given(st.recursive(LEAVES, pairs, max_leaves=12))
def test_leaving_out_brackets_changes_nothing(pair):
    expression, bracketed = pair
    assert ast.dump(ast.parse(expression.text)) == ast.dump(ast.parse(bracketed))


@pytest.mark.parametrize(
    ("expression", "depth"),
    [
        (a, 0),
        (call("f", a), 1),
        (call("f", call("g", a), b), 2),
        (call("f", a).method("g"), 2),
        (call("f", a)[:, call("g", b) :], 1),
        (call("f", a).attr("T"), 1),
        (sum_of(a, call("f", b), call("f", call("g", c))), 2),
        (-conditional(call("f", a), b, c), 1),
    ],
    ids=lambda value: "",
)
def test_depth_counts_nested_calls(expression, depth):
    assert expression.depth == depth


@pytest.mark.parametrize(
    "text",
    ["4 * config.d_model", "a // b * c", "a - (b - 1)", "(a + b) // 2", "-a + 3", "7"],
)
def test_arithmetic_is_read_as_written(text):
    assert parse_arithmetic(text).text == text


def test_arithmetic_drops_idle_brackets():
    assert parse_arithmetic("(a) + ((b * c))").text == "a + b * c"


@pytest.mark.parametrize("text", ["f(a)", "a ** b", "a[0]", "lambda: a", "'a'", "1.5", "a < b"])
def test_arithmetic_is_nothing_but_arithmetic(text):
    with pytest.raises((AssertionError, KeyError)):
        parse_arithmetic(text)


def test_a_sum_of_thousands_is_one_flat_expression():
    terms = [name(f"t{i}") for i in range(5_000)]
    assert sum_of(*terms).text == " + ".join(term.text for term in terms)


def test_an_expression_is_a_value():
    assert a + 1 == name("a") + 1
    assert {a + 1: "seen"}[name("a") + 1] == "seen"
    with pytest.raises(AttributeError):
        a.text = "b"
    with pytest.raises(TypeError):
        iter(a)
