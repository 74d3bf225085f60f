"""Actions that change the document."""

from collections.abc import Callable
from functools import partial

from builder.actions.action import Action, anything, editable, one_node, some_nodes
from builder.canvas.active_graph import measures
from builder.commands import blocks, comments, copy_paste, edges, nodes
from builder.dialogs.dialog import AddNode, Past, Rename
from builder.document.document import Document, Refused, Selection
from builder.editor.editor import Editor, at_pixel
from builder.editor.view_state import ERROR
from builder.layout.align import aligned, distributed, straightened
from builder.layout.arrange import arrange
from nodes.core.graphs.graph import Block, Composite

EDIT, ARRANGE, BLOCKS = "Edit", "Arrange", "Blocks"
STEP = 10.0
"""How far the arrow keys move, in canvas units."""


def told(editor: Editor) -> str:
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
    editor.say(f"copied {told(editor)}")


def cut(editor: Editor) -> None:
    """Copy the selected nodes, and remove them."""
    editor.clipboard.write(copy_paste.copy(editor.document))
    editor.run(f"Cut {told(editor)}", nodes.delete)


def paste(editor: Editor, incoming: bool = False) -> None:
    """Put copied nodes at the pointer."""
    text = editor.clipboard.read()
    editor.run("Paste", copy_paste.paste, text, at_pixel(editor), incoming)


def duplicate(editor: Editor, incoming: bool = False) -> None:
    """Copy the selected nodes a little below."""
    label = f"Duplicate {told(editor)}"
    editor.run(label, nodes.duplicate, (4 * STEP, 4 * STEP), incoming)


def remove(editor: Editor) -> None:
    """Delete what is selected."""
    editor.run(f"Delete {told(editor)}", nodes.delete)


def edit(label: str, command: Callable[[Document], Document]) -> Callable[[Editor], None]:
    """Make an action of a command on the selection."""

    def do(editor: Editor) -> None:
        editor.run(f"{label} {told(editor)}", command)

    return do


def nudge(editor: Editor, dx: float, dy: float) -> None:
    """Move the selected things one step of the grid."""
    editor.run(f"Move {told(editor)}", nodes.move, dx, dy, coalescing_key="nudge")


def rename(editor: Editor) -> None:
    """Ask for another name of the selected node, or text of the remark."""
    selected = editor.document.selection
    pixel = editor.look.pointer
    for name in selected.nodes:
        pixel = editor.camera.to_window(editor.scene.positions[name])
        editor.open(Rename(pixel, node=name))
    for name in selected.comments:
        found = editor.document.comments[name]
        pixel = editor.camera.to_window((found.x, found.y))
        editor.open(Rename(pixel, comment=name))


def replace(editor: Editor) -> None:
    """Search for a type to take the selected node's place."""
    (name,) = editor.document.selection.nodes
    at = editor.scene.positions[name]
    editor.open(AddNode(at, editor.camera.to_window(at), replace=name))


def comment(editor: Editor) -> None:
    """Put a comment at the pointer, and ask for its text."""
    if editor.run("Add a comment", comments.comment, at_pixel(editor)):
        rename(editor)


def select_all(editor: Editor) -> None:
    """Select everything."""
    shown = editor.shown
    everything = frozenset(shown.graph.nodes), frozenset(), frozenset(shown.comments)
    editor.store.select(Selection(*everything))


def select_none(editor: Editor) -> None:
    """Select nothing."""
    editor.store.select(Selection())


def draw_frame(editor: Editor) -> None:
    """Draw a frame around the selected nodes."""
    editor.run(f"Frame {told(editor)}", comments.frame, measures(editor.scene)[0])


# -- arranging -----------------------------------------------------------------------------------


def lay_out(editor: Editor) -> None:
    """Arrange the selected nodes, or all of them."""
    sizes, ports = measures(editor.scene)
    chosen = editor.document.selection.nodes
    names = chosen if len(chosen) > 1 else None
    document = editor.document
    found = arrange(document.graph, sizes, ports, names=names, positions=document.positions)
    editor.run("Arrange", nodes.set_positions, found)


def align(editor: Editor, side: str) -> None:
    """Move the selected nodes to one line."""
    found = aligned(_chosen(editor), measures(editor.scene)[0], side)
    editor.run(f"Align {side}", nodes.set_positions, found)


def distribute(editor: Editor, axis: str) -> None:
    """Make the gaps between the selected nodes equal."""
    found = distributed(_chosen(editor), measures(editor.scene)[0], axis)
    editor.run("Distribute", nodes.set_positions, found)


def straighten(editor: Editor) -> None:
    """Make the edges between the selected nodes straight."""
    names = editor.document.selection.nodes
    found = straightened(
        editor.document.graph, editor.scene.positions, measures(editor.scene)[1], names
    )
    editor.run("Straighten", nodes.set_positions, found)


def _chosen(editor: Editor) -> dict[str, tuple[float, float]]:
    placed = editor.scene.positions
    return {name: placed[name] for name in editor.document.selection.nodes}


# -- blocks --------------------------------------------------------------------------------------


