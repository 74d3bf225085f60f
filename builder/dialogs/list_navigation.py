"""How the keyboard walks through a list, and how text is broken into lines."""

from collections.abc import Callable, Sequence

NAVIGATION_KEYS = ("Up", "Down", "PageUp", "PageDown")


def next_row(at: int, key: str, free: Sequence[bool], page: int) -> int:
    """Tell which row a key goes to.

    Args:
        at: the row that is chosen, or -1.
        key: "Up", "Down", "PageUp" or "PageDown"; one step goes round at the ends, a page does not.
        free: which rows can be chosen at all.
        page: how many rows are seen at once.
    """
    rows = [row for row, one in enumerate(free) if one]
    if not rows:
        return -1
    if key in ("Up", "Down"):
        before = [row for row in rows if row < at]
        after = [row for row in rows if row > at]
        return (before or rows)[-1] if key == "Up" else (after or rows)[0]
    wanted = max(at, 0) + (page if key == "PageDown" else -page)
    return min(rows, key=lambda row: abs(row - wanted))


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines no wider than a width, between words where that can be."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and measure(longer) > width:
                lines.append(line)
                longer = word
            *full, line = _chopped(longer, width, measure)
            lines += full
        lines.append(line)
    return lines


def _chopped(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a word that is wider than a line."""
    pieces = []
    while len(word) > 1 and measure(word) > width:
        fits = most(len(word) - 1, lambda n, word=word: measure(word[:n]) <= width)
        pieces.append(word[: max(fits, 1)])
        word = word[max(fits, 1) :]
    return [*pieces, word]


def shortened(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Cut a text so that it is no wider than a width; what was cut shows as an ellipsis."""
    if measure(text) <= width:
        return text
    kept = most(len(text), lambda n: measure(f"{text[:n].rstrip()}…") <= width)
    return f"{text[:kept].rstrip()}…"


def most(limit: int, fits: Callable[[int], bool]) -> int:
    """Find the largest number up to a limit that fits, where every smaller one does too."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
