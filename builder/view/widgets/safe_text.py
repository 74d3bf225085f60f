"""The one gate for text that goes to the window: what would crash it or mislead is written out."""

import re

_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0]|\\n"
)
LONGEST = 20_000


def shown(text: str, lines: bool = False) -> str:
    """Write a text for the window.

    Lone surrogates, which crash it, controls and what cannot be seen stand as escapes.

    Args:
        text: any text.
        lines: line ends stay.
    """

    def escape(found: re.Match[str]) -> str:
        return found[0] if lines and found[0] == "\n" else ascii(found[0])[1:-1]

    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}..."
    return _UNSEEN.sub(escape, text)


def label(text: str) -> str:
    """Write a text for a button or a menu entry, where two hash signs would end it."""
    return re.sub("#(?=#)", "# ", shown(text))
