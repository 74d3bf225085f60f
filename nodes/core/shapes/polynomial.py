"""Sums of products with rational coefficients and whole, possibly negative exponents.

The factors of products, the atoms, are of any hashable type.
"""

from collections.abc import Collection, Hashable, Iterable
from fractions import Fraction
from math import gcd, lcm
from typing import Never, TypeVar

Atom = TypeVar("Atom", bound=Hashable)

Monomial = frozenset[tuple[Atom, int]]
"""A product: each atom with its exponent, which is not zero."""

Number = int | Fraction
Term = tuple[Monomial[Atom], Number]
Terms = Collection[Term[Atom]]
"""A sum; no monomial occurs twice."""

Denominator = tuple[Monomial[Atom], int]

ONE: Monomial[Never] = frozenset()


def add(left: Terms[Atom], right: Terms[Atom]) -> Terms[Atom]:
    """Add; terms that cancel are kept, with the coefficient 0."""
    total = dict(left)
    for monomial, number in right:
        total[monomial] = total.get(monomial, 0) + number
    return total.items()


def multiply(left: Terms[Atom], right: Terms[Atom]) -> Terms[Atom]:
    """Multiply; terms that cancel are kept, with the coefficient 0."""
    total: dict[Monomial[Atom], Number] = {}
    for monomial, number in left:
        for other, factor in right:
            product = join(monomial, other)
            total[product] = total.get(product, 0) + number * factor
    return total.items()


def join(left: Monomial[Atom], right: Monomial[Atom]) -> Monomial[Atom]:
    """Multiply two products."""
    if not (left and right):
        return left or right
    exponents = dict(left)
    for atom, exponent in right:
        exponents[atom] = exponents.get(atom, 0) + exponent
    return frozenset((atom, exponent) for atom, exponent in exponents.items() if exponent)


def reciprocal(term: Term[Atom]) -> Term[Atom]:
    """Return the reciprocal of a term."""
    monomial, number = term
    return frozenset((atom, -exponent) for atom, exponent in monomial), 1 / Fraction(number)


def atoms(terms: Iterable[Term[Atom]]) -> set[Atom]:
    """Return the atoms of a sum."""
    return {atom for monomial, _ in terms for atom, _ in monomial}


def denominator(terms: Iterable[Term[Atom]]) -> Denominator[Atom]:
    """Return the least common denominator."""
    number = 1
    powers: dict[Atom, int] = {}
    for monomial, coefficient in terms:
        number = lcm(number, coefficient.denominator)
        for atom, exponent in monomial:
            if exponent < 0:
                powers[atom] = max(powers.get(atom, 0), -exponent)
    return frozenset(powers.items()), number


def exact_quotient(top: Terms[Atom], bottom: Terms[Atom], steps: int) -> Terms[Atom] | None:
    """Divide by long division in at most ``steps`` steps.

    None where a remainder is left, or where a step divides by a factor that the denominator of
    ``top`` lacks, since the quotient of whole numbers by it need not be whole.
    """
    rest, divisor = dict(top), dict(bottom)
    quotient: list[Term[Atom]] = []
    order = [*atoms([*top, *bottom])]

    def rank(monomial: Monomial[Atom]) -> list[int]:
        exponents = dict(monomial)
        return [exponents.get(atom, 0) for atom in order]

    leading = max(divisor, key=rank)
    inverse = reciprocal((leading, divisor[leading]))
    allowed = denominator(top)
    while rest and len(quotient) < steps:
        highest = max(rest, key=rank)
        step = join(highest, inverse[0]), rest[highest] * inverse[1]
        if not _divides(denominator([step]), allowed):
            return None
        quotient.append(step)
        taken = multiply([step], [(monomial, -number) for monomial, number in bottom])
        rest = {monomial: number for monomial, number in add(rest.items(), taken) if number}
    return None if rest else quotient


def split_multiples(terms: Terms[Atom], number: int) -> tuple[Terms[Atom], Terms[Atom]]:
    """Split a sum into whole multiples of a number, divided by it, and a rest.

    The constant of the rest lies from 0 to below ``number``.
    """
    multiples: list[Term[Atom]] = []
    rest: list[Term[Atom]] = []
    for monomial, coefficient in terms:
        whole = isinstance(coefficient, int) and all(power > 0 for _, power in monomial)
        quotient, remainder = divmod(coefficient, number) if whole else (0, coefficient)
        if remainder and monomial:
            rest.append((monomial, coefficient))
        else:
            multiples.append((monomial, quotient))
            rest.append((monomial, remainder))
    return multiples, rest


def fractions(terms: Terms[Atom]) -> list[tuple[Terms[Atom], Denominator[Atom]]]:
    """Split a sum into fractions, each a numerator without fractions over one denominator.

    Fractions whose denominators may share a factor become one, since only their sum has to be
    whole: ``a / 2 + b / 2`` is ``(a + b) / 2`` and ``1 / 2 + 2 / a`` is ``(a + 4) / (2 * a)``, but
    ``a / 2 + b / 3`` stays.
    """
    groups: list[list[Term[Atom]]] = []
    for term in terms:
        near = [group for group in groups if _related(denominator(group), denominator([term]))]
        groups = [group for group in groups if group not in near]
        groups.append([*(member for group in near for member in group), term])
    bottoms = [denominator(group) for group in groups]
    return [(multiply(g, [b]), b) for g, b in zip(groups, bottoms, strict=True)]


def _divides(part: Denominator[Atom], whole: Denominator[Atom]) -> bool:
    powers = dict(whole[0])
    return not whole[1] % part[1] and all(n <= powers.get(atom, 0) for atom, n in part[0])


def _related(left: Denominator[Atom], right: Denominator[Atom]) -> bool:
    """Return whether two denominators may share a factor."""
    if (ONE, 1) in (left, right):
        return False
    return bool(left[0] or right[0]) or gcd(left[1], right[1]) > 1
