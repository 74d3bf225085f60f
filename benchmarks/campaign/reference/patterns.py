"""The patterns that the input nodes of blocks declare."""

import math
import re
from collections.abc import Sequence


def fits(pattern: str, shape: Sequence[int]) -> bool:
    """Return whether a shape is one of those that a pattern such as ``B T C`` stands for."""
    items = re.findall(r"\.\.\.|\([^)]*\)|[^\s()]+", pattern)
    sizes = list(shape)
    if "..." in items:
        before = items.index("...")
        after = len(items) - before - 1
        if len(sizes) < before + after:
            return False
        items.remove("...")
        sizes = sizes[:before] + sizes[len(sizes) - after :]
    if len(items) != len(sizes):
        return False
    known: dict[str, int] = {}
    return all(_matches(item, size, known) for item, size in zip(items, sizes, strict=True))


def _matches(item: str, size: int, known: dict[str, int]) -> bool:
    words = item.strip("()").split()
    numbers = [int(word) if word.isdecimal() else known.get(word, 0) for word in words]
    unknown = [word for word, number in zip(words, numbers, strict=True) if not number]
    product = math.prod(number for number in numbers if number)
    if not unknown:
        return product == size
    if size % product:
        return False
    if len(unknown) == 1:
        known[unknown[0]] = size // product
    return True
