"""Patterns: the shapes of ports, in the notation of einops.

A pattern is a sequence of words, such as ``"B T d_model"``.  A word that is a parameter of the
node stands for its value; any other word stands for one size, the same at all ports of the node.
``...`` is any number of sizes, a number is itself, and ``(H D)`` is the product of H and D.

Reference:
    Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like Notation",
    2022, ICLR
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from nodes.core.shapes.size_limits import LARGEST

Item = int | str | tuple[int | str, ...]

SPREAD = "..."
LONGEST = 200
_WORD = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile("[0-9]+")
_TOKEN = re.compile(rf"\.\.\.|{_WORD.pattern}|{_NUMBER.pattern}|\S")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        text: the source.
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
        """The words, those in products among them."""
        products = (item if isinstance(item, tuple) else (item,) for item in self.items)
        return frozenset(word for factors in products for word in factors if isinstance(word, str))


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """Parse a pattern.

    >>> parse_pattern("B T (H D)").before
    ('B', 'T', ('H', 'D'))

    Raises:
        ValueError: the text is no pattern.
    """
    if len(text) > LONGEST:
        raise ValueError(f"expected a pattern of at most {LONGEST} characters, got {len(text)}")
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
        elif _WORD.fullmatch(token):
            (sides[-1] if product is None else product).append(token)
        elif _NUMBER.fullmatch(token):
            (sides[-1] if product is None else product).append(_number(token))
        else:
            raise ValueError(f"expected a pattern, got {repr(text)}: unexpected {repr(token)}")
    if product is not None:
        raise ValueError(f"expected a pattern, got {repr(text)}: a bracket is not closed")
    after = tuple(sides[1]) if len(sides) == 2 else ()
    return Pattern(text, tuple(sides[0]), after, len(sides) == 2)


def _number(token: str) -> int:
    if int(token) > LARGEST:
        raise ValueError(f"expected a number below 2**53, got {token}")
    return int(token)
