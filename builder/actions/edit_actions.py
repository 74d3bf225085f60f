"""Actions that change the document."""

from collections.abc import Callable
from functools import partial

from builder.actions.action import Action, any_selected, editable, nodes_selected, one_node_selected
from builder.canvas.active_graph import card_geometry
from builder.commands import blocks, comments, copy_paste, edges, nodes
from builder.dialogs.dialog import AddNode, HistoryDialog, Rename
from builder.document.document import Document, Refused, Selection
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from builder.layout.align import aligned, distributed, straightened
from builder.layout.arrange import arrange
from nodes.core.graphs.graph import Block, Composite

EDIT, ARRANGE, BLOCKS = "Edit", "Arrange", "Blocks"
STEP = 10.0
"""How far the arrow keys move, in canvas units."""


def describe_selection(editor: Editor) -> str:
    """Say what is selected."""
    selected = editor.document.selection
    found = [*selected.nodes, *selected.comments, *map(str, selected.edges)]
    return found[0] if len(found) == 1 else f"{len(found)} things"


def undo(editor: Editor) -> None:
    """Go back a step."""
    editor.store.undo()


def redo(editor: Editor) -> None:
    """Go forward a step."""
    editor.store.redo()


def copy(editor: Editor) -> None:
    """Copy the selected nodes as text."""
    editor.clipboard.write(copy_paste.copy(editor.document))
    editor.notify(f"copied {describe_selection(editor)}")


def cut(editor: Editor) -> None:
    """Copy the selected nodes, and remove them."""
    editor.clipboard.write(copy_paste.copy(editor.document))
    editor.run_command(f"Cut {describe_selection(editor)}", nodes.remove)


def paste(editor: Editor, incoming: bool = False) -> None:
    """Put copied nodes at the pointer."""
    text = editor.clipboard.read()
    editor.run_command("Paste", copy_paste.paste, text, editor.pointer_on_canvas(), incoming)


def duplicate(editor: Editor, incoming: bool = False) -> None:
    """Copy the selected nodes a little below."""
    label = f"Duplicate {describe_selection(editor)}"
    editor.run_command(label, nodes.duplicate, (4 * STEP, 4 * STEP), incoming)


def remove(editor: Editor) -> None:
    """Delete what is selected."""
    editor.run_command(f"Delete {describe_selection(editor)}", nodes.remove)


def edit(label: str, command: Callable[[Document], Document]) -> Callable[[Editor], None]:
    """Make an action of a command on the selection."""

    def do(editor: Editor) -> None:
        editor.run_command(f"{label} {describe_selection(editor)}", command)

    return do


def nudge(editor: Editor, dx: float, dy: float) -> None:
    """Move the selected things one step of the grid."""
    editor.run_command(
        f"Move {describe_selection(editor)}", nodes.move, dx, dy, coalescing_key="nudge"
    )


def rename(editor: Editor) -> None:
    """Ask for another name of the selected node, or text of the remark."""
    selected = editor.document.selection
    pixel = editor.view_state.pointer
    for name in selected.nodes:
        pixel = editor.camera.to_window(editor.scene.positions[name])
        editor.open_dialog(Rename(pixel, node=name))
    for name in selected.comments:
        found = editor.document.comments[name]
        pixel = editor.camera.to_window((found.x, found.y))
        editor.open_dialog(Rename(pixel, comment=name))


def replace(editor: Editor) -> None:
    """Search for a type to take the selected node's place."""
    (name,) = editor.document.selection.nodes
    at = editor.scene.positions[name]
    editor.open_dialog(AddNode(at, editor.camera.to_window(at), replace=name))


def comment(editor: Editor) -> None:
    """Put a comment at the pointer, and ask for its text."""
    if editor.run_command("Add a comment", comments.comment, editor.pointer_on_canvas()):
        rename(editor)


def select_all(editor: Editor) -> None:
    """Select everything."""
    active = editor.active_graph
    everything = frozenset(active.graph.nodes), frozenset(), frozenset(active.comments)
    editor.store.select(Selection(*everything))


def select_none(editor: Editor) -> None:
    """Select nothing."""
    editor.store.select(Selection())


def draw_frame(editor: Editor) -> None:
    """Draw a frame around the selected nodes."""
    editor.run_command(
        f"Frame {describe_selection(editor)}", comments.frame, card_geometry(editor.scene)[0]
    )


# -- arranging -----------------------------------------------------------------------------------


def lay_out(editor: Editor) -> None:
    """Arrange the selected nodes, or all of them."""
    sizes, ports = card_geometry(editor.scene)
    chosen = editor.document.selection.nodes
    names = chosen if len(chosen) > 1 else None
    document = editor.document
    found = arrange(document.graph, sizes, ports, names=names, positions=document.positions)
    editor.run_command("Arrange", nodes.place, found)


def align(editor: Editor, side: str) -> None:
    """Move the selected nodes to one line."""
    found = aligned(_chosen(editor), card_geometry(editor.scene)[0], side)
    editor.run_command(f"Align {side}", nodes.place, found)


def distribute(editor: Editor, axis: str) -> None:
    """Make the gaps between the selected nodes equal."""
    found = distributed(_chosen(editor), card_geometry(editor.scene)[0], axis)
    editor.run_command("Distribute", nodes.place, found)


def straighten(editor: Editor) -> None:
    """Make the edges between the selected nodes straight."""
    names = editor.document.selection.nodes
    found = straightened(
        editor.document.graph, editor.scene.positions, card_geometry(editor.scene)[1], names
    )
    editor.run_command("Straighten", nodes.place, found)


