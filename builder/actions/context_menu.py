"""The context menu of a node, an edge, a port or a comment."""

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
class MenuItem:
    """An item of a menu.

    Attributes:
        title: the text, in the imperative.
        keys: the shortcut.
        do: performs the item.
        enabled: it can be performed now.
        last: a separator follows.
    """

    title: str
    keys: str
    do: Callable[[], object]
    enabled: bool = True
    last: bool = False


MenuItems = list[MenuItem]

_NODE = (
    ("rename", "enter_block", "replace_node"),
    ("cut", "copy", "duplicate", "duplicate_with_incoming_edges"),
    ("bypass", "detach_and_reconnect", "disconnect"),
    ("group_into_block", "ungroup", "frame_selection"),
    ("delete", "delete_and_reconnect"),
)
_COMMENT = (("rename",), ("delete",))


def select_menu_target(editor: Editor, menu: Menu) -> None:
    """Select the item that the menu acts on, unless it is selected."""
    selected = editor.document.selection
    if menu.node and menu.node not in selected.nodes:
        editor.store.select(Selection.of(menu.node))
    elif menu.edge is not None and menu.edge not in selected.edges:
        editor.store.select(Selection(edges=frozenset({menu.edge})))
    elif menu.comment and menu.comment not in selected.comments:
        editor.store.select(Selection(comments=frozenset({menu.comment})))


def menu_items(editor: Editor, menu: Menu) -> MenuItems:
    """List the items of a menu."""
    if menu.end is not None:
        target = menu.end.ref if menu.end.is_input else None
        return [*_remedy_items(editor, "", target), *_port_items(editor, menu, menu.end)]
    if menu.edge is not None:
        return [*_remedy_items(editor, "", menu.edge), *_edge_items(editor, menu, menu.edge)]
    if menu.node:
        manual = Manual(type(editor.active_graph.graph.nodes[menu.node]).__name__)
        title, keys = ACTIONS["show_manual"].title, ACTIONS["show_manual"].keys[0]
        show_manual = MenuItem(title, keys, partial(editor.open_dialog, manual))
        remedies = _remedy_items(editor, menu.node, None)
        return [*remedies, *_action_items(editor, _NODE), show_manual]
    return _action_items(editor, _COMMENT)


def _remedy_items(editor: Editor, node: str, target: PortRef | None) -> MenuItems:
    """List the remedies of the problems at a node, or at an input port."""
    if not editor.document.editable:
        return []
    graph, analysis = editor.active_graph.graph_name, editor.analysis
    here = [one for one in analysis.report.problems if one.location.graph == graph]
    remedies = {
        remedy.title: remedy
        for problem in here
        if (node and problem.location.node == node)
        or PortRef(problem.location.node, problem.location.port) == target
        for remedy in analysis.remedies(problem)
    }
    items = [
        MenuItem(title, "", partial(editor.apply_remedy, remedy))
        for title, remedy in remedies.items()
    ]
    return _grouped([items]) if items else []


def _action_items(editor: Editor, groups: tuple[tuple[str, ...], ...]) -> MenuItems:
    return _grouped([[_action_item(editor, name) for name in group] for group in groups])


def _grouped(groups: list[MenuItems]) -> MenuItems:
    """Concatenate groups, with a separator after each."""
    return [replace(item, last=item is group[-1]) for group in groups for item in group]


def _action_item(editor: Editor, name: str) -> MenuItem:
    action = ACTIONS[name]
    keys = action.keys[0] if action.keys else ""
    return MenuItem(action.title, keys, partial(run_action, editor, name), action.enabled(editor))


def _edge_items(editor: Editor, menu: Menu, target: PortRef) -> MenuItems:
    editable = editor.document.editable
    source = editor.active_graph.graph.edges.get(target)
    insert = partial(editor.open_dialog, AddNode(menu.at, menu.pixel, edge=target))
    remove = partial(editor.run_command, f"Disconnect {target}", edges.disconnect, [target])
    go_to = [
        MenuItem(f"Go to {name}", "", partial(_go_to, editor, name))
        for name in ((source.node if source else ""), target.node)
        if name
    ]
    return _grouped(
        [
            [MenuItem("Insert node", "Tab", insert, editable)],
            go_to,
            [MenuItem("Delete", "Delete", remove, editable)],
        ]
    )


def _port_items(editor: Editor, menu: Menu, end: PortEnd) -> MenuItems:
    editable = editor.document.editable
    port, graph = end.ref, editor.active_graph.graph
    targets = [t for t, s in graph.edges.items() if port == (t if end.is_input else s)]
    source, target = (None, port) if end.is_input else (port, None)
    search = AddNode(menu.at, menu.pixel, source=source, target=target)
    shape = _shape(editor, graph.edges.get(port, port) if end.is_input else port)
    remove = partial(editor.run_command, f"Disconnect {port}", edges.disconnect, targets)
    return _grouped(
        [
            [MenuItem("Add connected node", "", partial(editor.open_dialog, search), editable)],
            [
                MenuItem("Disconnect", "", remove, editable and bool(targets)),
                MenuItem("Copy shape", "", partial(_copy, editor, shape), bool(shape)),
            ],
        ]
    )


def _shape(editor: Editor, source: PortRef) -> str:
    checked = editor.active_graph.checked
    spec = checked.spec(source) if checked else None
    return show_shape(spec.shape) if spec else ""


def _copy(editor: Editor, text: str) -> None:
    editor.clipboard.write(text)
    editor.notify(f"copied {text}")


def _go_to(editor: Editor, name: str) -> None:
    editor.store.select(Selection.of(name))
    editor.navigation.reveal(name)
