"""Symbolic sizes: polynomials over hyperparameters and free sizes.

A size is an int or a `Dim`: a sum of products of names, with rational coefficients and whole
exponents.  A name is a hyperparameter, which has a value in the model, or a free size such as B or
T, which each run chooses.  Splitting ``d_model`` into heads is exact algebra, so merging the heads
gives ``d_model`` back; only a division that may leave a remainder is an opaque floor, and multiples
of a divisor that is a number stand outside of it.

Equal sizes are one object, so ``==`` is ``is``, and results of arithmetic are cached.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from threading import Lock
from typing import NamedTuple, Union
from weakref import WeakValueDictionary

from nodes.core.shapes import polynomial
from nodes.core.shapes.polynomial import ONE, Monomial, Number, Term, Terms
from nodes.core.shapes.size_limits import MOST_TERMS, DimError, bounded, check_extent

SUM, PRODUCT, ATOM = 1, 2, 3  # precedence of a written size

AnyDim = Union[int, "Dim"]
Symbol = Callable[[str, bool], str]
_Assignment = tuple[tuple["Name", int], ...]


class Indivisible(DimError):
    """An exact division that leaves a remainder.

    Attributes:
        numerator, denominator: both as text.
        values: their present values.
    """

    def __init__(
        self, top: AnyDim, bottom: AnyDim, values: tuple[AnyDim, AnyDim] | None = None
    ) -> None:
        self.values = values or (top, bottom)
        self.numerator, self.denominator = show(top), show(bottom)
        whole, part = (
            show(size) if size == value else f"{show(size)} = {show(value)}"
            for size, value in zip((top, bottom), self.values, strict=True)
        )
        expected = f"a divisor of {whole}, got {part}"
        if self.values[1] != 0:
            expected = f"a multiple of {part}, got {whole}"
        super().__init__(f"expected {expected}; change one of them")


class Name(NamedTuple):
    """A size known by name."""

    text: str
    is_free: bool


class Floor(NamedTuple):
    """A quotient rounded down, opaque to algebra."""

    top: AnyDim
    bottom: AnyDim


_Atom = Name | Floor
_Term = Term[_Atom]
_Methods = tuple[Callable[["Dim", AnyDim], AnyDim], Callable[["Dim", int], AnyDim]]

# Few sizes occur in shape rules, and they occur often.
_cached = lru_cache(maxsize=2**12)


@_cached
def _add(left: AnyDim, right: AnyDim) -> AnyDim:
    return from_terms(polynomial.add(_terms(left), _terms(right)))


@_cached
def _multiply(left: AnyDim, right: AnyDim) -> AnyDim:
    return from_terms(polynomial.multiply(_terms(left), _terms(right)))


@_cached
def _floor(top: AnyDim, bottom: AnyDim) -> AnyDim:
    if bottom == 0:
        raise Indivisible(top, bottom)
    if isinstance(top, int) and isinstance(bottom, int):
        return bounded(top // bottom)
    quotient = polynomial.exact_quotient(_terms(top), _terms(bottom), MOST_TERMS)
    if quotient is not None:
        return from_terms(quotient)
    if isinstance(bottom, Dim) or bottom < 0:
        return _atom(Floor(top, bottom))
    multiples, rest = map(from_terms, polynomial.split_multiples(_terms(top), bottom))
    floor = rest // bottom if isinstance(rest, int) else _atom(Floor(rest, bottom))
    return _add(multiples, floor)


def _infix(apply: Callable[[AnyDim, AnyDim], AnyDim]) -> _Methods:
    """Make the methods of an operator: the plain and the reflected one."""

    def forward(left: "Dim", right: AnyDim) -> AnyDim:
        # Exactly these types: True and 1.0 equal 1, and would be found in the cache.
        return apply(left, right) if type(right) is int or type(right) is Dim else NotImplemented

    def reflected(right: "Dim", left: int) -> AnyDim:
        return apply(left, right) if type(left) is int else NotImplemented

    return forward, reflected


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Dim:
    """A symbolic size; made by `free`, `hyper` and arithmetic, never directly.

    Attributes:
        terms: the products that it is the sum of, each with its coefficient.
        hypers: the hyperparameters in it.
        frees: the free sizes in it.
        depth: the nesting of floors.
        length: an upper bound of the number of names it is written with.
    """

    terms: frozenset[_Term]
    hypers: frozenset[str]
    frees: frozenset[str]
    depth: int
    length: int

    __add__, __radd__ = _infix(_add)
    __sub__, __rsub__ = _infix(lambda left, right: _add(left, _multiply(-1, right)))
    __mul__, __rmul__ = _infix(_multiply)
    __floordiv__, __rfloordiv__ = _infix(_floor)

    def __neg__(self) -> AnyDim:
        return _multiply(-1, self)

    def __repr__(self) -> str:
        return show(self)

    def __reduce__(self) -> tuple[object, ...]:
        return from_terms, (tuple(self.terms),)


@_cached
def free(name: str) -> Dim:
    """Return the free size of a name, such as B or T."""
    return _atom(Name(name, is_free=True))


@_cached
def hyper(name: str) -> Dim:
    """Return the size that is the value of a hyperparameter."""
    return _atom(Name(name, is_free=False))


@_cached
def divide(top: AnyDim, bottom: AnyDim) -> AnyDim:
    """Divide exactly: the quotient times ``bottom`` is ``top``.

    The quotient by a sum that is no factor of ``top`` is a floor.

    Raises:
        Indivisible: a remainder is left at any values, or ``bottom`` is zero.
    """
    if bottom == 0:
        raise Indivisible(top, bottom)
    divisor = _terms(bottom)
    if len(divisor) > 1:
        return _floor(top, bottom)
    return from_terms(polynomial.multiply(_terms(top), [*map(polynomial.reciprocal, divisor)]))


def substitute(dim: AnyDim, values: Mapping[str, object]) -> AnyDim:
    """Replace hyperparameters by their values; names without a value remain.

    Raises:
        Indivisible: an exact quotient leaves a remainder at these values.
        TooLarge: the result is too large.
        DimError: a value is not a whole number.
    """
    if isinstance(dim, int):
        return bounded(dim)
    return _solve(dim, _assignment([Name(n, False) for n in dim.hypers if n in values], values))


def evaluate(dim: AnyDim, values: Mapping[str, object]) -> int:
    """Evaluate a size at values for all its names, the free ones too.

    Raises:
        Indivisible: an exact quotient leaves a remainder at these values.
        TooLarge: the result is too large.
        KeyError: a name has no value.
    """
    if isinstance(dim, int):
        return bounded(dim)
    value = _solve(dim, _assignment(_names(dim), values))
    assert isinstance(value, int)
    return value


@_cached
def show(dim: AnyDim) -> str:
    """Write a size as `nodes.core.shapes.expression` parses it: ``2 * hidden + 1``."""
    return code(dim, lambda name, is_free: name)[0]


def code(dim: AnyDim, symbol: Symbol) -> tuple[str, int]:
    """Write a size as Python source, with the precedence of that.

    The source has the value of the size wherever all exact divisions are.  ``symbol`` writes a
    name, with whether it is free, without brackets; it is called once a name, in sorted order.
    """
    if isinstance(dim, int):
        return _code(dim, symbol)
    written = {name: symbol(*name) for name in _names(dim)}
    return _code(dim, lambda text, is_free: written[Name(text, is_free)])


def _names(dim: Dim) -> list[Name]:
    return [Name(n, False) for n in sorted(dim.hypers)] + [Name(n, True) for n in sorted(dim.frees)]


def _code(dim: AnyDim, symbol: Symbol) -> tuple[str, int]:
    if isinstance(dim, int):
        return str(dim), ATOM if dim >= 0 else PRODUCT
    first, *others = sorted(_written_terms(_with_one_constant(dim), symbol))
    text = f"-{first.text}" if first.negative else first.text
    text += "".join(f" {'-' if term_.negative else '+'} {term_.text}" for term_ in others)
    return text, SUM if others else PRODUCT if first.negative else first.precedence


_DIMS: WeakValueDictionary[frozenset[_Term], Dim] = WeakValueDictionary()
_INTERNING = Lock()


def from_terms(terms: Terms[_Atom]) -> AnyDim:
    """Return the one object for a sum of terms, or the number that the sum collapses to."""
    kept = frozenset((monomial, _coefficient(number)) for monomial, number in terms if number)
    if all(monomial == ONE for monomial, _ in kept):
        constant = next((number for _, number in kept), 0)
        if constant.denominator > 1:
            raise Indivisible(constant.numerator, constant.denominator)
        return constant.numerator
    return _interned(kept)


def _interned(terms: frozenset[_Term]) -> Dim:
    with _INTERNING:
        return _DIMS.get(terms) or _DIMS.setdefault(terms, _new(terms))


def _coefficient(number: Number) -> Number:
    """Bound a coefficient, and make a fraction that is whole an int."""
    top, bottom = bounded(number.numerator), bounded(number.denominator)
    return top if bottom == 1 else number


def _new(terms: frozenset[_Term]) -> Dim:
    atoms = polynomial.atoms(terms)
    names = [atom for atom in atoms if isinstance(atom, Name)]
    parts = [part for a in atoms if isinstance(a, Floor) for part in a if isinstance(part, Dim)]
    depth = max((part.depth + 1 for part in parts), default=0)
    length = sum(sum(abs(e) * _length(atom) for atom, e in m) or 1 for m, _ in terms)
    check_extent(len(terms), depth, length)
    hypers = {name.text for name in names if not name.is_free}.union(*(p.hypers for p in parts))
    frees = {name.text for name in names if name.is_free}.union(*(p.frees for p in parts))
    return Dim(terms, frozenset(hypers), frozenset(frees), depth, length)


def _length(atom: _Atom) -> int:
    if isinstance(atom, Name):
        return 1
    return sum(part.length if isinstance(part, Dim) else 1 for part in atom)


def _terms(size: AnyDim) -> frozenset[_Term]:
    return size.terms if isinstance(size, Dim) else frozenset({(ONE, size)} if size else ())


def _atom(atom: _Atom) -> Dim:
    return _interned(frozenset({(frozenset({(atom, 1)}), 1)}))


@_cached
def fractions(dim: Dim) -> tuple[tuple[AnyDim, AnyDim], ...]:
    """Split a size into fractions whose numerators and denominators have none; it is their sum."""
    pairs = polynomial.fractions(dim.terms)
    return tuple((from_terms(top), from_terms([bottom])) for top, bottom in pairs)


def _assignment(names: list[Name], values: Mapping[str, object]) -> _Assignment:
    assignment = []
    for name in names:
        if type(value := values[name.text]) is not int:
            got = f"{repr(value):.40}; change it"
            raise DimError(f"expected a whole number for {name.text}, got {got}")
        assignment.append((name, value))
    return tuple(assignment)


@_cached
def _solve(dim: AnyDim, assignment: _Assignment) -> AnyDim:
    """Replace names by values."""
    if isinstance(dim, int) or not assignment:
        return dim
    total: AnyDim = 0
    for top, bottom in sorted(fractions(dim), key=lambda pair: spell(pair[1])):
        values = _solve_whole(top, assignment), _solve_whole(bottom, assignment)
        try:
            total = total + divide(*values)
        except Indivisible:
            raise Indivisible(top, bottom, values) from None
    return bounded(total) if isinstance(total, int) else total


def _solve_whole(dim: AnyDim, assignment: _Assignment) -> AnyDim:
    """Replace names by values in a sum whose coefficients and exponents are whole."""
    known = dict(assignment)

    def value(atom: _Atom) -> AnyDim:
        if isinstance(atom, Floor):
            return _floor(_solve(atom.top, assignment), _solve(atom.bottom, assignment))
        return known[atom] if atom in known else _atom(atom)

    total: AnyDim = 0
    for monomial, number in _terms(dim):
        factors = [value(atom) for atom, exponent in monomial for _ in range(exponent)]
        total = total + prod(factors, start=number.numerator)
    return total


class _WrittenTerm(NamedTuple):
    """A written term of a sum; terms sort in the order in which they are written."""

    negative: bool
    degree: int
    words: str
    text: str
    precedence: int


@_cached
def spell(dim: AnyDim) -> str:
    """Write a size so that a free size and a hyperparameter of one name differ."""
    return code(dim, lambda name, is_free: f"{name}?" if is_free else name)[0]


def _with_one_constant(dim: Dim) -> Dim:
    """Move the constant of a sum into its one quotient with a constant: ``(T - 1) // 2``."""
    constant = dict(dim.terms).get(ONE)
    floors = [atom for atom in polynomial.atoms(dim.terms) if isinstance(atom, Floor)]
    if len(floors) != 1 or not isinstance(constant, int) or isinstance(floors[0].bottom, Dim):
        return dim
    top, bottom = floors[0]
    if ONE not in dict(_terms(top)) or not _atom(floors[0]).terms <= dim.terms:
        return dim
    moved = _atom(Floor(top + constant * bottom, bottom))
    return _interned((dim.terms - {(ONE, constant)} - _atom(floors[0]).terms) | moved.terms)


