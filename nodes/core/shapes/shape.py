"""Unification of patterns with shapes, which makes every shape rule."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from nodes.core.shapes.constraint import Constraint, at_least, equal, multiple
from nodes.core.shapes.dim import AnyDim, Dim, divide, evaluate, show, substitute
from nodes.core.shapes.pattern import SPREAD, Item, Pattern
from nodes.core.shapes.quotients import is_exact
from nodes.core.shapes.size_comparison import Match, same
from nodes.core.shapes.size_limits import DimError

Shape = tuple[AnyDim, ...]


def show_shape(shape: Shape) -> str:
    """Write a shape as PyTorch does: ``(B, T, 512)``."""
    return f"({', '.join(map(show, shape))}{',' if len(shape) == 1 else ''})"


class ShapeMismatch(ValueError):
    """A shape does not match the pattern of its port.

    Attributes:
        origin: the input port that bound the expected size; None where the node itself did.
    """

    def __init__(self, text: str, origin: str | None = None) -> None:
        super().__init__(text)
        self.origin = origin


class SizeMismatch(ShapeMismatch):
    """One size is not the expected one.

    Attributes:
        word: the word of the pattern, or the parameter; None for a number.
        expected: the expected size; None if several sizes match.
        actual: the size at the port.
    """

    def __init__(
        self,
        text: str,
        word: str | None,
        expected: AnyDim | None,
        actual: AnyDim,
        origin: str | None = None,
    ) -> None:
        super().__init__(text, origin)
        self.word, self.expected, self.actual = word, expected, actual


class SpreadMismatch(ShapeMismatch):
    """The sizes of ``...`` differ between two ports.

    Attributes:
        expected: the sizes at the port ``origin``.
        actual: the sizes at the port.
    """

    def __init__(self, text: str, expected: Shape, actual: Shape, origin: str | None) -> None:
        super().__init__(text, origin)
        self.expected, self.actual = expected, actual


class IndivisibleSize(ShapeMismatch):
    """A size does not divide into equal parts.

    Attributes:
        word: what the number of parts is called.
        parts: the number of parts.
        actual: the size at the port.
    """

    def __init__(self, text: str, word: str, parts: AnyDim, actual: AnyDim) -> None:
        super().__init__(text)
        self.word, self.parts, self.actual = word, parts, actual


def axis(shape: Shape, dim: int) -> int:
    """Return the index of an axis from the front; negative ``dim`` counts from the end.

    Raises:
        ShapeMismatch: the shape has too few axes.
    """
    if not -len(shape) <= dim < len(shape):
        least = dim + 1 if dim >= 0 else -dim
        message = f"expected at least {least} dimensions for dim {dim}, got {len(shape)}"
        raise ShapeMismatch(f"{message}: {show_shape(shape)}")
    return dim % len(shape)


@dataclass(slots=True)
class Bindings:
    """The sizes that the words of a node's patterns are bound to, port by port.

    Attributes:
        sizes: the size of each word.
        hyperparameters: the present values of the model's hyperparameters.
        origins: the port that bound each word that is no parameter, and ``...``.
        hints: messages about sizes that are equal only at the present values.
        constraints: what the sizes are found to be at the present values, and must be at others.
    """

    sizes: dict[str, AnyDim]
    hyperparameters: Mapping[str, int] = field(compare=False)
    _spread: Shape | None = None
    origins: dict[str, str] = field(default_factory=dict, compare=False)
    hints: list[str] = field(default_factory=list, compare=False)
    constraints: list[Constraint] = field(default_factory=list, compare=False)

    def __getitem__(self, word: str) -> AnyDim:
        return self.sizes[word]

    def __contains__(self, word: str) -> bool:
        return word in self.sizes

    @property
    def spread(self) -> Shape:
        """The sizes that ``...`` is bound to.

        Raises:
            KeyError: it is not bound.
        """
        if self._spread is None:
            raise KeyError(SPREAD)
        return self._spread

    @spread.setter
    def spread(self, shape: Shape) -> None:
        self._spread = shape

    def evaluate(self, values: Mapping[str, int]) -> "Bindings":
        """Evaluate every size at values for all names.

        Raises:
            Indivisible: an exact quotient leaves a remainder at these values.
            KeyError: a name has no value.
        """
        numbers: dict[str, AnyDim] = {w: evaluate(size, values) for w, size in self.sizes.items()}
        spread = self._spread and tuple(evaluate(size, values) for size in self._spread)
        return Bindings(numbers, values, spread)

    def match(self, pattern: Pattern, shape: Shape, port: str, broadcast: bool = False) -> None:
        """Bind each word of a pattern to the size at its position in a shape.

        >>> from nodes.core.shapes.dim import free, hyper
        >>> from nodes.core.shapes.pattern import parse_pattern
        >>> dims = Bindings({"heads": 8}, {"width": 512})
        >>> dims.match(parse_pattern("B T (heads D)"), (free("B"), free("T"), hyper("width")), "x")
        >>> dims["D"]
        width // 8
        >>> show_shape(dims.fill(parse_pattern("B heads T D")))
        '(B, 8, T, width // 8)'

        Args:
            pattern: the pattern of the port.
            shape: the shape at the port.
            port: the name of the port, for messages.
            broadcast: leading sizes may be missing, and a size of 1 fits any.

        Raises:
            ShapeMismatch: the ranks differ, or a word is bound to another size.
        """
        if broadcast:
            self._broadcast(pattern, shape, port)
            return
        before, after = pattern.before, pattern.after
        spread = len(shape) - len(before) - len(after)
        if spread < 0 or (spread and not pattern.spread):
            raise _wrong_rank("at least " if pattern.spread else "", pattern, shape)
        for item, size in zip(before, shape, strict=False):
            self._match(item, size, port)
        if pattern.spread:
            end = len(before) + spread
            self._bind_spread(shape[len(before) : end], port)
            for item, size in zip(after, shape[end:], strict=True):
                self._match(item, size, port)

    def fill(self, pattern: Pattern) -> Shape:
        """Replace each word of a pattern by the size that it is bound to.

        Raises:
            KeyError: a word is not bound.
        """
        shape = [self._size(item) for item in pattern.before]
        if pattern.spread:
            shape += self.spread
            shape += [self._size(item) for item in pattern.after]
        return tuple(shape)

    def bind(self, word: str, size: AnyDim, port: str) -> None:
        """Bind a word, or check that the size that it is bound to is the same.

        Raises:
            SizeMismatch: the word is bound to another size.
        """
        bound = self.sizes.setdefault(word, size)
        if bound is size:
            self.origins.setdefault(word, port)
        else:
            self._require_equal(word, bound, size, self.origins.get(word))

    def split(self, size: AnyDim, parts: AnyDim, words: str) -> AnyDim:
        """Divide a size into equal parts; ``words`` is what their number is called.

        Raises:
            IndivisibleSize: that leaves a remainder, or may leave one in some run.
        """
        values = self.hyperparameters
        present = substitute(size, values), substitute(parts, values)
        if not is_exact(*present):
            factor = self._equation(words, parts)
            differs = any(isinstance(number, Dim) for number in present)
            factor += " in every run" if differs else ""
            message = f"expected a multiple of {factor}, got {self._equation('', size)}"
            raise IndivisibleSize(message, words, parts, size)
        self.constraints.append(multiple(size, parts))
        return divide(size, parts)

    def agree(self, left: AnyDim, right: AnyDim) -> bool:
        """Check whether two sizes are equal, always or by the present values."""
        match = same(left, right, self.hyperparameters)
        if match is Match.BY_VALUE:
            self.constraints.append(equal(left, right))
        return match is not Match.NO

    def is_less(self, size: AnyDim, other: AnyDim) -> bool:
        """Check whether a size is less than another; one that a run chooses is not."""
        least = at_least(size, other)
        if least.holds(self.hyperparameters):
            self.constraints.append(least)
            return False
        self.constraints.append(at_least(other - 1, size))
        return True

    def require_static(self, words: tuple[str, ...]) -> None:
        """Check that sizes are the same in every run.

        Raises:
            SizeMismatch: one is not.
        """
        for word in words:
            size = self[word]
            if isinstance(size, Dim) and size.frees:
                message = f"expected a static size for {word}, an axis of a weight, got {size}"
                raise SizeMismatch(message, word, None, size, self.origins.get(word))

    def _size(self, item: Item) -> AnyDim:
        if isinstance(item, int):
            return item
        if isinstance(item, str):
            return self[item]
        size: AnyDim = 1
        for factor in item:
            size = size * self._size(factor)
        return size

    def _match(self, item: Item, size: AnyDim, port: str) -> None:
        if isinstance(item, str):
            self.bind(item, size, port)
        elif isinstance(item, tuple):
            self._match_product(item, size, port)
        else:
            self._require_equal(None, item, size)

    def _match_product(self, factors: tuple[int | str, ...], size: AnyDim, port: str) -> None:
        """Bind the one unbound factor of a product, or compare where all are bound."""
        product: AnyDim = 1
        unbound = None
        for factor in factors:
            if isinstance(factor, str) and factor not in self:
                unbound = factor
            else:
                product = product * self._size(factor)
        words = " * ".join(str(factor) for factor in factors if factor != unbound)
        if unbound is None:
            self._require_equal(words, product, size)
        else:
            self.bind(unbound, self.split(size, product, words), port)

    def _bind_spread(self, shape: Shape, port: str) -> None:
        bound = self._spread
        if bound is None:
            self._spread, self.origins[SPREAD] = shape, port
        elif bound != shape:
            equal = len(bound) == len(shape) and all(map(self._equal_in_spread, bound, shape))
            if not equal:
                raise self._spread_mismatch(bound, shape)

    def _broadcast(self, pattern: Pattern, shape: Shape, port: str) -> None:
        if pattern.spread:
            self._broadcast_spread(shape, port)
            return
        if len(shape) > len(pattern.before):
            raise _wrong_rank("at most ", pattern, shape)
        for item, size in zip(reversed(pattern.before), reversed(shape), strict=False):
            if size != 1:
                self._match(item, size, port)

    def _broadcast_spread(self, shape: Shape, port: str) -> None:
        """Bind ``...`` to the shape that both broadcast to, sizes aligned at the right."""
        bound = self._spread
        if bound is None:
            self._spread, self.origins[SPREAD] = shape, port
            return
        rank = max(len(bound), len(shape))
        aligned = [(1,) * (rank - len(sizes)) + sizes for sizes in (bound, shape)]
        for expected, actual in zip(*aligned, strict=True):
            if 1 not in (expected, actual) and not self._equal_in_spread(expected, actual):
                raise self._spread_mismatch(bound, shape)
        self._spread = tuple(b if a == 1 else a for a, b in zip(*aligned, strict=True))

    def _equal_in_spread(self, expected: AnyDim, actual: AnyDim) -> bool:
        return self._equal(None, expected, actual, self.origins.get(SPREAD))

    def _spread_mismatch(self, expected: Shape, actual: Shape) -> SpreadMismatch:
        origin = self.origins.get(SPREAD)
        message = f"expected {show_shape(expected)}{_as_at(origin)}, got {show_shape(actual)}"
        return SpreadMismatch(message, expected, actual, origin)

    def _require_equal(
        self, word: str | None, expected: AnyDim, actual: AnyDim, origin: str | None = None
    ) -> None:
        if not self._equal(word, expected, actual, origin):
            message = self._difference(word, expected, actual, origin)
            raise SizeMismatch(message, word, expected, actual, origin)

    def _equal(
        self, word: str | None, expected: AnyDim, actual: AnyDim, origin: str | None
    ) -> bool:
        if expected is actual or expected == actual:
            return True
        known = len(self.constraints)
        agree = self.agree(expected, actual)
        if len(self.constraints) > known:
            difference = self._difference(word, expected, actual, origin)
            self.hints.append(f"{difference}: equal only at the present values; write both alike")
        return agree

    def _difference(
        self, word: str | None, expected: AnyDim, actual: AnyDim, origin: str | None
    ) -> str:
        wanted = self._equation(word or "", expected)
        return f"expected {wanted}{_as_at(origin)}, got {self._equation('', actual)}"

    def _equation(self, word: str, size: AnyDim) -> str:
        """Write a word, its size and the present value of that, without repetition."""
        terms = [word, show(size)]
        with suppress(DimError):
            terms.append(show(substitute(size, self.hyperparameters)))
        return " = ".join(dict.fromkeys(term for term in terms if term))


def _as_at(origin: str | None) -> str:
    return f", as at {origin}" if origin else ""


def _wrong_rank(bound: str, pattern: Pattern, shape: Shape) -> ShapeMismatch:
    expected = f"expected {bound}{len(pattern.items)} dimensions ({pattern.text})"
    return ShapeMismatch(f"{expected}, got {len(shape)}: {show_shape(shape)}")
