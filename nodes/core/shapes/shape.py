"""Patterns: what a port says of its shape, and the unification that makes every shape rule.

A pattern is words, einops style: ``"B T d_model"``.  A word that is a parameter of the node means
the parameter's value; any other word stands for one size, the same on all ports of the node.
``...`` is any number of sizes, a number is itself, and ``(H d)`` is the product of H and d.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from nodes.core.shapes.dim import (
    AnyDim,
    Dim,
    DimError,
    Indivisible,
    Match,
    divide,
    same,
    show,
    substitute,
)

Shape = tuple[AnyDim, ...]
Item = int | str | tuple[int | str, ...]

SPREAD = "..."
_TOKEN = re.compile(r"\.\.\.|[()]|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[^\s]")


def show_shape(shape: Shape) -> str:
    """Write a shape the way PyTorch users read it: ``(B, T, 512)``."""
    return f"({', '.join(map(show, shape))}{',' if len(shape) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        text: what was written.
        before: the items left of ``...``, or all items where there is none.
        after: the items right of ``...``.
        spread: whether ``...`` occurs.
    """

    text: str
    before: tuple[Item, ...]
    after: tuple[Item, ...] = ()
    spread: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        """All items but the spread, in order."""
        return self.before + self.after

    @property
    def words(self) -> frozenset[str]:
        """Every name the pattern uses."""
        factors = (i if isinstance(i, tuple) else (i,) for i in self.items)
        return frozenset(word for group in factors for word in group if isinstance(word, str))


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """Parse a pattern.

    Raises:
        ValueError: the text is no pattern.
    """
    sides: list[list[Item]] = [[]]
    product: list[int | str] | None = None
    for token in _TOKEN.findall(text):
        if token == SPREAD and len(sides) == 1 and product is None:
            sides.append([])
        elif token == "(" and product is None:
            product = []
        elif token == ")" and product:
            sides[-1].append(tuple(product))
            product = None
        elif token[0].isalnum() or token[0] == "_":
            item = int(token) if token[0].isdecimal() else token
            (sides[-1] if product is None else product).append(item)
        else:
            told = f"{ascii(token)} does not belong there"
            raise ValueError(f"{ascii(text)} is not a pattern: {told}")
    if product is not None:
        raise ValueError(f"{ascii(text)} is not a pattern: a bracket is not closed")
    after = tuple(sides[1]) if len(sides) == 2 else ()
    return Pattern(text, tuple(sides[0]), after, len(sides) == 2)


class ShapeMismatch(ValueError):
    """A shape does not fit the pattern of the port it arrives at.

    Attributes:
        word: the word of the pattern that has two meanings; None where the ranks differ.
        known: what the word stands for already.
        arrived: the size that came instead.
        origin: the input port that gave ``known``; None where it is the node's own parameter.
    """

    def __init__(
        self,
        text: str,
        word: str | None = None,
        known: AnyDim | Shape | None = None,
        arrived: AnyDim | Shape | None = None,
        origin: str | None = None,
    ) -> None:
        super().__init__(text)
        self.word, self.known, self.arrived, self.origin = word, known, arrived, origin


class IndivisibleSize(ShapeMismatch):
    """A size has to be split into equal parts, and a remainder is left."""


def axis(shape: Shape, dim: int) -> int:
    """Find which dimension is meant; negative ones count from the end, as in PyTorch.

    Raises:
        ShapeMismatch: there are not so many.
    """
    if not -len(shape) <= dim < len(shape):
        told = f"expected a shape with dimension {dim}, got {len(shape)}: {show_shape(shape)}"
        raise ShapeMismatch(told, arrived=shape)
    return dim % len(shape)


class Bindings(dict[str, "AnyDim | Shape"]):
    """The sizes that the words of a node's patterns stand for, bound port by port.

    Attributes:
        values: the present values of the model's hyperparameters.
        origins: the port that bound each word that is no parameter.
        hints: remarks on sizes that are equal only by the present values.
    """

    __slots__ = ("hints", "origins", "values")

    def __init__(self, known: dict[str, AnyDim], values: dict[str, int]) -> None:
        super().__init__(known)
        self.values = values
        self.origins: dict[str, str] = {}
        self.hints: list[str] = []

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
                f"got {len(shape)}: {show_shape(shape)}",
                arrived=shape,
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
            shape += self[SPREAD]
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
            raise ShapeMismatch(f"expected a size of {item}, got {show(size)}", None, item, size)

    def bind(self, word: str, size: AnyDim, port: str) -> None:
        """Let ``word`` stand for ``size``, or see that it does already.

        Raises:
            ShapeMismatch: it stands for another size.
        """
        known = self.setdefault(word, size)
        if known is size:
            self.origins.setdefault(word, port)
        elif not self._equal(known, size, word):
            origin = self.origins.get(word)
            by = f" as in {origin}" if origin else ""
            raise ShapeMismatch(
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
            raise ShapeMismatch(told, words, known, size)

    def split(self, size: AnyDim, parts: AnyDim, words: str) -> AnyDim:
        """Divide a size into equal parts, whose number is called ``words``.

        Raises:
            ShapeMismatch: that leaves a remainder.
        """
        try:
            quotient = divide(size, parts)
            substitute(quotient, self.values)
            divide(substitute(size, self.values), substitute(parts, self.values))
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
                raise ShapeMismatch(told, word, None, size, self.origins.get(word))

    def _bind_spread(self, shape: Shape, port: str) -> None:
        known = self.setdefault(SPREAD, shape)
        if known is shape:
            self.origins[SPREAD] = port
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
                f"got {len(shape)}: {show_shape(shape)}",
                arrived=shape,
            )
        for item, size in zip(reversed(wanted.before), reversed(shape), strict=False):
            if size != 1:
                self._match(item, size, port)

    def _join(self, shape: Shape, port: str) -> None:
        """Let ``...`` stand for the shape that both broadcast to, sizes aligned at the right."""
        known = self.get(SPREAD)
        if known is None:
            self[SPREAD], self.origins[SPREAD] = shape, port
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
        self[SPREAD] = tuple(joined)

    @property
    def _first(self) -> str:
        """Say what the sizes of ``...`` are compared with."""
        return f"a size of {self.origins[SPREAD]}" if SPREAD in self.origins else "a size"

    def _shapes_differ(self, known: Shape, shape: Shape) -> ShapeMismatch:
        origin = self.origins.get(SPREAD)
        told = f"expected {show_shape(known)} as in {origin}, got {show_shape(shape)}"
        return ShapeMismatch(told, None, known, shape, origin)

    def _equal(self, known: AnyDim, size: AnyDim, word: str) -> bool:
        if known is size or known == size:
            return True
        match = same(known, size, self.values)
        if match is Match.BY_VALUE:
            self.hints.append(
                f"expected {self._told(known)} for {word}, got {self._told(size)}, equal only "
                "for the current hyperparameters; use the same expression for both"
            )
        return match is not Match.NO

    def _told(self, size: AnyDim) -> str:
        """Write a size with its present value, where that says more."""
        try:
            value = substitute(size, self.values)
        except DimError:
            return show(size)
        return show(size) if value == size else f"{show(size)} = {show(value)}"
