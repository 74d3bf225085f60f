"""Symbolic sizes: exact algebra, and source that computes the same numbers."""

import ast
import copy
import operator
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodes.core.shapes.dim import (
    ATOM,
    PRODUCT,
    SUM,
    Dim,
    Indivisible,
    code,
    divide,
    evaluate,
    free,
    hyper,
    show,
    substitute,
)
from nodes.core.shapes.quotients import quotients
from nodes.core.shapes.size_comparison import Match, same
from nodes.core.shapes.size_limits import DimError

ROOT = Path(__file__).parents[2]
D, H, HIDDEN = hyper("d_model"), hyper("num_heads"), hyper("hidden")
B, T = free("B"), free("T")
NAMES = ("d_model", "num_heads", "hidden", "B", "T")

values = st.fixed_dictionaries({name: st.integers(1, 12) for name in NAMES})
atoms = st.sampled_from([D, H, HIDDEN, B, T])


def or_assume(compute, *operands):
    """Compute, or give up on operands that give no size."""
    try:
        return compute(*operands)
    except DimError:
        assume(False)


@st.composite
def joined(draw, parts, operators):
    apply, left, right = draw(st.sampled_from(operators)), draw(parts), draw(parts)
    assume(right != 0 or apply in ARITHMETIC[:3])
    return or_assume(apply, left, right)


ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.floordiv)
leaves = st.one_of(atoms, st.integers(-5, 9))
polynomials = st.recursive(leaves, partial(joined, operators=ARITHMETIC[:3]), max_leaves=6)
sizes = st.recursive(leaves, partial(joined, operators=(*ARITHMETIC, divide)), max_leaves=8)


def plain(name, is_free):
    return name


@given(polynomials, polynomials, polynomials)
def test_equal_sums_are_one_object(a, b, c):
    for left, right in [(a + b, b + a), (a * (b + c), a * b + a * c), (a - b, -(b - a))]:
        assert left is right or (type(left) is int and left == right)


@given(sizes)
def test_what_cancels_is_a_number(a):
    assert type(a - a) is int
    assert a - a == 0
    assert a * 0 == 0
    assert a + 0 == a


@pytest.mark.parametrize("apply", ARITHMETIC)
@given(a=sizes, b=sizes, known=values)
def test_operators_compute_what_python_computes(apply, a, b, known):
    assume(isinstance(a, Dim) or isinstance(b, Dim))
    x, y = or_assume(evaluate, a, known), or_assume(evaluate, b, known)
    assume(apply is not operator.floordiv or y)
    assert or_assume(evaluate, or_assume(apply, a, b), known) == apply(x, y)


@settings(max_examples=300)
@given(sizes, values)
def test_source_computes_the_size(dim, known):
    expected = or_assume(evaluate, dim, known)
    assert eval(code(dim, plain)[0], {"__builtins__": {}}, known) == expected


@given(sizes)
def test_source_has_the_returned_precedence(dim):
    text, precedence = code(dim, plain)
    places = {SUM: ["{} + x"], PRODUCT: ["x - {}", "{} // x"], ATOM: ["x // {}"]}
    for place in (place for least in places if precedence >= least for place in places[least]):
        bare, bracketed = (ast.parse(place.format(t)) for t in (text, f"({text})"))
        assert ast.dump(bare) == ast.dump(bracketed)


@given(sizes, values)
def test_a_size_exists_where_its_quotients_are_exact(dim, known):
    def exists(size):
        try:
            return evaluate(size, known) is not None
        except Indivisible as error:
            assume(error.values[1] != 0)
            return False

    def even(top, bottom):
        return exists(top) and exists(bottom) and not evaluate(top, known) % evaluate(bottom, known)

    assert exists(dim) == all(even(*pair) for pair in quotients(dim))


@given(sizes, values)
def test_substitution_agrees_with_evaluation(dim, known):
    hypers = {name: known[name] for name in ("d_model", "num_heads", "hidden")}
    expected = or_assume(evaluate, dim, known)
    assert evaluate(or_assume(substitute, dim, hypers), known) == expected


@given(polynomials, st.sampled_from([D, H, T, 2 * D, D * H, 3, D * D * T]))
def test_a_quotient_times_its_divisor_is_the_dividend(a, b):
    assert or_assume(divide, a, b) * b == a


@given(polynomials, polynomials)
def test_a_factor_divides_without_a_floor(a, b):
    assume(b != 0)
    assert or_assume(operator.mul, a, b) // b == a