def _chosen(editor: Editor) -> dict[str, tuple[float, float]]:
    lay_out_missing = editor.scene.positions
    return {name: lay_out_missing[name] for name in editor.document.selection.nodes}


# -- blocks --------------------------------------------------------------------------------------


def explode(editor: Editor) -> None:
    """Put what a node stands for in its place."""
    (name,) = editor.document.selection.nodes
    node = editor.document.graph.nodes[name]
    checked = editor.active_graph.checked
    found = checked.found.get(name) if checked else None
    if isinstance(node, Block):
        editor.run_command(f"Ungroup {name}", blocks.ungroup, name)
    elif isinstance(node, Composite) and found is not None and found.inner is not None:
        editor.run_command(f"Ungroup {name}", blocks.explode, name, found.inner.graph)
    elif isinstance(node, Composite):
        editor.notify(f"{name} stands for nothing yet; connect its inputs first", ERROR)
    else:
        editor.notify(f"{name} is a single step, so there is nothing to take apart", ERROR)


def disconnect(editor: Editor) -> None:
    """Remove every edge of the selected nodes."""
    chosen = editor.document.selection.nodes
    graph = editor.document.graph
    ends = [t for t, s in graph.edges.items() if t.node in chosen or s.node in chosen]
    if not ends:
        raise Refused("no edges are there to be removed")
    editor.run_command(f"Disconnect {describe_selection(editor)}", edges.disconnect, ends)


ACTIONS = (
    Action("undo", "Undo", EDIT, ("Ctrl+Z",), undo, repeats=True),
    Action("redo", "Redo", EDIT, ("Ctrl+Y", "Ctrl+Shift+Z"), redo, repeats=True),
    Action(
        "history", "List what was done", EDIT, ("Ctrl+H",), lambda e: e.open_dialog(HistoryDialog())
    ),
    Action("cut", "Cut", EDIT, ("Ctrl+X",), cut, nodes_selected),
    Action("copy", "Copy", EDIT, ("Ctrl+C",), copy, nodes_selected),
    Action("paste", "Paste at the pointer", EDIT, ("Ctrl+V",), paste, editable),
    Action(
        "paste_wired",
        "Paste with incoming edges",
        EDIT,
        ("Ctrl+Shift+V",),
        partial(paste, incoming=True),
        editable,
    ),
    Action("duplicate", "Duplicate", EDIT, ("Ctrl+D",), duplicate, nodes_selected, repeats=True),
    Action(
        "duplicate_wired",
        "Duplicate with incoming edges",
        EDIT,
        ("Ctrl+Shift+D",),
        partial(duplicate, incoming=True),
        nodes_selected,
    ),
    Action("delete", "Delete", EDIT, ("Delete", "Backspace"), remove, any_selected),
    Action(
        "heal",
        "Delete and join the ends",
        EDIT,
        ("Ctrl+Delete", "Shift+Delete"),
        edit("Dissolve", nodes.heal),
        nodes_selected,
    ),
    Action(
        "extract",
        "Take out of its chain",
        EDIT,
        ("Ctrl+Shift+X",),
        edit("Extract", nodes.extract),
        nodes_selected,
    ),
    Action("disconnect", "Disconnect", EDIT, (), disconnect, nodes_selected),
    Action("replace", "Replace with another type", EDIT, ("Ctrl+R",), replace, one_node_selected),
    Action(
        "bypass",
        "Pass over, or no longer",
        EDIT,
        ("Ctrl+B", "M"),
        edit("Pass over", nodes.bypass),
        nodes_selected,
    ),
    Action("rename", "Rename", EDIT, ("F2",), rename, any_selected),
    Action("frame_around", "Draw a frame", EDIT, ("C",), draw_frame, nodes_selected),
    Action("comment", "Write a comment", EDIT, ("N",), comment, editable),
    Action("select_all", "Select all", EDIT, ("Ctrl+A",), select_all),
    Action("select_none", "Select nothing", EDIT, ("Ctrl+Shift+A",), select_none),
    Action("arrange", "Arrange", ARRANGE, ("L",), lay_out, editable),
    Action("straighten", "Straighten", ARRANGE, ("Q",), straighten, nodes_selected),
    Action(
        "align_left", "Align left", ARRANGE, ("Alt+A",), partial(align, side="left"), nodes_selected
    ),
    Action(
        "align_right",
        "Align right",
        ARRANGE,
        ("Alt+D",),
        partial(align, side="right"),
        nodes_selected,
    ),
    Action(
        "align_top", "Align top", ARRANGE, ("Alt+W",), partial(align, side="top"), nodes_selected
    ),
    Action(
        "align_bottom",
        "Align bottom",
        ARRANGE,
        ("Alt+S",),
        partial(align, side="bottom"),
        nodes_selected,
    ),
    Action(
        "distribute_across",
        "Distribute across",
        ARRANGE,
        (),
        partial(distribute, axis="x"),
        nodes_selected,
    ),
    Action(
        "distribute_down",
        "Distribute down",
        ARRANGE,
        (),
        partial(distribute, axis="y"),
        nodes_selected,
    ),
    *(
        Action(
            f"nudge_{word}",
            f"Move {word}",
            ARRANGE,
            (f"Ctrl+{word.title()}",),
            partial(nudge, dx=dx * STEP, dy=dy * STEP),
            any_selected,
            repeats=True,
        )
        for word, dx, dy in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
    ),
    Action(
        "group", "Make a block", BLOCKS, ("Ctrl+G",), edit("Group", blocks.group), nodes_selected
    ),
    Action("ungroup", "Take apart", BLOCKS, ("Ctrl+Shift+G",), explode, one_node_selected),
)
