"""Unification of patterns with shapes: bindings, or the whole message."""

import re
from operator import add, mul

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodes.core.shapes.dim import divide, evaluate, hyper, show
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import (
    Bindings,
    IndivisibleSize,
    ShapeMismatch,
    SizeMismatch,
    SpreadMismatch,
    axis,
    show_shape,
)
from tests.nodes.shape_cases import (
    BROADCAST_HINTS,
    BROADCAST_MISMATCHES,
    BROADCASTS,
    HINTS,
    MATCHES,
    MISMATCHES,
    VALUES,
    B,
    Case,
    D,
    S,
    T,
)


def run(case: Case, broadcast: bool) -> Bindings:
    dims = Bindings(dict(case.sizes), VALUES, case.spread, dict(case.origins))
    dims.match(parse_pattern(case.pattern), case.shape, "x", broadcast)
    return dims


def check_match(case: Case, broadcast: bool) -> None:
    dims = run(case, broadcast)
    assert dims == Bindings({**case.sizes, **case.bound}, VALUES, case.result)
    assert dims.hints == [*case.hints]
    new = [*case.bound, SPREAD] if case.spread is None and case.result is not None else case.bound
    assert {word: dims.origins[word] for word in new} == dict.fromkeys(new, "x")


@pytest.mark.parametrize("case", (MATCHES | HINTS).values(), ids=(MATCHES | HINTS).keys())
def test_a_shape_binds_the_words_of_a_pattern(case):
    check_match(case, broadcast=False)


@pytest.mark.parametrize(
    "case", (BROADCASTS | BROADCAST_HINTS).values(), ids=(BROADCASTS | BROADCAST_HINTS).keys()
)
def test_a_shape_that_broadcasts_binds_the_words_of_a_pattern(case):
    check_match(case, broadcast=True)


@pytest.mark.parametrize("case", MISMATCHES.values(), ids=MISMATCHES.keys())
def test_a_shape_that_does_not_match_is_refused(case):
    with pytest.raises(ShapeMismatch, match=f"^{re.escape(case.error)}$"):
        run(case, broadcast=False)


@pytest.mark.parametrize("case", BROADCAST_MISMATCHES.values(), ids=BROADCAST_MISMATCHES.keys())
def test_a_shape_that_does_not_broadcast_is_refused(case):
    with pytest.raises(ShapeMismatch, match=f"^{re.escape(case.error)}$"):
        run(case, broadcast=True)


def test_a_size_mismatch_carries_what_remedies_need():
    dims = Bindings({}, VALUES)
    dims.bind("C", 5, "y")
    with pytest.raises(SizeMismatch) as error:
        dims.bind("C", 7, "x")
    found = error.value
    assert (found.word, found.expected, found.actual, found.origin) == ("C", 5, 7, "y")


def test_the_first_port_that_binds_a_word_is_its_origin():
    dims = Bindings({}, VALUES)
    for port in ("y", "x"):
        dims.bind("C", 5, port)
    with pytest.raises(SizeMismatch, match=r"^expected C = 5, as at y, got 7$"):
        dims.bind("C", 7, "z")


def test_a_spread_mismatch_carries_what_remedies_need():
    dims = Bindings({}, VALUES)
    dims.match(parse_pattern(SPREAD), (2, 3), "y")
    with pytest.raises(SpreadMismatch) as error:
        dims.match(parse_pattern(SPREAD), (2, 5), "x")
    found = error.value
    assert (found.expected, found.actual, found.origin) == ((2, 3), (2, 5), "y")


def test_an_indivisible_size_carries_what_remedies_need():
    with pytest.raises(IndivisibleSize) as error:
        Bindings({"heads": 5}, VALUES).match(parse_pattern("(heads D)"), (D,), "x")
    found = error.value
    assert (found.word, found.parts, found.actual, found.origin) == ("heads", 5, D, None)


# -- bindings -----------------------------------------------------------------------------------


