"""Patterns: the shape of a port, in the style of einops.

A pattern is words: ``"B T d_model"``.  A word that is a parameter of the node means the
parameter's value; any other word stands for one size, the same on all ports of the node.
``...`` is any number of sizes, a number is itself, and ``(H d)`` is the product of H and d.

Reference:
    Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like Notation",
    2022, ICLR
"""

import re
from dataclasses import dataclass
from functools import lru_cache

Item = int | str | tuple[int | str, ...]

SPREAD = "..."
_TOKEN = re.compile(r"\.\.\.|[()]|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[^\s]")


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
            item: int | str = int(token) if token[0].isdecimal() else token
            (sides[-1] if product is None else product).append(item)
        else:
            told = f"{ascii(token)} does not belong there"
            raise ValueError(f"{ascii(text)} is not a pattern: {told}")
    if product is not None:
        raise ValueError(f"{ascii(text)} is not a pattern: a bracket is not closed")
    after = tuple(sides[1]) if len(sides) == 2 else ()
    return Pattern(text, tuple(sides[0]), after, len(sides) == 2)
