"""Checks of the ``Config`` on numbers computed from its fields, such as ``d_model ** -0.5``.

Interval arithmetic over the bounds of the fields -> what can go wrong: a divisor of zero, a power
that does not exist, a number outside of the bounds of its parameter.  What cannot is not checked.
"""

import operator
from collections.abc import Callable, Mapping
from itertools import product
from math import floor, inf, isfinite, isnan, nextafter
from sys import float_info

from codegen.planning.plan import ConfigCheck
from codegen.source.bounds_text import outside, span
from nodes.core.graphs.number_expression import NumberExpression, Tree, tree_code
from nodes.core.graphs.parameter_types import Bounds
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import Symbol

Interval = tuple[float, float]
"""The least and the greatest value of a number; infinite where it may overflow or not exist."""

_ANY = (-inf, inf)

_MONOTONIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def number_checks(
    numbers: Mapping[NumberExpression, Bounds],
    bounds_of: Callable[[str], Bounds],
    symbol: Symbol,
) -> list[ConfigCheck]:
    """Plan the checks of numbers.

    Args:
        numbers: the bounds of each.
        bounds_of: returns the bounds of a hyperparameter.
        symbol: returns the source of a hyperparameter.
    """
    checks = _Checks(bounds_of, symbol)
    for number, bounds in numbers.items():
        checks.add(number, bounds)
    return checks.found


class _Checks:
    """Computes the intervals of numbers and their parts; collects the checks that they need."""

    def __init__(self, bounds_of: Callable[[str], Bounds], symbol: Symbol) -> None:
        self._bounds_of, self._symbol = bounds_of, symbol
        self.found: list[ConfigCheck] = []

    def add(self, number: NumberExpression, bounds: Bounds) -> None:
        """Collect the checks of a number."""
        interval = self._visit(number.tree)
        value = number.code(self._symbol)
        if not _are_within(interval, bounds):
            message = f"{value.text} must be a number{span(bounds)}"
            condition = outside(value.text, bounds)
            self._require(condition, message, value, outside("number", bounds))

    def _visit(self, tree: Tree) -> Interval:
        if isinstance(tree, str):
            return _closed(self._bounds_of(tree))
        if not isinstance(tree, tuple):
            return tree, tree
        first = self._visit(tree[1])
        if len(tree) == 2:
            return first if tree[0] == "()" else (-first[1], -first[0])
        second = self._visit(tree[2])
        if tree[0] in _MONOTONIC:
            return _corners(_MONOTONIC[tree[0]], first, second)
        rule = self._power if tree[0] == "**" else self._quotient
        return rule(tree, first, second)

    def _quotient(self, tree: tuple[str, Tree, Tree], top: Interval, divisor: Interval) -> Interval:
        if divisor[0] <= 0 <= divisor[1]:
            self._require_nonzero(tree[2], "== 0")
            return _ANY
        least, most = _corners(operator.truediv, top, divisor)
        whole = tree[0] == "//" and isfinite(least) and isfinite(most)
        return (floor(least), floor(most)) if whole else (least, most)

    def _power(self, tree: tuple[str, Tree, Tree], base: Interval, exponent: Interval) -> Interval:
        if base[0] > 0 or exponent == (0, 0):
            return _corners(operator.pow, base, exponent)
        if base[1] >= 0 and exponent[0] < 0:
            exponent_text = tree_code(tree[2], self._symbol).text
            self._require_nonzero(
                tree[1], f"== 0 > {exponent_text}" if exponent[1] >= 0 else "== 0"
            )
        if base[0] < 0 and not (exponent[0] == exponent[1] and float(exponent[0]).is_integer()):
            power = tree_code(tree, self._symbol)
            message = f"{power.text} must be a real number"
            condition = f"isinstance({power.text}, complex)"
            self._require(condition, message, power, "isinstance(number, complex)")
        return _ANY

    def _require_nonzero(self, tree: Tree, condition: str) -> None:
        value = tree_code(tree, self._symbol)
        text = f"({value.text})" if " " in value.text else value.text
        message = f"{value.text} must not be 0"
        self._require(f"{text} {condition}", message, value, f"number {condition}")

    def _require(self, condition: str, message: str, value: Expr, short: str) -> None:
        message = message.replace("self.", "")
        self.found.append(ConfigCheck(Expr(condition), message, ("number", value), short))


def _closed(bounds: Bounds) -> Interval:
    """Return the least and the greatest finite number within bounds."""
    least, most = max(bounds.least, -float_info.max), min(bounds.most, float_info.max)
    least = nextafter(least, inf) if bounds.open_below and least == bounds.least else least
    most = nextafter(most, -inf) if bounds.open_above and most == bounds.most else most
    return least, most


def _corners(apply: Callable[[float, float], float], first: Interval, second: Interval) -> Interval:
    """Apply an operator that is monotonic in each operand."""
    values = [_finite(apply, a, b) for a, b in product(first, second)]
    return min(values), max(values)


def _finite(apply: Callable[[float, float], float], first: float, second: float) -> float:
    try:
        value = apply(first, second)
    except OverflowError:
        return inf
    return 0.0 if isnan(value) else value  # 0 * inf, whose other corners are the bounds


def _are_within(interval: Interval, bounds: Bounds) -> bool:
    """Check whether all numbers of an interval are finite and within bounds."""
    return all(isfinite(end) and bounds.contains(end) for end in interval)
