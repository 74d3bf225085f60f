"""The exact divisions inside a size, and what multiplies the free sizes in it."""

from functools import lru_cache

from nodes.core.shapes import polynomial
from nodes.core.shapes.dim import (
    AnyDim,
    Dim,
    Floor,
    Indivisible,
    Name,
    divide,
    fractions,
    from_terms,
    spell,
)


@lru_cache(maxsize=4096)
def quotients(dim: AnyDim) -> tuple[tuple[AnyDim, AnyDim], ...]:
    """Return numerator and denominator of every exact division, inner ones first."""
    if isinstance(dim, int):
        return ()
    floors = [atom for atom in polynomial.atoms(dim.terms) if isinstance(atom, Floor)]
    found = {pair for floor in floors for part in floor for pair in quotients(part)}
    found.update(pair for pair in fractions(dim) if pair[1] != 1)
    spelled = {" // ".join(map(spell, pair)): pair for pair in found}
    return tuple(spelled[text] for text in sorted(spelled, key=lambda text: (len(text), text)))


def floor_divisors(dim: AnyDim) -> tuple[AnyDim, ...]:
    """Return what a size is divided by and rounded down, at any depth."""
    if isinstance(dim, int):
        return ()
    floors = [atom for atom in polynomial.atoms(dim.terms) if isinstance(atom, Floor)]
    inner = (divisor for floor in floors for part in floor for divisor in floor_divisors(part))
    return (*inner, *(floor.bottom for floor in floors))


def is_exact(top: AnyDim, bottom: AnyDim) -> bool:
    """Check that a division leaves no remainder in any run; both have no hyperparameters."""
    try:
        quotient = divide(top, bottom)
    except Indivisible:
        return False
    return _is_whole(quotient) and quotient * bottom == top


def _is_whole(size: AnyDim) -> bool:
    """Check that a size has no fraction."""
    return isinstance(size, int) or polynomial.denominator(size.terms) == (polynomial.ONE, 1)


def coefficients(dim: AnyDim) -> tuple[AnyDim, ...]:
    """Return what each product of free sizes in a size is multiplied by, and what none is."""
    if not isinstance(dim, Dim):
        return (dim,)
    groups: dict[object, list[polynomial.Term[Name | Floor]]] = {}
    for monomial, number in dim.terms:
        of_run = frozenset(factor for factor in monomial if _depends_on_run(factor[0]))
        groups.setdefault(of_run, []).append((monomial - of_run, number))
    return tuple(from_terms(group) for group in groups.values())


def _depends_on_run(atom: Name | Floor) -> bool:
    if isinstance(atom, Name):
        return atom.is_free
    return any(isinstance(part, Dim) and bool(part.frees) for part in atom)
