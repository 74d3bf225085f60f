"""The existing name that a misspelt one most likely stands for."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

LONGEST = 64
"""The most characters of a name that are compared."""

MOST_NAMES = 2000
"""The most existing names that are compared."""


def closest(name: str, names: Iterable[str]) -> str:
    """Return the name that is most similar to a misspelt one, in any case; "" if none is.

    >>> closest("d_modle", ["vocab_size", "d_model"])
    'd_model'
    """
    folded = {other.casefold(): other for other in islice(names, MOST_NAMES)}
    close = get_close_matches(name.casefold()[:LONGEST], folded, n=1)
    return folded[close[0]] if close else ""


QUESTION = "; did you mean "
"""What begins the question that may end a message."""


def did_you_mean(name: str) -> str:
    """Write the question that ends a message, or "" without a name."""
    return f"{QUESTION}{name}?" if name else ""
