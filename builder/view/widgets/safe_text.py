"""Sanitizes text for the window: every text from outside passes through here.

Dear PyGui crashes on lone surrogates and draws nothing for control and format characters, so all
of these are replaced by their escape sequences.  Letters that the fonts lack, which it draws as
question marks, are transliterated, except in a field, whose text goes back to the model.
"""

import re

from builder.graphics.text_metrics import with_known_glyphs

_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0]|\\n"
)
MAX_LENGTH = 20_000
"""Characters after which a text is truncated."""


def sanitize(text: str, lines: bool = False, font: str = "regular") -> str:
    """Replace what the window cannot draw, and truncate a text that is too long.

    Args:
        text: any text.
        lines: keep line breaks instead of escaping them.
        font: the font that the text is drawn in.
    """
    shown = sanitize_input(text, lines).split("\n")
    return "\n".join(with_known_glyphs(line, font) for line in shown)


def sanitize_input(text: str, lines: bool = False) -> str:
    """Sanitize the text of a field: only what would be invisible is replaced."""

    def escape(match: re.Match[str]) -> str:
        return match[0] if lines and match[0] == "\n" else ascii(match[0])[1:-1]

    if len(text) > MAX_LENGTH:
        text = f"{text[:MAX_LENGTH]}..."
    return _INVISIBLE.sub(escape, text)


def sanitize_label(text: str) -> str:
    """Sanitize the label of a widget: Dear ImGui would hide everything after ``##``."""
    return re.sub("#(?=#)", "# ", sanitize(text))