def ungroup(editor: Editor) -> None:
    """Put what a node stands for in its place."""
    (name,) = editor.document.selection.nodes
    node = editor.document.graph.nodes[name]
    checked = editor.shown.checked
    found = checked.found.get(name) if checked else None
    if isinstance(node, Block):
        editor.run(f"Ungroup {name}", blocks.ungroup, name)
    elif isinstance(node, Composite) and found is not None and found.inner is not None:
        editor.run(f"Ungroup {name}", blocks.ungroup_composite, name, found.inner.graph)
    elif isinstance(node, Composite):
        editor.say(f"{name} stands for nothing yet; connect its inputs first", ERROR)
    else:
        editor.say(f"{name}: expected a block or a composite; select another node", ERROR)


def disconnect(editor: Editor) -> None:
    """Remove every edge of the selected nodes."""
    chosen = editor.document.selection.nodes
    graph = editor.document.graph
    ends = [t for t, s in graph.edges.items() if t.node in chosen or s.node in chosen]
    if not ends:
        raise Refused("no edges are there to be removed")
    editor.run(f"Disconnect {told(editor)}", edges.disconnect, ends)


ACTIONS = (
    Action("undo", "Undo", EDIT, ("Ctrl+Z",), undo, repeats=True),
    Action("redo", "Redo", EDIT, ("Ctrl+Y", "Ctrl+Shift+Z"), redo, repeats=True),
    Action("history", "List what was done", EDIT, ("Ctrl+H",), lambda e: e.open(Past())),
    Action("cut", "Cut", EDIT, ("Ctrl+X",), cut, some_nodes),
    Action("copy", "Copy", EDIT, ("Ctrl+C",), copy, some_nodes),
    Action("paste", "Paste at the pointer", EDIT, ("Ctrl+V",), paste, editable),
    Action(
        "paste_wired",
        "Paste with incoming edges",
        EDIT,
        ("Ctrl+Shift+V",),
        partial(paste, incoming=True),
        editable,
    ),
    Action("duplicate", "Duplicate", EDIT, ("Ctrl+D",), duplicate, some_nodes, repeats=True),
    Action(
        "duplicate_wired",
        "Duplicate with incoming edges",
        EDIT,
        ("Ctrl+Shift+D",),
        partial(duplicate, incoming=True),
        some_nodes,
    ),
    Action("delete", "Delete", EDIT, ("Delete", "Backspace"), remove, anything),
    Action(
        "delete_and_reconnect",
        "Delete and reconnect",
        EDIT,
        ("Ctrl+Delete", "Shift+Delete"),
        edit("Delete and reconnect", nodes.delete_and_reconnect),
        some_nodes,
        aliases=("dissolve",),
    ),
    Action(
        "detach",
        "Detach",
        EDIT,
        ("Ctrl+Shift+X",),
        edit("Detach", nodes.detach),
        some_nodes,
        aliases=("extract",),
    ),
    Action("disconnect", "Disconnect", EDIT, (), disconnect, some_nodes),
    Action("replace", "Replace with another type", EDIT, ("Ctrl+R",), replace, one_node),
    Action(
        "bypass",
        "Bypass",
        EDIT,
        ("Ctrl+B", "M"),
        edit("Bypass", nodes.bypass),
        some_nodes,
        aliases=("mute",),
    ),
    Action("rename", "Rename", EDIT, ("F2",), rename, anything),
    Action("frame_around", "Draw a frame", EDIT, ("C",), draw_frame, some_nodes),
    Action("comment", "Add a comment", EDIT, ("N",), comment, editable),
    Action("select_all", "Select all", EDIT, ("Ctrl+A",), select_all),
    Action("select_none", "Select nothing", EDIT, ("Ctrl+Shift+A",), select_none),
    Action("arrange", "Arrange", ARRANGE, ("L",), lay_out, editable),
    Action("straighten", "Straighten", ARRANGE, ("Q",), straighten, some_nodes),
    Action(
        "align_left", "Align left", ARRANGE, ("Alt+A",), partial(align, side="left"), some_nodes
    ),
    Action(
        "align_right", "Align right", ARRANGE, ("Alt+D",), partial(align, side="right"), some_nodes
    ),
    Action("align_top", "Align top", ARRANGE, ("Alt+W",), partial(align, side="top"), some_nodes),
    Action(
        "align_bottom",
        "Align bottom",
        ARRANGE,
        ("Alt+S",),
        partial(align, side="bottom"),
        some_nodes,
    ),
    Action(
        "distribute_across",
        "Distribute across",
        ARRANGE,
        (),
        partial(distribute, axis="x"),
        some_nodes,
    ),
    Action(
        "distribute_down", "Distribute down", ARRANGE, (), partial(distribute, axis="y"), some_nodes
    ),
    *(
        Action(
            f"nudge_{word}",
            f"Move {word}",
            ARRANGE,
            (f"Ctrl+{word.title()}",),
            partial(nudge, dx=dx * STEP, dy=dy * STEP),
            anything,
            repeats=True,
        )
        for word, dx, dy in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
    ),
    Action(
        "group",
        "Group",
        BLOCKS,
        ("Ctrl+G",),
        edit("Group", blocks.group),
        some_nodes,
        aliases=("make a block",),
    ),
    Action(
        "ungroup",
        "Ungroup",
        BLOCKS,
        ("Ctrl+Shift+G",),
        ungroup,
        one_node,
        aliases=("take apart", "expand"),
    ),
)
