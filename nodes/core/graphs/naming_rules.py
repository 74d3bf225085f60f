"""What models, blocks and nodes may be called."""

import re
import unicodedata

LONGEST = 200
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def see_title(text: str) -> None:
    """See that a text can head a page: one line, not too long.

    Raises:
        ValueError: it cannot; the message says why.
    """
    # Some characters stand for many: a name must be short also when they are spelled out.
    length = len(unicodedata.normalize("NFKC", text))
    if not 1 <= length <= LONGEST:
        raise ValueError(f"a name of 1 to {LONGEST} characters is expected, not of {length}")
    if found := _UNPRINTABLE.search(text):
        raise ValueError(f"a name without control characters is expected; remove {ascii(found[0])}")


def see_name(text: str) -> None:
    """See that a text can name a node or a block: a title without what separates names.

    Raises:
        ValueError: it cannot; the message says why.
    """
    see_title(text)
    if found := re.search("[./]", text):
        raise ValueError(f"a name without dots and slashes is expected; remove {ascii(found[0])}")


def folded(name: str) -> str:
    """Map names that a reader would take for one another to one text."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
