"""Unification of patterns with shapes, which makes every shape rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.shapes.dim import (
    AnyDim,
    Dim,
    DimError,
    Indivisible,
    divide,
    evaluate,
    show,
    substitute,
)
from nodes.core.shapes.pattern import SPREAD, Item, Pattern
from nodes.core.shapes.size_comparison import Match, same

Shape = tuple[AnyDim, ...]


def show_shape(shape: Shape) -> str:
    """Write a shape the way PyTorch users read it: ``(B, T, 512)``."""
    return f"({', '.join(map(show, shape))}{',' if len(shape) == 1 else ''})"


class ShapeMismatch(ValueError):
    """A shape does not fit the pattern of the port it arrives at.

    Attributes:
        origin: the input port that gave what was expected; None where the node itself did.
    """

    def __init__(self, text: str, origin: str | None = None) -> None:
        super().__init__(text)
        self.origin = origin


class SizeMismatch(ShapeMismatch):
    """One size is not the expected one.

    Attributes:
        word: the word of the pattern, or the parameter, that has two values; None for a number.
        expected: the size that is expected; None where several would do.
        actual: the size that arrives.
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
    """The sizes that ``...`` stands for differ between two ports.

    Attributes:
        expected: the sizes at the port ``origin``.
        actual: the sizes that arrive.
    """

    def __init__(self, text: str, expected: Shape, actual: Shape, origin: str | None) -> None:
        super().__init__(text, origin)
        self.expected, self.actual = expected, actual


class IndivisibleSize(ShapeMismatch):
    """A size has to be split into equal parts, and a remainder is left.

    Attributes:
        word: what the number of parts is called.
        parts: the number of parts.
        actual: the size that arrives.
    """

    def __init__(self, text: str, word: str, parts: AnyDim, actual: AnyDim) -> None:
        super().__init__(text)
        self.word, self.parts, self.actual = word, parts, actual


def axis(shape: Shape, dim: int) -> int:
    """Find which dimension is meant; negative ones count from the end, as in PyTorch.

    Raises:
        ShapeMismatch: there are not so many.
    """
    if not -len(shape) <= dim < len(shape):
        told = f"expected a shape with dimension {dim}, got {len(shape)}: {show_shape(shape)}"
        raise ShapeMismatch(told)
    return dim % len(shape)


