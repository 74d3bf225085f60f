"""Which names models, blocks and nodes may have."""

import re
import unicodedata

LONGEST = 200
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_title(text: str) -> None:
    """Check that a text can be a title: one line of at most `LONGEST` characters.

    Raises:
        ValueError: it cannot.
    """
    # Compatibility characters expand to many: the limit holds for the expanded name too.
    length = len(unicodedata.normalize("NFKC", text))
    if not 1 <= length <= LONGEST:
        raise ValueError(f"expected a name of 1 to {LONGEST} characters, got {length}")
    if found := _UNPRINTABLE.search(text):
        raise ValueError(
            f"expected a name without control characters, got {repr(found[0])}; remove it"
        )


def check_name(text: str) -> None:
    """Check that a text can name a node or a block: a title without separators.

    Raises:
        ValueError: it cannot.
    """
    check_title(text)
    if found := re.search("[./]", text):
        raise ValueError(
            f"expected a name without dots and slashes, got {repr(found[0])}; remove it"
        )


def folded(name: str) -> str:
    """Fold the case and the compatibility characters of a name, so that look-alikes are equal."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
