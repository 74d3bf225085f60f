"""What the mouse does, and the keys beside it, as the help shows them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from builder.actions.action import Action
from builder.search.search import SearchTerms, rank


@dataclass(frozen=True, slots=True)
class Gesture:
    """A gesture of the mouse, where it is made, and what it does."""

    gesture: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the help: a title and how it is done, or a heading where that is empty."""

    title: str
    how: tuple[str, ...] = ()


CANVAS, NODE, PORT, EDGE, ANYWHERE = "Canvas", "Node", "Port", "Edge", "Anywhere"

GESTURES = (
    Gesture("Double click", CANVAS, "Add a node"),
    Gesture("Right click", CANVAS, "Add a node there"),
    Gesture("Click", CANVAS, "Select nothing"),
    Gesture("Drag", CANVAS, "Select what a box touches"),
    Gesture("Shift + drag", CANVAS, "Add what a box touches"),
    Gesture("Ctrl + drag", CANVAS, "Toggle what a box touches"),
    Gesture("Drop from palette", CANVAS, "Add a node there"),
    Gesture("Click", NODE, "Select it"),
    Gesture("Shift + click", NODE, "Select it too"),
    Gesture("Ctrl + click", NODE, "Select it, or no longer"),
    Gesture("Drag", NODE, "Move the selection"),
    Gesture("Drag, then Ctrl", NODE, "Move without snapping"),
    Gesture("Drag, then Alt", NODE, "Move without inserting on edges"),
    Gesture("Drag onto an edge", NODE, "Insert it there"),
    Gesture("Alt + drag", NODE, "Duplicate the selection"),
    Gesture("Double click", NODE, "Title: rename; block: enter"),
    Gesture("Right click", NODE, "Show what can be done"),
    Gesture("Drag", PORT, "Draw an edge"),
    Gesture("Click, then click", PORT, "Draw an edge in two steps"),
    Gesture("Drag into space", PORT, "Add a node that fits"),
    Gesture("Drag onto a node", PORT, "Connect to a free port of it"),
    Gesture("Ctrl + drag", PORT, "Move all edges of the port"),
    Gesture("Alt + click", PORT, "Remove all edges of the port"),
    Gesture("Drop from palette", PORT, "Add a node, connected"),
    Gesture("Click", EDGE, "Select it"),
    Gesture("Drag near its end", EDGE, "Connect it elsewhere, or remove it"),
    Gesture("Shift + drag", EDGE, "Draw another from the same source"),
    Gesture("Double click", EDGE, "Put a node on it"),
    Gesture("Drop from palette", EDGE, "Put a node on it"),
    Gesture("Right click", EDGE, "Show what can be done"),
    Gesture("Wheel", ANYWHERE, "Zoom at the pointer"),
    Gesture("Middle drag", ANYWHERE, "Pan"),
    Gesture("Right drag", ANYWHERE, "Pan"),
    Gesture("Space + drag", ANYWHERE, "Pan"),
    Gesture("Ctrl + right drag", ANYWHERE, "Cut the edges that a stroke crosses"),
    Gesture("Y + drag", ANYWHERE, "Cut the edges that a stroke crosses"),
)


def mouse_lines(text: str = "") -> list[Line]:
    """List the gestures under where they are made; those that a text means."""
    found = _meant(text, GESTURES, lambda one: SearchTerms(one.what, (one.gesture,), one.where))
    return _grouped((one.where, Line(one.what, (one.gesture,))) for one in found)


def key_lines(actions: Iterable[Action], text: str = "") -> list[Line]:
    """List the actions that have keys, under their headings; those that a text means."""
    keyed = [one for one in actions if one.keys]
    found = _meant(text, keyed, _terms)
    return _grouped((one.group, Line(one.title, one.keys)) for one in found)


def _terms(action: Action) -> SearchTerms:
    return SearchTerms(action.title, (*action.keys, *action.aliases), action.group)


def _meant(text: str, items: Iterable, terms: object) -> list:
    """Pick what a text means, in the order it stands in."""
    items = list(items)
    if not text.strip():
        return items
    chosen = {id(one) for one in rank(text, items, terms)}
    return [one for one in items if id(one) in chosen]


def _grouped(lines: Iterable[tuple[str, Line]]) -> list[Line]:
    return list(_with_headings(lines))


def _with_headings(lines: Iterable[tuple[str, Line]]) -> Iterator[Line]:
    for heading, group in groupby(lines, key=lambda pair: pair[0]):
        yield Line(heading)
        yield from (line for _, line in group)
