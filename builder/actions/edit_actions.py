"""Actions that change the model."""

from collections.abc import Callable
from functools import partial

from builder.actions.action import (
    Action,
    any_selected,
    editable,
    nodes_selected,
    one_node_selected,
)
from builder.canvas.active_graph import card_geometry
from builder.canvas.selection_sets import describe
from builder.commands import blocks, comments, copy_paste, edges, nodes
from builder.dialogs.dialog import AddNode, HistoryDialog, Rename
from builder.document.document import Document, Refused, Selection
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from builder.graphics.shapes import Point
from builder.layout.align import GRID, aligned, distributed, straightened
from builder.layout.arrange import arrange as arrange_graph
from nodes.core.graphs.graph import Block, Composite

EDIT, ARRANGE, BLOCKS = "Edit", "Arrange", "Blocks"
DUPLICATE_OFFSET: Point = (4 * GRID, 4 * GRID)


def describe_selection(editor: Editor) -> str:
    """Describe the selection for a label."""
    return describe(editor.document.selection)


def undo(editor: Editor) -> None:
    """Undo one step."""
    editor.store.undo()


def redo(editor: Editor) -> None:
    """Redo one step."""
    editor.store.redo()


def copy(editor: Editor) -> None:
    """Copy the selected nodes to the clipboard."""
    editor.clipboard.write(copy_paste.copy(editor.document))
    editor.notify(f"copied {describe_selection(editor)}")


def cut(editor: Editor) -> None:
    """Copy the selected nodes to the clipboard, and delete them."""
    editor.clipboard.write(copy_paste.copy(editor.document))
    editor.run_command(f"Cut {describe_selection(editor)}", nodes.delete)


def paste(editor: Editor, incoming: bool = False) -> None:
    """Paste nodes at the pointer, with their incoming edges if ``incoming``."""
    label = "Paste with incoming edges" if incoming else "Paste"
    text, at = editor.clipboard.read(), editor.pointer_on_canvas()
    editor.run_command(label, copy_paste.paste, text, at, incoming)


def duplicate(editor: Editor, incoming: bool = False) -> None:
    """Duplicate the selected nodes, with their incoming edges if ``incoming``."""
    label = f"Duplicate {describe_selection(editor)}{' with incoming edges' if incoming else ''}"
    editor.run_command(label, nodes.duplicate, DUPLICATE_OFFSET, incoming)


def edit_selection(
    verb: str, command: Callable[..., Document], *, tail: str = ""
) -> Callable[[Editor], None]:
    """Make an action of a command on the selection; the history shows verb, selection and tail."""

    def do(editor: Editor) -> None:
        editor.run_command(f"{verb} {describe_selection(editor)}{tail}", command)

    return do


def move(editor: Editor, dx: float, dy: float) -> None:
    """Move the selected items; repeated moves are one step of the history."""
    label = f"Move {describe_selection(editor)}"
    editor.run_command(label, nodes.move, dx, dy, coalescing_key="nudge")


def rename(editor: Editor) -> None:
    """Open the dialog for the name of the selected node, or the text of the selected comment."""
    selection = editor.document.selection
    for name in selection.nodes:
        pixel = editor.camera.to_window(editor.scene.positions[name])
        editor.open_dialog(Rename(pixel, node=name))
    for name in selection.comments:
        comment = editor.document.comments[name]
        pixel = editor.camera.to_window((comment.x, comment.y))
        editor.open_dialog(Rename(pixel, comment=name))


def replace_node(editor: Editor) -> None:
    """Open the search for a node type that replaces the selected node."""
    (name,) = editor.document.selection.nodes
    at = editor.scene.positions[name]
    editor.open_dialog(AddNode(at, editor.camera.to_window(at), replace=name))


def add_comment(editor: Editor) -> None:
    """Add a comment at the pointer, and open the dialog for its text."""
    if editor.run_command("Add comment", comments.comment, editor.pointer_on_canvas()):
        rename(editor)


def frame_selection(editor: Editor) -> None:
    """Add a frame around the selected nodes."""
    sizes, _ = card_geometry(editor.scene)
    editor.run_command(f"Frame {describe_selection(editor)}", comments.frame, sizes)


