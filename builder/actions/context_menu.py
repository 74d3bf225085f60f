"""What the menu of a node, an edge, a port or a remark offers, made of the actions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.commands import edges
from builder.dialogs.dialog import AddNode, Manual, Menu
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from builder.editor.editor import Editor
from nodes.core.graphs.graph import PortRef
from nodes.core.shapes.shape import show_shape


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu.

    Attributes:
        title: what it does.
        keys: what does it from the keyboard.
        do: does it.
        enabled: it can be done now.
        last: it is the last of its group.
    """

    title: str
    keys: str
    do: Callable[[], object]
    enabled: bool = True
    last: bool = False


Items = list[Item]

_NODE = (
    ("rename", "enter", "replace"),
    ("cut", "copy", "duplicate", "duplicate_wired"),
    ("bypass", "detach", "disconnect"),
    ("group", "ungroup", "frame_around"),
    ("delete", "delete_and_reconnect"),
)
_REMARK = (("rename",), ("delete",))


def take_aim(editor: Editor, menu: Menu) -> None:
    """Select what the menu is for, unless it is selected already."""
    selected = editor.document.selection
    if menu.node and menu.node not in selected.nodes:
        editor.store.select(Selection.of(menu.node))
    elif menu.edge is not None and menu.edge not in selected.edges:
        editor.store.select(Selection(edges=frozenset({menu.edge})))
    elif menu.comment and menu.comment not in selected.comments:
        editor.store.select(Selection(comments=frozenset({menu.comment})))


def items(editor: Editor, menu: Menu) -> Items:
    """List what can be done with what is under the pointer."""
    if menu.end is not None:
        return _port(editor, menu, menu.end)
    if menu.edge is not None:
        return _edge(editor, menu, menu.edge)
    if menu.node:
        explain = Manual(type(editor.shown.graph.nodes[menu.node]).__name__)
        listed = _actions(editor, _NODE)
        return [*listed, Item("Explain this node", "F1", partial(editor.open, explain))]
    return _actions(editor, _REMARK)


def _actions(editor: Editor, groups: tuple[tuple[str, ...], ...]) -> Items:
    return _grouped([[_action(editor, name) for name in group] for group in groups])


def _grouped(groups: list[Items]) -> Items:
    """Put groups one after the other, and mark where each ends."""
    return [replace(item, last=item is group[-1]) for group in groups for item in group]


def _action(editor: Editor, name: str) -> Item:
    action = ACTIONS[name]
    keys = action.keys[0] if action.keys else ""
    return Item(action.title, keys, partial(run_action, editor, name), action.enabled(editor))


def _edge(editor: Editor, menu: Menu, target: PortRef) -> Items:
    free = editor.document.editable
    source = editor.shown.graph.edges.get(target)
    insert = partial(editor.open, AddNode(menu.at, menu.pixel, edge=target))
    remove = partial(editor.run, f"Disconnect {target}", edges.disconnect, [target])
    show = [
        Item(f"Go to {name}", "", partial(_go, editor, name))
        for name in ((source.node if source else ""), target.node)
        if name
    ]
    return _grouped(
        [
            [Item("Insert a node", "Tab", insert, free)],
            show,
            [Item("Delete", "Delete", remove, free)],
        ]
    )


def _port(editor: Editor, menu: Menu, end: PortEnd) -> Items:
    free = editor.document.editable
    port, graph = end.ref, editor.shown.graph
    ends = [t for t, s in graph.edges.items() if port == (t if end.is_input else s)]
    ends_of_new = {"target": port} if end.is_input else {"source": port}
    ask = AddNode(menu.at, menu.pixel, **ends_of_new)
    shape = _shape(editor, graph.edges.get(port, port) if end.is_input else port)
    remove = partial(editor.run, f"Disconnect {port}", edges.disconnect, ends)
    several = "Remove its edges" if len(ends) > 1 else "Remove its edge"
    copy = Item("Copy its shape", "", partial(_copy, editor, shape), bool(shape))
    return _grouped(
        [
            [Item("Add a node that fits", "", partial(editor.open, ask), free)],
            [Item(several, "", remove, free and bool(ends)), copy],
        ]
    )


def _shape(editor: Editor, source: PortRef) -> str:
    checked = editor.shown.checked
    spec = checked.spec(source) if checked else None
    return show_shape(spec.shape) if spec else ""


def _copy(editor: Editor, text: str) -> None:
    editor.clipboard.write(text)
    editor.say(f"copied {text}")


def _go(editor: Editor, name: str) -> None:
    editor.store.select(Selection.of(name))
    editor.reveal(name)
