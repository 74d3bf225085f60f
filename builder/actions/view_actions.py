"""Actions that change the view, the selection or the settings, but not the model."""

from functools import partial

from builder.actions.action import Action, editable
from builder.canvas.keyboard_navigation import downstream, neighbour, upstream
from builder.dialogs.dialog import AddNode, CommandPalette, Find, Help, Manual
from builder.document.document import Selection
from builder.editor.editor import Editor
from codegen.check import Severity
from nodes.core.graphs.graph import Composite

FIND, VIEW, NAVIGATE = "Add and find", "View", "Navigate"
ZOOM_STEP = 1.25
THEME_ORDER = ("dark", "light", "contrast")


def add_node(editor: Editor) -> None:
    """Open the node search, at the pointer or on the selected edge."""
    edges = editor.document.selection.edges
    pixel = editor.view_state.pointer
    edge = next(iter(edges)) if len(edges) == 1 else None
    editor.open_dialog(AddNode(editor.pointer_on_canvas(), pixel, edge=edge))


def zoom_to_selection(editor: Editor) -> None:
    """Zoom to the selection, or to fit the graph if nothing is selected."""
    editor.navigation.zoom_to_fit(editor.document.selection or None)


def zoom(editor: Editor, factor: float) -> None:
    """Zoom about the middle of the view."""
    camera = editor.camera
    middle = camera.left + camera.width / 2, camera.top + camera.height / 2
    editor.camera = camera.zoomed(factor, middle)


def zoom_to_100(editor: Editor) -> None:
    """Zoom to one pixel per canvas unit."""
    zoom(editor, 1 / editor.camera.zoom)


def toggle(editor: Editor, setting: str) -> None:
    """Toggle a setting."""
    editor.update_settings(**{setting: not getattr(editor.settings, setting)})


def next_theme(editor: Editor) -> None:
    """Switch to the next theme."""
    at = THEME_ORDER.index(editor.settings.theme)
    editor.update_settings(theme=THEME_ORDER[(at + 1) % len(THEME_ORDER)])


def select_neighbour(editor: Editor, direction: str) -> None:
    """Select the neighbour of the selected nodes in a direction."""
    node = neighbour(editor.scene, editor.document.selection.nodes, direction)
    if node is not None:
        editor.store.select(Selection.of(node))
        editor.navigation.reveal(node)


def select_stream(editor: Editor, up: bool) -> None:
    """Select all nodes upstream of the selected ones, or downstream, these included."""
    follow = upstream if up else downstream
    nodes = follow(editor.active_graph.graph, editor.document.selection.nodes)
    editor.store.select(Selection(frozenset(nodes)))


def enter_block(editor: Editor) -> None:
    """Open the graph of the selected block or composite."""
    nodes = editor.document.selection.nodes
    if len(nodes) == 1 and isinstance(editor.active_graph.graph.nodes[min(nodes)], Composite):
        editor.navigation.open_graph((*editor.document.path, min(nodes)))


def cancel_or_leave(editor: Editor) -> None:
    """Close the dialog, else cancel the gesture, else deselect all, else leave the block."""
    if editor.dialog is not None:
        editor.close_dialog()
    elif editor.overlay.busy:
        editor.cancel_gesture()
    elif editor.document.selection:
        editor.store.select(Selection())
    elif editor.document.path:
        editor.navigation.open_graph(editor.document.path[:-1])


def go_to_problem(editor: Editor, step: int) -> None:
    """Go to the problem ``step`` after the selected one; skip hints if there are other problems."""
    problems = [problem for problem in editor.analysis.report.problems if problem.location.node]
    problems = [
        problem for problem in problems if problem.severity is not Severity.HINT
    ] or problems
    if not problems:
        editor.notify("no problems")
        return
    graph, nodes = editor.active_graph.graph_name, editor.document.selection.nodes
    selected = [
        at
        for at, problem in enumerate(problems)
        if problem.location.graph == graph and problem.location.node in nodes
    ]
    at = selected[0] + step if selected else 0 if step > 0 else -1
    problem = problems[at % len(problems)]
    editor.navigation.go_to(problem.location)
    editor.notify(str(problem))


def show_manual(editor: Editor) -> None:
    """Show the manual page of the selected node, or the shortcuts if there is none."""
    nodes = editor.document.selection.nodes
    if len(nodes) == 1:
        editor.open_dialog(Manual(type(editor.active_graph.graph.nodes[min(nodes)]).__name__))
    else:
        editor.open_dialog(Help())