def select_all(editor: Editor) -> None:
    """Select all nodes and comments."""
    active = editor.active_graph
    selection = Selection(frozenset(active.graph.nodes), comments=frozenset(active.comments))
    editor.store.select(selection)


def deselect_all(editor: Editor) -> None:
    """Clear the selection."""
    editor.store.select(Selection())


def disconnect(editor: Editor) -> None:
    """Remove all edges of the selected nodes."""
    selected = editor.document.selection.nodes
    graph = editor.document.graph
    targets = [t for t, s in graph.edges.items() if t.node in selected or s.node in selected]
    if not targets:
        raise Refused("expected nodes with edges, got none; select connected nodes")
    editor.run_command(f"Disconnect {describe_selection(editor)}", edges.disconnect, targets)


# -- arrange -------------------------------------------------------------------------------------


def arrange(editor: Editor) -> None:
    """Lay out the selected nodes, or all nodes if fewer than two are selected."""
    sizes, ports = card_geometry(editor.scene)
    selected = editor.document.selection.nodes
    names = selected if len(selected) > 1 else None
    document = editor.document
    positions = arrange_graph(
        document.graph, sizes, ports, names=names, positions=document.positions
    )
    editor.run_command("Arrange", nodes.set_positions, positions)


def align(editor: Editor, side: str) -> None:
    """Align the selected nodes on a side."""
    positions = aligned(_selected_positions(editor), card_geometry(editor.scene)[0], side)
    editor.run_command(f"Align {side}", nodes.set_positions, positions)


def distribute(editor: Editor, label: str, axis: str) -> None:
    """Make the gaps between the selected nodes equal."""
    positions = distributed(_selected_positions(editor), card_geometry(editor.scene)[0], axis)
    editor.run_command(label, nodes.set_positions, positions)


def straighten_edges(editor: Editor) -> None:
    """Move the selected nodes so that the edges between them are straight."""
    names = editor.document.selection.nodes
    positions = straightened(
        editor.document.graph, editor.scene.positions, card_geometry(editor.scene)[1], names
    )
    editor.run_command("Straighten edges", nodes.set_positions, positions)


def _selected_positions(editor: Editor) -> dict[str, Point]:
    positions = editor.scene.positions
    return {name: positions[name] for name in editor.document.selection.nodes}


# -- blocks --------------------------------------------------------------------------------------


def ungroup(editor: Editor) -> None:
    """Replace the selected block or composite with the nodes inside it."""
    (name,) = editor.document.selection.nodes
    node = editor.document.graph.nodes[name]
    checked = editor.active_graph.checked
    checked_node = checked.nodes.get(name) if checked else None
    if isinstance(node, Block):
        editor.run_command(f"Ungroup {name}", blocks.ungroup, name)
    elif (
        isinstance(node, Composite) and checked_node is not None and checked_node.inner is not None
    ):
        editor.run_command(
            f"Ungroup {name}", blocks.ungroup_composite, name, checked_node.inner.graph
        )
    elif isinstance(node, Composite):
        editor.notify(f"{name} has no graph yet; connect its inputs first", ERROR)
    else:
        editor.notify(f"expected a block or composite, got {name}; select another node", ERROR)


# -- the table -----------------------------------------------------------------------------------


def _clipboard_actions() -> tuple[Action, ...]:
    return (
        Action("cut", "Cut", EDIT, ("Ctrl+X",), cut, nodes_selected),
        Action("copy", "Copy", EDIT, ("Ctrl+C",), copy, nodes_selected),
        Action("paste", "Paste", EDIT, ("Ctrl+V",), paste, editable),
        Action(
            "paste_with_incoming_edges",
            "Paste with incoming edges",
            EDIT,
            ("Ctrl+Shift+V",),
            partial(paste, incoming=True),
            editable,
        ),
        Action(
            "duplicate", "Duplicate", EDIT, ("Ctrl+D",), duplicate, nodes_selected, repeats=True
        ),
        Action(
            "duplicate_with_incoming_edges",
            "Duplicate with incoming edges",
            EDIT,
            ("Ctrl+Shift+D",),
            partial(duplicate, incoming=True),
            nodes_selected,
        ),
    )