@given(sizes)
def test_copies_are_the_same_object(dim):
    twins = [copy.copy(dim), copy.deepcopy([dim])[0], pickle.loads(pickle.dumps(dim))]
    assert all(twin is dim for twin in twins) or isinstance(dim, int)


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (7, "7"),
        (-7, "-7"),
        (D, "d_model"),
        (D * 4, "4 * d_model"),
        (1 + HIDDEN * 2, "2 * hidden + 1"),
        (1 - D, "1 - d_model"),
        (-D, "-d_model"),
        (-2 * D, "-2 * d_model"),
        (-D - 1, "-d_model - 1"),
        (H * D, "d_model * num_heads"),
        (H + D * D + D + 3, "d_model * d_model + d_model + num_heads + 3"),
        ((T - 3) // 2 + 1, "(T - 1) // 2"),
        (-(T // 2), "-(T // 2)"),
        (-T // 2, "-T // 2"),
        (3 * (T // 2), "3 * (T // 2)"),
        (3 * T // 2, "3 * T // 2"),
        (T // (2 * D), "T // (2 * d_model)"),
        (T // (D // 2), "T // (d_model // 2)"),
        (T // 2 // 3, "T // 2 // 3"),
        (7 // T, "7 // T"),
        (divide(D, H), "d_model // num_heads"),
        (divide(4 * D, H), "4 * d_model // num_heads"),
        (divide(D, 2 * H), "d_model // (2 * num_heads)"),
        (divide(D + 1, H), "(d_model + 1) // num_heads"),
        (divide(D, H) + 1, "d_model // num_heads + 1"),
        (1 - divide(D, H), "1 - d_model // num_heads"),
        (-divide(D, H), "-d_model // num_heads"),
        (-divide(T // D, H), "-(T // d_model) // num_heads"),
        (divide(D, 2) + divide(T, 3), "T // 3 + d_model // 2"),
        (divide(H + 4, 2 * H), "(num_heads + 4) // (2 * num_heads)"),
        (divide(D, 2) + divide(D, H), "(d_model * num_heads + 2 * d_model) // (2 * num_heads)"),
        (divide(divide(D, H) + 1, 2), "(d_model + num_heads) // (2 * num_heads)"),
    ],
)
def test_sizes_read_well(dim, text):
    assert show(dim) == text
    assert str(dim) == text


def test_splitting_heads_and_merging_them_gives_the_width_back():
    assert H * divide(D, H) is D
    assert divide(D, H) * H is D
    assert divide(D, divide(D, H)) is H


def test_floors_are_exact_where_algebra_shows_it():
    assert 4 * D // 2 is 2 * D
    assert D * H // H is D
    assert (D + 1) * (T + 2) // (T + 2) is D + 1
    assert 2 * divide(D, H) // 2 is divide(D, H)
    assert D // D == 1
    assert 0 // D == 0


def test_floors_are_opaque_where_a_remainder_may_be_left():
    assert D // H is not divide(D, H)
    assert D // H * H is not D
    assert (2 * D + 1) // H is not 2 * D // H


def test_a_floor_holds_no_multiple_of_the_number_that_it_divides_by():
    assert (2 * D + 1) // 2 is D
    assert (T - 1) // 2 + 1 is (T + 1) // 2
    assert (4 * T + 2 * D + 7) // 4 is T + 1 + (2 * D + 3) // 4
    assert (divide(D, 2) + T) // 2 is not divide(D, 4) + T // 2


def test_a_quotient_of_too_many_terms_stays_a_floor():
    power = chain(T, lambda size: size * T, 69)
    assert show((power - 1) // (T - 1)) == f"({show(power)} - 1) // (T - 1)"


def test_free_sizes_and_hyperparameters_of_one_name_differ():
    assert free("T") is not hyper("T")
    assert free("T") is free("T")
    assert same(free("T"), hyper("T"), {}) is Match.NO


def test_a_size_knows_its_names():
    size = divide(D, H) + (T - HIDDEN) // 2
    assert size.hypers == {"d_model", "num_heads", "hidden"}
    assert size.frees == {"T"}


def test_the_symbol_learns_which_names_are_free():
    size = D * (T // 2)
    source = code(size, lambda name, is_free: f"x.{name}" if is_free else f"config.{name}")
    assert source == ("(x.T // 2) * config.d_model", PRODUCT)


@pytest.mark.parametrize(
    ("dim", "precedence"),
    [(7, ATOM), (-7, PRODUCT), (D, ATOM), (-D, PRODUCT), (T // 2, PRODUCT), (D + 1, SUM)],
)
def test_names_and_numbers_have_the_highest_precedence(dim, precedence):
    assert code(dim, plain)[1] == precedence


def test_quotients_are_listed_inner_ones_first():
    size = divide(D, H) // 2 + divide(HIDDEN * T, divide(D, H) // 2)
    assert quotients(size) == ((D, H), (HIDDEN * T, divide(D, H) // 2))
    assert quotients(D // H) == ()
    assert quotients(7) == ()


def test_values_leave_free_sizes_and_unknown_names():
    assert substitute(D * T + H, {"d_model": 3}) is 3 * T + H
    assert substitute(divide(D, H), {"num_heads": 4}) is divide(D, 4)
    assert substitute(divide(D, H), {"d_model": 12, "num_heads": 4}) == 3
    assert substitute((D + 1) // H, {"d_model": 12, "num_heads": 4}) == 3
    assert substitute(T, {"T": 5}) is T


def test_the_error_of_a_remainder_states_the_numbers():
    with pytest.raises(Indivisible) as found:
        substitute(divide(D, H) + T, {"d_model": 100, "num_heads": 3})
    assert (found.value.numerator, found.value.denominator) == ("d_model", "num_heads")
    assert found.value.values == (100, 3)
    assert str(found.value) == (
        "expected a multiple of num_heads = 3, got d_model = 100; change one of them"
    )


@pytest.mark.parametrize(
    "compute",
    [
        lambda: divide(7, 2),
        lambda: divide(3 * D, 2 * D),
        lambda: divide(T + 1, 2) - divide(T, 2),
        lambda: D // 0,
        lambda: divide(D, 0),
        lambda: divide(0, 0),
        lambda: substitute(T // H, {"num_heads": 0}),
        lambda: substitute(divide(T, H), {"num_heads": 0}),
        lambda: substitute(D // H, {"d_model": 1, "num_heads": 0}),
    ],
)
def test_impossible_divisions_are_refused(compute):
    with pytest.raises(Indivisible):
        compute()


def test_sizes_compare_always_by_value_or_not():
    known = {"d_model": 8, "num_heads": 2, "hidden": 4}
    assert same(D, D, known) is Match.EXACT
    assert same(3, 3, known) is Match.EXACT
    assert same(D, 2 * HIDDEN, known) is Match.BY_VALUE
    assert same(D, 8, known) is Match.BY_VALUE
    assert same(D * T, 8 * T, known) is Match.BY_VALUE
    assert same(D, H, known) is Match.NO
    assert same(T, B, known) is Match.NO
    assert same(divide(D, 3), H, known) is Match.NO


def test_an_exact_quotient_equals_the_floor_written_like_it():
    assert same(divide(D, H), D // H, {}) is Match.EXACT
    assert same(2 * divide(D, H), 2 * (D // H), {}) is Match.NO


def chain(size, step, times):
    for _ in range(times):
        size = step(size)
    return size


@pytest.mark.parametrize(
    "compute",
    [
        lambda: sum(hyper(f"n{i}") for i in range(65)),
        lambda: D + 2**53,
        lambda: D * 2**53,
        lambda: divide(D, 2**53),
        lambda: chain(T, lambda size: size // 2, 33),
        lambda: chain(T, lambda size: size * size, 40),
        lambda: chain(T, lambda size: size // (size + 1), 20),
        lambda: chain(T + 1, lambda size: size * size, 9),
        lambda: substitute(D * H, {"d_model": 2**40, "num_heads": 2**40}),
        lambda: substitute(D, {"d_model": 2**60}),
        lambda: substitute(D, {"d_model": True}),
        lambda: substitute(D, {"d_model": 0.5}),
        lambda: substitute(D, {"d_model": "8"}),
    ],
)
def test_sizes_out_of_bounds_are_refused(compute):
    with pytest.raises(DimError):
        compute()


def test_sizes_within_bounds_are_taken():
    assert len(sum(hyper(f"n{i}") for i in range(64)).terms) == 64
    assert chain(T, lambda size: size // 2, 32).depth == 32
    assert show(D + (2**53 - 1)) == "d_model + 9007199254740991"


@pytest.mark.parametrize("other", [1.0, True, "1", None])
def test_only_whole_numbers_join_sizes(other):
    assert D + 1 is 1 + D
    for compute in (lambda: D + other, lambda: other * D, lambda: D - other, lambda: other // D):
        with pytest.raises(TypeError):
            compute()


def test_a_size_cannot_be_changed():
    with pytest.raises(AttributeError):
        D.terms = frozenset()


def test_threads_share_one_object():
    def compute(_):
        return [hyper(f"shared{i}") * T + i for i in range(200)]

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(compute, range(8))
    assert all(a is b for other in others for a, b in zip(first, other, strict=True))


def test_text_does_not_depend_on_hashing():
    program = (
        "from nodes.core.shapes.dim import *\n"
        "from nodes.core.shapes.quotients import quotients\n"
        "d, h, t = hyper('d'), hyper('h'), free('t');"
        "s = (d + h + t + 1) * (d - h) // (t + h) * d + divide(d + t, h) + divide(h, 2 * d);"
        "print(s, quotients(s + divide(h, 3)), (s * s // (s * h)))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1


def test_a_pickle_is_the_same_size_in_another_process():
    size = divide(D, H) + (T - 3) // 2
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        input=pickle.dumps(size),
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode().strip() == show(size)
