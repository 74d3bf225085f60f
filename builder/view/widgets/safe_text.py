"""Sanitizes text for the window: every text from outside passes through here.

Dear PyGui crashes on lone surrogates and draws nothing for control and format characters, so all
of these are replaced by their escape sequences.
"""

import re

_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0]|\\n"
)
MAX_LENGTH = 20_000
"""Characters after which a text is truncated."""


def sanitize(text: str, lines: bool = False) -> str:
    """Escape what the window cannot draw, and truncate a text that is too long.

    Args:
        text: any text.
        lines: keep line breaks instead of escaping them.
    """

    def escape(match: re.Match[str]) -> str:
        return match[0] if lines and match[0] == "\n" else ascii(match[0])[1:-1]

    if len(text) > MAX_LENGTH:
        text = f"{text[:MAX_LENGTH]}..."
    return _INVISIBLE.sub(escape, text)


def sanitize_label(text: str) -> str:
    """Sanitize the label of a widget: Dear ImGui would hide everything after ``##``."""
    return re.sub("#(?=#)", "# ", sanitize(text))