def test_a_word_that_is_not_bound_has_no_size():
    dims = Bindings({"C": 5}, VALUES)
    assert "C" in dims and "B" not in dims
    with pytest.raises(KeyError, match=r"^'B'$"):
        dims.fill(parse_pattern("B C"))


def test_a_spread_that_is_not_bound_has_no_shape():
    with pytest.raises(KeyError, match=r"^'\.\.\.'$"):
        Bindings({"C": 5}, VALUES).fill(parse_pattern("... C"))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", ()),
        ("C 2 C", (5, 2, 5)),
        ("(C H)", (15,)),
        ("(2 C H)", (30,)),
        ("...", (7, 11)),
        ("C ... H", (5, 7, 11, 3)),
    ],
)
def test_a_pattern_is_filled_with_sizes(text, shape):
    assert Bindings({"C": 5, "H": 3}, VALUES, (7, 11)).fill(parse_pattern(text)) == shape


@pytest.mark.parametrize(
    ("size", "parts", "quotient"),
    [(15, 3, 5), (D, 3, divide(D, 3)), (6 * T, 2, 3 * T), (D * T, D, T), (7, 1, 7)],
)
def test_a_size_is_split(size, parts, quotient):
    assert Bindings({}, VALUES).split(size, parts, "parts") == quotient