def _written_terms(dim: Dim, symbol: Symbol) -> Iterator[_WrittenTerm]:
    for top, bottom in fractions(dim):
        if bottom == 1:
            yield from (_product(m, n.numerator, symbol) for m, n in _terms(top))
        else:
            negative = all(number < 0 for _, number in _terms(top))
            # A sign may be written before it: -(a // b) // c is not -a // b // c.
            precedence = ATOM if negative else PRODUCT
            text = _quotient(-top if negative else top, bottom, symbol, precedence)
            yield _WrittenTerm(negative, -1, text, text, PRODUCT)


def _product(monomial: Monomial[_Atom], number: int, symbol: Symbol) -> _WrittenTerm:
    written = [
        (symbol(atom.text, atom.is_free), ATOM)
        if isinstance(atom, Name)
        else (_quotient(atom.top, atom.bottom, symbol), PRODUCT)
        for atom, exponent in monomial
        for _ in range(exponent)
    ]
    if number == 1 and len(written) == 1:
        return _WrittenTerm(False, -1, written[0][0], *written[0])
    words = sorted(_bracketed(factor, ATOM) for factor in written)
    factors = [str(abs(number)), *words] if abs(number) > 1 or not words else words
    precedence = PRODUCT if len(factors) > 1 else ATOM
    return _WrittenTerm(number < 0, -len(words), " * ".join(words), " * ".join(factors), precedence)


def _quotient(top: AnyDim, bottom: AnyDim, symbol: Symbol, precedence: int = PRODUCT) -> str:
    dividend = _bracketed(_code(top, symbol), precedence)
    return f"{dividend} // {_bracketed(_code(bottom, symbol), ATOM)}"


def _bracketed(written: tuple[str, int], precedence: int) -> str:
    """Add brackets where the precedence is lower than required."""
    return written[0] if written[1] >= precedence else f"({written[0]})"