def _edit_actions() -> tuple[Action, ...]:
    bypass = edit_selection("Bypass", nodes.bypass)
    return (
        Action(
            "delete",
            "Delete",
            EDIT,
            ("Delete", "Backspace"),
            edit_selection("Delete", nodes.delete),
            any_selected,
        ),
        Action(
            "delete_and_reconnect",
            "Delete and reconnect",
            EDIT,
            ("Ctrl+Delete", "Shift+Delete"),
            edit_selection("Delete", nodes.delete_and_reconnect, tail=" and reconnect"),
            nodes_selected,
            aliases=("dissolve",),
        ),
        Action(
            "detach_and_reconnect",
            "Detach and reconnect",
            EDIT,
            ("Ctrl+Shift+X",),
            edit_selection("Detach", nodes.detach, tail=" and reconnect"),
            nodes_selected,
            aliases=("extract",),
        ),
        Action("disconnect", "Disconnect", EDIT, (), disconnect, nodes_selected),
        Action("replace_node", "Replace node", EDIT, ("Ctrl+R",), replace_node, one_node_selected),
        Action(
            "bypass",
            "Bypass",
            EDIT,
            ("Ctrl+B", "M"),
            bypass,
            nodes_selected,
            aliases=("mute",),
        ),
        Action("rename", "Rename", EDIT, ("F2",), rename, any_selected),
        Action("frame_selection", "Frame selection", EDIT, ("C",), frame_selection, nodes_selected),
        Action("add_comment", "Add comment", EDIT, ("N",), add_comment, editable),
        Action("select_all", "Select all", EDIT, ("Ctrl+A",), select_all),
        Action("deselect_all", "Deselect all", EDIT, ("Ctrl+Shift+A",), deselect_all),
    )


def _arrange_actions() -> tuple[Action, ...]:
    return (
        Action("arrange", "Arrange", ARRANGE, ("L",), arrange, editable),
        Action(
            "straighten_edges",
            "Straighten edges",
            ARRANGE,
            ("Q",),
            straighten_edges,
            nodes_selected,
        ),
        *(
            Action(
                f"align_{side}",
                f"Align {side}",
                ARRANGE,
                (key,),
                partial(align, side=side),
                nodes_selected,
            )
            for side, key in (
                ("left", "Alt+A"),
                ("right", "Alt+D"),
                ("top", "Alt+W"),
                ("bottom", "Alt+S"),
            )
        ),
        *(
            Action(
                f"distribute_{direction}",
                f"Distribute {direction}",
                ARRANGE,
                (),
                partial(distribute, label=f"Distribute {direction}", axis=axis),
                nodes_selected,
            )
            for direction, axis in (("horizontally", "x"), ("vertically", "y"))
        ),
    )


def _move_actions() -> tuple[Action, ...]:
    return tuple(
        Action(
            f"move_{word}",
            f"Move {word}",
            ARRANGE,
            (f"Ctrl+{word.title()}",),
            partial(move, dx=dx * GRID, dy=dy * GRID),
            any_selected,
            repeats=True,
        )
        for word, dx, dy in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
    )


def _block_actions() -> tuple[Action, ...]:
    group = edit_selection("Group", blocks.group, tail=" into block")
    return (
        Action("group_into_block", "Group into block", BLOCKS, ("Ctrl+G",), group, nodes_selected),
        Action(
            "ungroup",
            "Ungroup",
            BLOCKS,
            ("Ctrl+Shift+G",),
            ungroup,
            one_node_selected,
            aliases=("take apart", "expand"),
        ),
    )


ACTIONS = (
    Action("undo", "Undo", EDIT, ("Ctrl+Z",), undo, repeats=True),
    Action("redo", "Redo", EDIT, ("Ctrl+Y", "Ctrl+Shift+Z"), redo, repeats=True),
    Action(
        "show_history",
        "Show history",
        EDIT,
        ("Ctrl+H",),
        lambda editor: editor.open_dialog(HistoryDialog()),
    ),
    *_clipboard_actions(),
    *_edit_actions(),
    *_arrange_actions(),
    *_move_actions(),
    *_block_actions(),
)
