"""The lines of the help: mouse gestures and keyboard shortcuts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from builder.actions.action import Action
from builder.search.search import SearchTerms, rank

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GestureHelp:
    """A mouse gesture, the item that it starts on, and what it does."""

    gesture: str
    item: str
    effect: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A line of the help: a title with its keys or gesture; a heading has neither."""

    title: str
    how: tuple[str, ...] = ()


CANVAS, NODE, PORT, EDGE, ANYWHERE = "Canvas", "Node", "Port", "Edge", "Anywhere"

GESTURES = (
    GestureHelp("Double click", CANVAS, "Add node"),
    GestureHelp("Right click", CANVAS, "Add node"),
    GestureHelp("Click", CANVAS, "Deselect all"),
    GestureHelp("Drag", CANVAS, "Marquee selection"),
    GestureHelp("Shift + drag", CANVAS, "Add to selection"),
    GestureHelp("Ctrl + drag", CANVAS, "Toggle selection"),
    GestureHelp("Drop from palette", CANVAS, "Add node"),
    GestureHelp("Click", NODE, "Select"),
    GestureHelp("Shift + click", NODE, "Add to selection"),
    GestureHelp("Ctrl + click", NODE, "Toggle selection"),
    GestureHelp("Drag", NODE, "Move"),
    GestureHelp("Drag, then Ctrl", NODE, "Move without snapping"),
    GestureHelp("Drag, then Alt", NODE, "Move without insertion on edges"),
    GestureHelp("Drag onto an edge", NODE, "Insert on the edge"),
    GestureHelp("Alt + drag", NODE, "Duplicate"),
    GestureHelp("Double click", NODE, "Title: rename; block: enter"),
    GestureHelp("Right click", NODE, "Open context menu"),
    GestureHelp("Drag", PORT, "Connect"),
    GestureHelp("Click, then click", PORT, "Connect"),
    GestureHelp("Drag onto the canvas", PORT, "Add connected node"),
    GestureHelp("Drag onto a node", PORT, "Connect to its first free port"),
    GestureHelp("Ctrl + drag", PORT, "Move all edges of the port"),
    GestureHelp("Alt + click", PORT, "Disconnect"),
    GestureHelp("Drop from palette", PORT, "Add connected node"),
    GestureHelp("Click", EDGE, "Select"),
    GestureHelp("Drag near its end", EDGE, "Reconnect, or disconnect"),
    GestureHelp("Shift + drag", EDGE, "Connect another edge from its source"),
    GestureHelp("Double click", EDGE, "Insert node"),
    GestureHelp("Drop from palette", EDGE, "Insert node"),
    GestureHelp("Right click", EDGE, "Open context menu"),
    GestureHelp("Wheel", ANYWHERE, "Zoom at the pointer"),
    GestureHelp("Middle drag", ANYWHERE, "Pan"),
    GestureHelp("Right drag", ANYWHERE, "Pan"),
    GestureHelp("Space + drag", ANYWHERE, "Pan"),
    GestureHelp("Ctrl + right drag", ANYWHERE, "Cut edges"),
    GestureHelp("Y + drag", ANYWHERE, "Cut edges"),
)


def mouse_lines(text: str = "") -> list[HelpLine]:
    """List the gestures that match a search text, grouped by the item that they start on."""
    found = _matching(
        text,
        GESTURES,
        lambda gesture: SearchTerms(gesture.effect, (gesture.gesture,), gesture.item),
    )
    return list(
        _grouped((gesture.item, HelpLine(gesture.effect, (gesture.gesture,))) for gesture in found)
    )


def key_lines(actions: Iterable[Action], text: str = "") -> list[HelpLine]:
    """List the actions with shortcuts that match a search text, by group."""
    with_keys = [action for action in actions if action.keys]
    found = _matching(
        text, with_keys, lambda action: SearchTerms(action.title, action.keys, action.group)
    )
    return list(_grouped((action.group, HelpLine(action.title, action.keys)) for action in found))


def _matching(text: str, items: Iterable[T], terms: Callable[[T], SearchTerms]) -> list[T]:
    """Filter the items by a search text, in their order."""
    items = list(items)
    if not text.strip():
        return items
    matching = {id(item) for item in rank(text, items, terms)}
    return [item for item in items if id(item) in matching]


def _grouped(lines: Iterable[tuple[str, HelpLine]]) -> Iterator[HelpLine]:
    for heading, group in groupby(lines, key=lambda pair: pair[0]):
        yield HelpLine(heading)
        yield from (line for _, line in group)