def _dialog_actions() -> tuple[Action, ...]:
    return (
        Action("add_node", "Add node", FIND, ("Tab", "Shift+A"), add_node, editable),
        Action(
            "show_commands",
            "Show commands",
            FIND,
            ("Ctrl+K", "Ctrl+Shift+P"),
            lambda editor: editor.open_dialog(CommandPalette()),
            anywhere=True,
        ),
        Action(
            "find_in_graph",
            "Find in graph",
            FIND,
            ("Ctrl+F",),
            lambda editor: editor.open_dialog(Find()),
            anywhere=True,
        ),
        Action("show_manual", "Show manual", FIND, ("F1",), show_manual, anywhere=True),
        Action(
            "show_shortcuts",
            "Show shortcuts",
            FIND,
            ("?",),
            lambda editor: editor.open_dialog(Help()),
        ),
    )


def _zoom_actions() -> tuple[Action, ...]:
    zoom_in, zoom_out = partial(zoom, factor=ZOOM_STEP), partial(zoom, factor=1 / ZOOM_STEP)
    return (
        Action("zoom_to_selection", "Zoom to selection", VIEW, ("F", "."), zoom_to_selection),
        Action(
            "zoom_to_fit",
            "Zoom to fit",
            VIEW,
            ("Home",),
            lambda editor: editor.navigation.zoom_to_fit(),
        ),
        Action("zoom_in", "Zoom in", VIEW, ("Ctrl+=",), zoom_in, repeats=True),
        Action("zoom_out", "Zoom out", VIEW, ("Ctrl+-",), zoom_out, repeats=True),
        Action("zoom_to_100", "Zoom to 100 %", VIEW, ("Ctrl+0",), zoom_to_100),
    )


def _setting_actions() -> tuple[Action, ...]:
    return (
        Action(
            "enlarge_interface",
            "Enlarge interface",
            VIEW,
            ("Ctrl+Shift+=",),
            lambda editor: editor.scale_interface(ZOOM_STEP),
            anywhere=True,
        ),
        Action(
            "shrink_interface",
            "Shrink interface",
            VIEW,
            ("Ctrl+Shift+-",),
            lambda editor: editor.scale_interface(1 / ZOOM_STEP),
            anywhere=True,
        ),
        Action("next_theme", "Next theme", VIEW, ("Ctrl+T",), next_theme),
        *(
            Action(
                f"toggle_{title.replace(' ', '_')}",
                f"Toggle {title}",
                VIEW,
                keys,
                partial(toggle, setting=setting),
            )
            for title, keys, setting in (
                ("minimap", ("Alt+M",), "minimap"),
                ("shapes on edges", ("Ctrl+Shift+I",), "shapes_on_edges"),
                ("snapping", (), "snap"),
                ("problems", ("Ctrl+`",), "show_problems"),
            )
        ),
    )


def _navigation_actions() -> tuple[Action, ...]:
    return (
        Action("enter_block", "Enter block", NAVIGATE, ("Enter",), enter_block),
        Action(
            "cancel_or_leave",
            "Cancel or leave",
            NAVIGATE,
            ("Escape",),
            cancel_or_leave,
            anywhere=True,
        ),
        *(
            Action(
                f"select_node_{where}",
                f"Select node {where}",
                NAVIGATE,
                (direction.title(),),
                partial(select_neighbour, direction=direction),
                repeats=True,
            )
            for where, direction in (
                ("left", "left"),
                ("right", "right"),
                ("above", "up"),
                ("below", "down"),
            )
        ),
    )


def _selection_actions() -> tuple[Action, ...]:
    return (
        Action(
            "select_upstream",
            "Select upstream",
            NAVIGATE,
            ("Shift+Left",),
            partial(select_stream, up=True),
        ),
        Action(
            "select_downstream",
            "Select downstream",
            NAVIGATE,
            ("Shift+Right",),
            partial(select_stream, up=False),
        ),
        *(
            Action(
                f"{which}_problem",
                f"{which.title()} problem",
                NAVIGATE,
                (key,),
                partial(go_to_problem, step=step),
                anywhere=True,
            )
            for which, key, step in (("next", "F8", 1), ("previous", "Shift+F8", -1))
        ),
    )


ACTIONS = (
    *_dialog_actions(),
    *_zoom_actions(),
    *_setting_actions(),
    *_navigation_actions(),
    *_selection_actions(),
)
