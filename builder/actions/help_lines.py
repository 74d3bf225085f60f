"""What the mouse does, and the keys beside it, as the help shows them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from builder.actions.action import Action
from builder.search.search import Terms, ranked


@dataclass(frozen=True, slots=True)
class GestureHelp:
    """A gesture of the mouse, where it is made, and what it does."""

    gesture: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A line of the help: a title and how it is done, or a heading where that is empty."""

    title: str
    how: tuple[str, ...] = ()


CANVAS, NODE, PORT, EDGE, ANYWHERE = "Canvas", "Node", "Port", "Edge", "Anywhere"

GESTURES = (
    GestureHelp("Double click", CANVAS, "Add a node"),
    GestureHelp("Right click", CANVAS, "Add a node there"),
    GestureHelp("Click", CANVAS, "Select nothing"),
    GestureHelp("Drag", CANVAS, "Select what a box touches"),
    GestureHelp("Shift + drag", CANVAS, "Add what a box touches"),
    GestureHelp("Ctrl + drag", CANVAS, "Toggle what a box touches"),
    GestureHelp("Drop from palette", CANVAS, "Add a node there"),
    GestureHelp("Click", NODE, "Select it"),
    GestureHelp("Shift + click", NODE, "Select it too"),
    GestureHelp("Ctrl + click", NODE, "Select it, or no longer"),
    GestureHelp("Drag", NODE, "Move the selection"),
    GestureHelp("Drag, then Ctrl", NODE, "Move without snapping"),
    GestureHelp("Drag, then Alt", NODE, "Move without inserting on edges"),
    GestureHelp("Drag onto an edge", NODE, "Insert it there"),
    GestureHelp("Alt + drag", NODE, "Duplicate the selection"),
    GestureHelp("Double click", NODE, "Title: rename; block: enter"),
    GestureHelp("Right click", NODE, "Show what can be done"),
    GestureHelp("Drag", PORT, "Draw an edge"),
    GestureHelp("Click, then click", PORT, "Draw an edge in two steps"),
    GestureHelp("Drag into space", PORT, "Add a node that fits"),
    GestureHelp("Drag onto a node", PORT, "Connect to a free port of it"),
    GestureHelp("Ctrl + drag", PORT, "Move all edges of the port"),
    GestureHelp("Alt + click", PORT, "Remove all edges of the port"),
    GestureHelp("Drop from palette", PORT, "Add a node, connected"),
    GestureHelp("Click", EDGE, "Select it"),
    GestureHelp("Drag near its end", EDGE, "Connect it elsewhere, or remove it"),
    GestureHelp("Shift + drag", EDGE, "Draw another from the same source"),
    GestureHelp("Double click", EDGE, "Put a node on it"),
    GestureHelp("Drop from palette", EDGE, "Put a node on it"),
    GestureHelp("Right click", EDGE, "Show what can be done"),
    GestureHelp("Wheel", ANYWHERE, "Zoom at the pointer"),
    GestureHelp("Middle drag", ANYWHERE, "Pan"),
    GestureHelp("Right drag", ANYWHERE, "Pan"),
    GestureHelp("Space + drag", ANYWHERE, "Pan"),
    GestureHelp("Ctrl + right drag", ANYWHERE, "Cut the edges that a stroke crosses"),
    GestureHelp("Y + drag", ANYWHERE, "Cut the edges that a stroke crosses"),
)


def mouse_lines(text: str = "") -> list[HelpLine]:
    """List the gestures under where they are made; those that a text means."""
    found = _meant(text, GESTURES, lambda one: Terms(one.what, (one.gesture,), one.where))
    return _grouped((one.where, HelpLine(one.what, (one.gesture,))) for one in found)


def key_lines(actions: Iterable[Action], text: str = "") -> list[HelpLine]:
    """List the actions that have keys, under their headings; those that a text means."""
    keyed = [one for one in actions if one.keys]
    found = _meant(text, keyed, lambda one: Terms(one.title, one.keys, one.group))
    return _grouped((one.group, HelpLine(one.title, one.keys)) for one in found)


def _meant(text: str, items: Iterable, terms: object) -> list:
    """Pick what a text means, in the order it stands in."""
    items = list(items)
    if not text.strip():
        return items
    chosen = {id(one) for one in ranked(text, items, terms)}
    return [one for one in items if id(one) in chosen]


def _grouped(lines: Iterable[tuple[str, HelpLine]]) -> list[HelpLine]:
    return list(_with_headings(lines))


def _with_headings(lines: Iterable[tuple[str, HelpLine]]) -> Iterator[HelpLine]:
    for heading, group in groupby(lines, key=lambda pair: pair[0]):
        yield HelpLine(heading)
        yield from (line for _, line in group)