@dataclass(slots=True)
class Bindings:
    """The sizes that the words of a node's patterns stand for, bound port by port.

    Attributes:
        sizes: the size that each word is bound to.
        hyperparameters: the present values of the model's hyperparameters.
        origins: the port that bound each word that is no parameter, and ``...``.
        hints: remarks on sizes that are equal only by the present values.
    """

    sizes: dict[str, AnyDim]
    hyperparameters: Mapping[str, int] = field(compare=False)
    _spread: Shape | None = None
    origins: dict[str, str] = field(default_factory=dict, compare=False)
    hints: list[str] = field(default_factory=list, compare=False)

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

    def match(self, wanted: Pattern, shape: Shape, port: str, broadcast: bool = False) -> None:
        """Bind each word of ``wanted`` to the size found at its place in ``shape``.

        Args:
            wanted: the port's pattern.
            shape: what arrives.
            port: the port's name, for messages.
            broadcast: the shape may lack leading sizes, and a 1 fits any size.

        Raises:
            ShapeMismatch: the ranks differ, or a word already stands for another size.
        """
        before, after = wanted.before, wanted.after
        if broadcast:
            self._broadcast(wanted, shape, port)
            return
        spread = len(shape) - len(before) - len(after)
        if spread < 0 or (spread and not wanted.spread):
            least = "at least " if wanted.spread else ""
            raise ShapeMismatch(
                f"expected {least}{len(before) + len(after)} dimensions ({wanted.text}), "
                f"got {len(shape)}: {show_shape(shape)}"
            )
        for item, size in zip(before, shape, strict=False):
            self._match(item, size, port)
        if wanted.spread:
            end = len(before) + spread
            self._bind_spread(shape[len(before) : end], port)
            for item, size in zip(after, shape[end:], strict=True):
                self._match(item, size, port)

    def fill(self, wanted: Pattern) -> Shape:
        """Replace each word of ``wanted`` by the size it stands for."""
        shape = [self._size(item) for item in wanted.before]
        if wanted.spread:
            shape += self.spread
            shape += [self._size(item) for item in wanted.after]
        return tuple(shape)

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
            self._split(item, size, port)
        elif not self._equal(item, size, "a constant size"):
            raise SizeMismatch(f"expected a size of {item}, got {show(size)}", None, item, size)

    def bind(self, word: str, size: AnyDim, port: str) -> None:
        """Let ``word`` stand for ``size``, or see that it does already.

        Raises:
            ShapeMismatch: it stands for another size.
        """
        known = self.sizes.setdefault(word, size)
        if known is size:
            self.origins.setdefault(word, port)
        elif not self._equal(known, size, word):
            origin = self.origins.get(word)
            by = f" as in {origin}" if origin else ""
            raise SizeMismatch(
                f"expected {word} = {self._told(known)}{by}, got {self._told(size)}",
                word,
                known,
                size,
                origin,
            )

    def _split(self, factors: tuple[int | str, ...], size: AnyDim, port: str) -> None:
        """Bind the one unknown factor of a product, or compare where all are known."""
        known: AnyDim = 1
        unknown = None
        for factor in factors:
            if isinstance(factor, str) and factor not in self:
                unknown = factor
            else:
                known = known * self._size(factor)
        words = " * ".join(str(f) for f in factors if f != unknown)
        if unknown is not None:
            self.bind(unknown, self.split(size, known, words), port)
        elif not self._equal(known, size, words):
            told = f"expected {words} = {self._told(known)}, got {self._told(size)}"
            raise SizeMismatch(told, words, known, size)

    def split(self, size: AnyDim, parts: AnyDim, words: str) -> AnyDim:
        """Divide a size into equal parts, whose number is called ``words``.

        Raises:
            ShapeMismatch: that leaves a remainder.
        """
        try:
            quotient = divide(size, parts)
            substitute(quotient, self.hyperparameters)
            divide(substitute(size, self.hyperparameters), substitute(parts, self.hyperparameters))
        except Indivisible:
            number = self._told(parts)
            whole = number if words == number else f"{words} = {number}"
            told = f"expected a size divisible by {whole}, got {self._told(size)}"
            raise IndivisibleSize(told, words, parts, size) from None
        return quotient

    def fix(self, words: tuple[str, ...]) -> None:
        """See that sizes do not depend on the run.

        Raises:
            ShapeMismatch: one does.
        """
        for word in words:
            size = self[word]
            if isinstance(size, Dim) and size.frees:
                told = (
                    f"expected a static size for {word}, a dimension of the weights, "
                    f"got {show(size)}"
                )
                raise SizeMismatch(told, word, None, size, self.origins.get(word))

    def _bind_spread(self, shape: Shape, port: str) -> None:
        known = self._spread
        if known is None:
            self._spread, self.origins[SPREAD] = shape, port
        elif known != shape and not (
            len(known) == len(shape)
            and all(self._equal(a, b, self._first) for a, b in zip(known, shape, strict=True))
        ):
            raise self._shapes_differ(known, shape)

    def _broadcast(self, wanted: Pattern, shape: Shape, port: str) -> None:
        if wanted.spread:
            self._join(shape, port)
            return
        if len(shape) > len(wanted.before):
            raise ShapeMismatch(
                f"expected at most {len(wanted.before)} dimensions ({wanted.text}), "
                f"got {len(shape)}: {show_shape(shape)}"
            )
        for item, size in zip(reversed(wanted.before), reversed(shape), strict=False):
            if size != 1:
                self._match(item, size, port)

    def _join(self, shape: Shape, port: str) -> None:
        """Let ``...`` stand for the shape that both broadcast to, sizes aligned at the right."""
        known = self._spread
        if known is None:
            self._spread, self.origins[SPREAD] = shape, port
            return
        if known == shape:
            return
        longer, shorter = (known, shape) if len(known) >= len(shape) else (shape, known)
        lead = len(longer) - len(shorter)
        joined = list(longer)
        for index, (a, b) in enumerate(zip(longer[lead:], shorter, strict=True), lead):
            if a == 1:
                joined[index] = b
            elif b != 1 and not self._equal(a, b, self._first):
                raise self._shapes_differ(known, shape)
        self._spread = tuple(joined)

    @property
    def _first(self) -> str:
        """Say what the sizes of ``...`` are compared with."""
        return f"a size of {self.origins[SPREAD]}" if SPREAD in self.origins else "a size"

    def _shapes_differ(self, known: Shape, shape: Shape) -> SpreadMismatch:
        origin = self.origins.get(SPREAD)
        told = f"expected {show_shape(known)} as in {origin}, got {show_shape(shape)}"
        return SpreadMismatch(told, known, shape, origin)

    def _equal(self, known: AnyDim, size: AnyDim, word: str) -> bool:
        if known is size or known == size:
            return True
        match = same(known, size, self.hyperparameters)
        if match is Match.BY_VALUE:
            self.hints.append(
                f"expected {self._told(known)} for {word}, got {self._told(size)}, equal only "
                "for the current hyperparameters; use the same expression for both"
            )
        return match is not Match.NO

    def _told(self, size: AnyDim) -> str:
        """Write a size with its present value, where that says more."""
        try:
            value = substitute(size, self.hyperparameters)
        except DimError:
            return show(size)
        return show(size) if value == size else f"{show(size)} = {show(value)}"