@pytest.mark.parametrize(
    ("size", "parts", "words", "message"),
    [
        (16, 3, "heads", "expected a multiple of heads = 3, got 16"),
        (16, 3, "3", "expected a multiple of 3, got 16"),
        (D, 5, "heads", "expected a multiple of heads = 5, got d = 12"),
        (16, hyper("h"), "heads", "expected a multiple of heads = h = 3, got 16"),
        (16, hyper("h"), "h", "expected a multiple of h = 3, got 16"),
        (16, D + hyper("h"), "heads", "expected a multiple of heads = d + h = 15, got 16"),
        (T, 2, "2", "expected a multiple of 2 in every run, got T"),
        (
            D * T + 2 * T,
            4,
            "4",
            "expected a multiple of 4 in every run, got T * d + 2 * T = 14 * T",
        ),
        (T // 3, 2, "2", "expected a multiple of 2 in every run, got T // 3"),
        (T * S, T + S, "n", "expected a multiple of n = S + T in every run, got S * T"),
    ],
)
def test_a_remainder_of_a_split_is_refused(size, parts, words, message):
    with pytest.raises(IndivisibleSize, match=f"^{re.escape(message)}$"):
        Bindings({}, VALUES).split(size, parts, words)


sums = st.recursive(
    st.sampled_from([D, hyper("h"), 1, 2, 3, D // 2, hyper("h") // 2]),
    lambda part: st.tuples(st.sampled_from((add, mul)), part, part).map(
        lambda drawn: drawn[0](*drawn[1:])
    ),
    max_leaves=5,
)


@settings(max_examples=400)
@given(sums, sums, st.integers(1, 12), st.integers(1, 12))
def test_a_size_is_split_where_its_value_is_a_multiple(size, parts, d, h):
    values = {"d": d, "h": h}
    whole, number = evaluate(size, values), evaluate(parts, values)
    assume(number > 0)
    try:
        quotient = Bindings({}, values).split(size, parts, "parts")
    except IndivisibleSize:
        assert whole % number
    else:
        assert whole % number == 0
        assert evaluate(quotient, values) == whole // number
        assert eval(show(quotient), {"__builtins__": {}}, values) == whole // number


@pytest.mark.parametrize("size", [5, D, 2 * D + 1])
def test_a_size_without_free_sizes_is_static(size):
    Bindings({"C": size, "T": T}, VALUES).require_static(("C",))


@pytest.mark.parametrize("size", [T, 2 * T, T * D, T // 2])
def test_a_size_with_free_sizes_is_not_static(size):
    dims = Bindings({}, VALUES)
    dims.bind("C", size, "y")
    with pytest.raises(SizeMismatch) as error:
        dims.require_static(("C",))
    assert str(error.value) == f"expected a static size for C, an axis of a weight, got {size}"
    assert (error.value.word, error.value.origin) == ("C", "y")
    assert (error.value.expected, error.value.actual) == (None, size)


def test_bindings_are_evaluated_at_the_sizes_of_a_run():
    dims = Bindings({"C": 2 * D, "L": T // 2}, VALUES, (B, T))
    numbers = dims.evaluate({"d": 12, "B": 2, "T": 7})
    assert numbers == Bindings({"C": 24, "L": 3}, {}, (2, 7))
    assert Bindings({"C": D}, VALUES).evaluate({"d": 5}) == Bindings({"C": 5}, {})
    with pytest.raises(KeyError):
        dims.evaluate({"d": 12, "B": 2})


# -- axes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rank", "dim", "index"), [(3, 0, 0), (3, 2, 2), (3, -1, 2), (3, -3, 0), (1, 0, 0), (1, -1, 0)]
)
def test_an_axis_counts_from_either_end(rank, dim, index):
    assert axis((2, 3, 5)[:rank], dim) == index


@pytest.mark.parametrize(
    ("shape", "dim", "message"),
    [
        ((2, 3, 5), 3, "expected at least 4 dimensions for dim 3, got 3: (2, 3, 5)"),
        ((2, 3, 5), -4, "expected at least 4 dimensions for dim -4, got 3: (2, 3, 5)"),
        ((), 0, "expected at least 1 dimensions for dim 0, got 0: ()"),
        ((), -1, "expected at least 1 dimensions for dim -1, got 0: ()"),
    ],
)
def test_an_axis_that_the_shape_lacks_is_refused(shape, dim, message):
    with pytest.raises(ShapeMismatch) as error:
        axis(shape, dim)
    assert str(error.value) == message


# -- any pattern --------------------------------------------------------------------------------

WORDS = ("B", "T", "C", "H", "D")
SIZES = st.one_of(
    st.integers(1, 50),
    st.sampled_from([B, T, S]),
    st.builds(lambda factor, term: factor * D + term, st.integers(1, 5), st.integers(0, 5)),
)
FACTORS = st.one_of(st.sampled_from(WORDS), st.integers(1, 9).map(str))
ITEMS = st.one_of(
    FACTORS, st.lists(FACTORS, min_size=1, max_size=3).map(lambda some: f"({' '.join(some)})")
)


@given(
    before=st.lists(ITEMS, max_size=3),
    after=st.none() | st.lists(ITEMS, max_size=3),
    spread=st.lists(SIZES, max_size=3).map(tuple),
    sizes=st.fixed_dictionaries({word: SIZES for word in WORDS}),
    known=st.sets(st.sampled_from(WORDS)),
)
def test_a_filled_pattern_gives_its_sizes_back(before, after, spread, sizes, known):
    pattern = parse_pattern(" ".join(before if after is None else [*before, SPREAD, *after]))
    for item in pattern.items:
        factors = item if isinstance(item, tuple) else ()
        assume(sum(isinstance(word, str) and word not in known for word in factors) <= 1)
    shape = Bindings(sizes, VALUES, spread).fill(pattern)
    dims = Bindings({word: sizes[word] for word in known}, VALUES)
    dims.match(pattern, shape, "x")
    assert dims.sizes == {word: sizes[word] for word in pattern.words | known}
    assert dims.hints == []
    assert not pattern.spread or dims.spread == spread
    assert dims.fill(pattern) == shape


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((), "()"),
        ((2,), "(2,)"),
        ((B, T, 5), "(B, T, 5)"),
        ((2 * D + 1, D // 5), "(2 * d + 1, d // 5)"),
    ],
)
def test_a_shape_is_written_as_in_pytorch(shape, text):
    assert show_shape(shape) == text
