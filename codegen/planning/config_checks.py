"""What the ``Config`` checks: every value that the check of the model refuses, it refuses too.

The constraints that nodes declare and that shape inference found -> bounds of single fields, and
comparisons of sizes.  What follows from the others is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, lcm

from codegen.check.checked_graph import CheckedGraph
from codegen.check.tied_weights import weight_shape
from codegen.planning.checked_access import inferred
from nodes.core.graphs.node import Node
from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Bounds, Ref
from nodes.core.shapes.constraint import Constraint, Relation, at_least, equal
from nodes.core.shapes.dim import (
    AnyDim,
    Dim,
    Floor,
    Indivisible,
    Name,
    divide,
    fractions,
    from_terms,
    hyper,
)
from nodes.core.shapes.polynomial import ONE, Monomial, Number
from nodes.core.shapes.quotients import coefficients, floor_divisors, quotients
from nodes.core.shapes.size_limits import LARGEST


@dataclass(slots=True)
class ConfigConstraints:
    """The constraints on the hyperparameters of one model.

    Attributes:
        reals: the bounds of each hyperparameter that is a number without being a size.
        numbers: the bounds of each number that is computed from hyperparameters.
        sizes: the hyperparameters that are sizes, or factors of sizes.
        least, most: the bounds of sizes.
        divisions: dividend and divisor of what must leave no remainder.
        equal: pairs of sizes that must be equal.
        above: differences of sizes that must not be negative.
    """

    reals: dict[str, Bounds] = field(default_factory=dict)
    numbers: dict[NumberExpression, Bounds] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    divisions: dict[tuple[AnyDim, AnyDim], None] = field(default_factory=dict)
    equal: dict[tuple[AnyDim, AnyDim], None] = field(default_factory=dict)
    above: dict[Dim, None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, main: CheckedGraph, values: Mapping[str, int], read: frozenset[str]
    ) -> "ConfigConstraints":
        """Collect the constraints of all nodes of a model.

        Args:
            main: its main graph.
            values: the present values of the sizes.
            read: the hyperparameters that the code reads.
        """
        result = cls()
        found: dict[bool, list[Constraint]] = {True: [], False: []}
        known: set[tuple[int, bool]] = set()
        for checked, name in _nodes(main):
            node = checked.graph.nodes[name]
            use = id(checked.nodes[name].inferred), name in checked.used
            if use in known and not node.tied_to:
                continue  # nodes of equal parameters and specs share what was inferred
            known.add(use)
            result._add_numbers(node)
            found[name in checked.used] += _constraints(checked, name, node)
        read = read.union(*(one.hypers for one in found[True] if _is_comparison(one)))
        others = {name: value for name, value in values.items() if name not in read}
        for constraint in (*found[True], *(unused.at(others) for unused in found[False])):
            result.sizes |= constraint.hypers
            result._add(constraint, values)
        return result

    def _add_numbers(self, node: Node) -> None:
        """Collect the bounds of the parameters of a node that are numbers without being sizes."""
        for key, bounds in node.bounds.items():
            value = getattr(node, key)
            if isinstance(value, Ref):
                self.reals[value.name] = _both(bounds, self.reals.get(value.name))
            elif isinstance(value, NumberExpression):
                self.numbers[value] = _both(bounds, self.numbers.get(value))
                for name in value.names:
                    self.reals.setdefault(name, Bounds(-inf, inf))

    def _add(self, constraint: Constraint, values: Mapping[str, int]) -> None:
        if not constraint.hypers:
            return
        left, right = constraint.left, constraint.right
        for divisor in (*floor_divisors(left), *floor_divisors(right)):
            self._add_order(divisor - 1)
        match constraint.relation:
            case Relation.MULTIPLE:
                try:
                    pairs = _divisions(left, right)
                    self.divisions.update(dict.fromkeys(filter(_are_static, pairs)))
                except Indivisible:  # a rounded size of a run, exact at the present values
                    self.equal.update(dict.fromkeys(_present(constraint, values)))
            case Relation.EQUAL:
                pairs = _equalities(left, right, values)
                self.equal.update(dict.fromkeys(filter(_are_static, pairs)))
            case Relation.AT_LEAST:
                self._add_order(left - right)

    def _add_order(self, difference: AnyDim) -> None:
        """Require a difference not to be negative; a bound if it has one hyperparameter."""
        if not isinstance(difference, Dim) or difference.frees:
            return
        factors = {monomial: number for monomial, number in difference.terms if monomial != ONE}
        constant = dict(difference.terms).get(ONE, 0)
        ((monomial, factor), *others) = factors.items()
        (name, *more) = difference.hypers
        if others or more or from_terms([(monomial, 1)]) != hyper(name):
            self.above[difference] = None
        elif factor > 0:
            self.least[name] = max(self.least.get(name, -LARGEST), -int(constant // factor))
        else:
            self.most[name] = min(self.most.get(name, LARGEST), int(constant // -factor))

    def orders(self) -> Iterator[tuple[AnyDim, AnyDim, int]]:
        """Yield sizes, others, and by how much at least the first exceed them."""
        for difference in self.above:
            if not self._is_implied(difference):
                common = lcm(*(number.denominator for _, number in difference.terms))
                terms = [(monomial, int(number * common)) for monomial, number in difference.terms]
                positive = [(m, number) for m, number in terms if m != ONE and number > 0]
                negative = [(m, -number) for m, number in terms if m != ONE and number < 0]
                yield from_terms(positive), from_terms(negative), -dict(terms).get(ONE, 0)

    def _is_implied(self, difference: Dim) -> bool:
        """Check whether a difference is never negative where the bounds of its names hold."""
        total = 0
        for top, bottom in fractions(difference):
            terms = top.terms if isinstance(top, Dim) else frozenset({(ONE, top)})
            named = [self._smallest(m, n) for m, n in terms if m != ONE]
            if any(value is None for value in named):
                return False
            constant = int(dict(terms).get(ONE, 0))
            smallest = sum(value or 0 for value in named) + constant
            # A quotient without remainder of a positive size is at least 1.
            total += smallest if bottom == 1 else int(smallest > 0)
        return total >= 0

    def _smallest(self, monomial: Monomial[Name | Floor], number: Number) -> int | None:
        """Return a lower bound of a term; None if it may be negative."""
        product = int(number)
        for atom, exponent in monomial:
            if isinstance(atom, Name):
                product *= max(self.least.get(atom.text, 0), 0) ** exponent
                known = self.least.get(atom.text, -1) >= 0
            else:
                product = 0
                known = all(self._is_never_negative(part) for part in atom)
            if not known or number < 0:
                return None
        return product

    def _is_never_negative(self, size: AnyDim) -> bool:
        if isinstance(size, Dim):
            return all(self._smallest(*term) is not None for term in size.terms)
        return size >= 0

    def bounds(self, name: str) -> Bounds:
        """Return the bounds of a hyperparameter."""
        real = self.reals.get(name, Bounds(-inf, inf))
        least, most = self.least.get(name, -inf), self.most.get(name, inf)
        return _both(real, Bounds(least, most))

    def needed_divisions(self) -> Iterator[tuple[AnyDim, AnyDim]]:
        """Yield dividends and divisors, without the divisions that follow from other checks."""
        fixed = {size for size, value in self.equal if not isinstance(value, Dim)}
        for dividend, divisor in self.divisions:
            names = [
                hyper(n)
                for size in (dividend, divisor)
                if isinstance(size, Dim)
                for n in size.hypers
            ]
            if not fixed.issuperset(names) and not any(
                whole == dividend and other != divisor and _is_multiple(other, divisor)
                for whole, other in self.divisions
            ):
                yield dividend, divisor


def _is_comparison(constraint: Constraint) -> bool:
    """Check whether a constraint is no bound of a single hyperparameter."""
    return constraint.relation is not Relation.AT_LEAST or len(constraint.hypers) > 1


def _is_multiple(size: AnyDim, divisor: AnyDim) -> bool:
    return size // divisor * divisor == size


def _both(bounds: Bounds, other: Bounds | None) -> Bounds:
    """Intersect two intervals."""
    if other is None:
        return bounds
    least, most = max(bounds.least, other.least), min(bounds.most, other.most)
    pair = (bounds, other)
    open_below = any(one.open_below for one in pair if one.least == least)
    open_above = any(one.open_above for one in pair if one.most == most)
    return Bounds(least, most, open_below, open_above)


def _nodes(main: CheckedGraph) -> Iterator[tuple[CheckedGraph, str]]:
    """Iterate over the nodes of all graphs, each graph once."""
    pending, seen = [main], set()
    while pending:
        checked = pending.pop(0)
        if id(checked) not in seen:
            seen.add(id(checked))
            yield from ((checked, name) for name in checked.order)
            inner = (checked.nodes[name].inner for name in checked.order)
            pending += [graph for graph in inner if graph is not None]


def _constraints(checked: CheckedGraph, name: str, node: Node) -> Iterator[Constraint]:
    """Yield the constraints of one node: of its parameters, its shapes and its tie."""
    for key, bounds in node.bounds.items():
        if isinstance(value := getattr(node, key), Dim) and bounds.least > -LARGEST:
            yield at_least(value, int(bounds.least))
    yield from (rule.constraint for rule in node.rules())
    yield from inferred(checked.nodes[name]).dims.constraints
    if node.tied_to in checked.graph.nodes:
        shape, other = weight_shape(checked, name), weight_shape(checked, node.tied_to)
        if shape is not None and other is not None:
            yield from (equal(a, b) for a, b in zip(shape, other, strict=True) if a != b)


def _is_static(size: AnyDim) -> bool:
    """Return whether a size is the same in every run."""
    return isinstance(size, int) or not size.frees


def _are_static(pair: tuple[AnyDim, AnyDim]) -> bool:
    """Return whether two sizes are the same in every run."""
    return all(map(_is_static, pair))


def _divisions(left: AnyDim, right: AnyDim) -> Iterable[tuple[AnyDim, AnyDim]]:
    """List the divisions of hyperparameters that are exact where one of sizes is."""
    quotient = divide(left, right)
    if quotient * right != left:  # by a sum, which is no factor
        return [(part, right) for part in coefficients(left)]
    return [pair for part in coefficients(quotient) for pair in quotients(part)]


def _equalities(
    left: AnyDim, right: AnyDim, values: Mapping[str, int]
) -> Iterable[tuple[AnyDim, AnyDim]]:
    """List the equalities of hyperparameters that make two sizes equal in every run."""
    constraint = equal(left, right)
    difference = left - right
    if not isinstance(difference, Dim):
        return []
    if not difference.frees:
        if _is_static(left) and _is_static(right):
            return [(left, right) if isinstance(left, Dim) else (right, left)]
        return [(difference, 0)]
    parts = coefficients(difference)
    if all(equal(part, 0).holds(values) for part in parts):
        return [(part, 0) for part in parts]
    return _present(constraint, values)


def _present(constraint: Constraint, values: Mapping[str, int]) -> list[tuple[AnyDim, AnyDim]]:
    """List the equalities that keep the present values of the hyperparameters."""
    return [(hyper(name), values[name]) for name in sorted(constraint.hypers)]
