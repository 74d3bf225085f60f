"""Actions that change what is looked at, and not the document."""

from functools import partial

from builder.actions.action import Action, editable
from builder.canvas.keyboard_navigation import downstream, neighbour, upstream
from builder.dialogs.dialog import AddNode, Commands, Find, Help, Manual
from builder.document.document import Selection
from builder.editor.editor import Editor, at_pixel
from codegen.check import Severity
from nodes.core.graphs.graph import Composite

FIND, VIEW, WALK = "Add and find", "View", "Walk"


def add(editor: Editor) -> None:
    """Open the search for a node to add, at the pointer or on the selected edge."""
    edges = editor.document.selection.edges
    pixel = editor.look.pointer
    edge = next(iter(edges)) if len(edges) == 1 else None
    editor.open(AddNode(at_pixel(editor), pixel, edge=edge))


def frame(editor: Editor) -> None:
    """Show what is selected, or all, in the middle."""
    editor.frame(editor.document.selection or None)


def zoom(editor: Editor, factor: float) -> None:
    """Zoom at the middle of the view."""
    camera = editor.camera
    middle = camera.left + camera.width / 2, camera.top + camera.height / 2
    editor.camera = camera.zoomed(factor, middle)


def whole_size(editor: Editor) -> None:
    """Go back to the size at which a unit is a pixel."""
    zoom(editor, 1 / editor.camera.zoom)


def toggle(editor: Editor, setting: str) -> None:
    """Switch a setting on or off."""
    editor.prefer(**{setting: not getattr(editor.settings, setting)})


def next_theme(editor: Editor) -> None:
    """Go to the next theme."""
    order = ("dark", "light", "contrast")
    editor.prefer(theme=order[(order.index(editor.settings.theme) + 1) % len(order)])


def walk(editor: Editor, direction: str) -> None:
    """Select the neighbour in a direction."""
    found = neighbour(editor.scene, editor.document.selection.nodes, direction)
    if found is not None:
        editor.store.select(Selection.of(found))
        editor.reveal(found)


def select_stream(editor: Editor, up: bool) -> None:
    """Select all that leads to the selected nodes, or all that they lead to."""
    follow = upstream if up else downstream
    chosen = follow(editor.shown.graph, editor.document.selection.nodes)
    editor.store.select(Selection(frozenset(chosen)))


def enter(editor: Editor) -> None:
    """Enter the selected block or composite."""
    chosen = editor.document.selection.nodes
    if len(chosen) == 1 and isinstance(editor.shown.graph.nodes[min(chosen)], Composite):
        editor.visit((*editor.document.path, min(chosen)))


def escape(editor: Editor) -> None:
    """Leave what is open: a dialog, a gesture, the selection, the block; in this order."""
    if editor.dialog is not None:
        editor.close()
    elif editor.overlay.busy:
        editor.give_up()
    elif editor.document.selection:
        editor.store.select(Selection())
    elif editor.document.path:
        editor.visit(editor.document.path[:-1])


def problem(editor: Editor, step: int) -> None:
    """Go to the next problem, or the one before."""
    listed = [one for one in editor.analysis.report.problems if one.where.node]
    listed = [one for one in listed if one.severity is not Severity.HINT] or listed
    if not listed:
        editor.say("there are no problems")
        return
    name, chosen = editor.shown.graph_name, editor.document.selection.nodes
    here = [
        at for at, one in enumerate(listed) if one.where.graph == name and one.where.node in chosen
    ]
    at = here[0] + step if here else 0 if step > 0 else -1
    found = listed[at % len(listed)]
    editor.jump(found.where)
    editor.say(str(found))


def manual(editor: Editor) -> None:
    """Show the manual page of the selected node, or the keys and gestures."""
    chosen = editor.document.selection.nodes
    if len(chosen) == 1:
        editor.open(Manual(type(editor.shown.graph.nodes[min(chosen)]).__name__))
    else:
        editor.open(Help())


ACTIONS = (
    Action("add", "Add a node", FIND, ("Tab", "Shift+A"), add, editable),
    Action(
        "commands",
        "Find a command",
        FIND,
        ("Ctrl+K", "Ctrl+Shift+P"),
        lambda e: e.open(Commands()),
        anywhere=True,
    ),
    Action("find", "Find in the graph", FIND, ("Ctrl+F",), lambda e: e.open(Find()), anywhere=True),
    Action("manual", "Explain the node, or the keys", FIND, ("F1",), manual, anywhere=True),
    Action("help", "Show keys and gestures", FIND, ("?",), lambda e: e.open(Help())),
    Action("frame", "Show the selection, or all", VIEW, ("F", "."), frame),
    Action("frame_all", "Show all", VIEW, ("Home",), lambda e: e.frame()),
    Action("zoom_in", "Zoom in", VIEW, ("Ctrl+=",), partial(zoom, factor=1.25), repeats=True),
    Action("zoom_out", "Zoom out", VIEW, ("Ctrl+-",), partial(zoom, factor=0.8), repeats=True),
    Action("zoom_whole", "Zoom to 100 %", VIEW, ("Ctrl+0",), whole_size),
    Action(
        "larger",
        "Make the window's text larger",
        VIEW,
        ("Ctrl+Shift+=",),
        lambda e: e.rescale(1.25),
        anywhere=True,
    ),
    Action(
        "smaller",
        "Make the window's text smaller",
        VIEW,
        ("Ctrl+Shift+-",),
        lambda e: e.rescale(0.8),
        anywhere=True,
    ),
    Action("theme", "Change the theme", VIEW, ("Ctrl+T",), next_theme),
    Action(
        "minimap", "Show the map, or hide it", VIEW, ("Alt+M",), partial(toggle, setting="minimap")
    ),
    Action(
        "shapes",
        "Show shapes on edges, or hide them",
        VIEW,
        ("Ctrl+Shift+I",),
        partial(toggle, setting="shapes_on_edges"),
    ),
    Action("snap", "Snap to the grid, or not", VIEW, (), partial(toggle, setting="snap")),
    Action(
        "problems",
        "Show problems, or hide them",
        VIEW,
        ("Ctrl+`",),
        partial(toggle, setting="show_problems"),
    ),
    Action("enter", "Enter the block", WALK, ("Enter",), enter),
    Action("escape", "Leave what is open", WALK, ("Escape",), escape, anywhere=True),
    *(
        Action(
            f"walk_{word}",
            f"Go {word}",
            WALK,
            (word.title(),),
            partial(walk, direction=word),
            repeats=True,
        )
        for word in ("left", "right", "up", "down")
    ),
    Action(
        "upstream",
        "Select all that leads here",
        WALK,
        ("Shift+Left",),
        partial(select_stream, up=True),
    ),
    Action(
        "downstream",
        "Select all that follows",
        WALK,
        ("Shift+Right",),
        partial(select_stream, up=False),
    ),
    Action("next_problem", "Next problem", WALK, ("F8",), partial(problem, step=1), anywhere=True),
    Action(
        "last_problem",
        "Previous problem",
        WALK,
        ("Shift+F8",),
        partial(problem, step=-1),
        anywhere=True,
    ),
)
