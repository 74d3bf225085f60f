"""Keyboard navigation in lists, and wrapping of text to a measured width."""

from collections.abc import Callable, Sequence

NAVIGATION_KEYS = ("Up", "Down", "PageUp", "PageDown")


def next_row(at: int, key: str, enabled: Sequence[bool], page: int) -> int:
    """Return the row that a key selects; -1 if no row is enabled.

    Args:
        at: the selected row, or -1.
        key: "Up", "Down", "PageUp" or "PageDown"; Up and Down wrap around at the ends.
        enabled: whether each row can be selected.
        page: the number of visible rows.
    """
    rows = [row for row, can_select in enumerate(enabled) if can_select]
    if not rows:
        return -1
    if key in ("Up", "Down"):
        before = [row for row in rows if row < at]
        after = [row for row in rows if row > at]
        return (before or rows)[-1] if key == "Up" else (after or rows)[0]
    target = max(at, 0) + (page if key == "PageDown" else -page)
    return min(rows, key=lambda row: abs(row - target))


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Wrap a text to a width, between words if possible."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and measure(longer) > width:
                lines.append(line)
                longer = word
            *full, line = _split_word(longer, width, measure)
            lines += full
        lines.append(line)
    return lines


def _split_word(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Split a word that is wider than a line."""
    pieces = []
    while len(word) > 1 and measure(word) > width:
        length = max(_longest_prefix(word, len(word) - 1, width, measure), 1)
        pieces.append(word[:length])
        word = word[length:]
    return [*pieces, word]


def _longest_prefix(word: str, limit: int, width: float, measure: Callable[[str], float]) -> int:
    return largest(limit, lambda length: measure(word[:length]) <= width)


def shortened(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Shorten a text to a width with an ellipsis."""
    if measure(text) <= width:
        return text
    kept = largest(len(text), lambda length: measure(f"{text[:length].rstrip()}…") <= width)
    return f"{text[:kept].rstrip()}…"


def largest(limit: int, fits: Callable[[int], bool]) -> int:
    """Find the largest number up to a limit that fits, by bisection; every smaller one must fit."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
