"""Cases of the actions on the layout, on blocks and on files."""

import pytest

from builder.actions.dispatch import run_action
from builder.dialogs.dialog import FileDialog, Question, StartPage
from builder.editor.editor import Editor
from nodes.core.graphs.graph import Block, Graph, PortRef
from nodes.core.graphs.node import Node
from nodes.transformer.feed_forward import FeedForward
from tests.builder.action_cases import Press, case
from tests.builder.editors import nodes, select


def insert(editor: Editor, name: str, node: Node, before: str) -> None:
    """Insert a node on an edge."""
    graph = editor.document.graph
    into, out = PortRef(name, node.inputs[0].name), PortRef(name, node.outputs[0].name)
    target = PortRef.parse(before)
    changed: Graph = graph.with_node(name, node).with_edge(graph.edges[target], into)
    document = editor.document.with_graph(
        changed.with_edge(out, target), {**editor.document.positions, name: (0.0, 500.0)}
    )
    editor.store.commit("Insert", document)


@case
def arrange(editor, press):
    tidy = editor.document.positions
    heap = dict.fromkeys(tidy, (0.0, 0.0))
    editor.store.commit("Heap", editor.document.with_graph(editor.document.graph, heap))
    press()
    assert len(set(editor.document.positions.values())) == len(tidy)


def spread(editor: Editor) -> None:
    positions = {
        **editor.document.positions,
        "embed": (0.0, 0.0),
        "lstm": (310.0, 70.0),
        "head": (700.0, 210.0),
    }
    editor.store.commit("Spread", editor.document.with_graph(editor.document.graph, positions))
    select(editor, "embed", "lstm", "head")


def corners(editor: Editor) -> list[tuple[float, float, float, float]]:
    found = []
    for name in editor.document.selection.nodes:
        (x, y), (width, height) = editor.document.positions[name], editor.scene.nodes[name].size
        found.append((x, y, x + width, y + height))
    return sorted(found)


@case
def align_left(editor, press):
    spread(editor)
    press()
    assert len({left for left, _, _, _ in corners(editor)}) == 1


@case
def align_top(editor, press):
    spread(editor)
    press()
    assert len({top for _, top, _, _ in corners(editor)}) == 1


@case
def align_right(editor, press):
    spread(editor)
    press()
    assert len({right for _, _, right, _ in corners(editor)}) == 1


@case
def align_bottom(editor, press):
    spread(editor)
    press()
    assert len({bottom for _, _, _, bottom in corners(editor)}) == 1


@case
def distribute_horizontally(editor, press):
    spread(editor)
    press()
    one, two, three = corners(editor)
    assert two[0] - one[2] == pytest.approx(three[0] - two[2], abs=10)


@case
def distribute_vertically(editor, press):
    spread(editor)
    press()
    one, two, three = sorted(corners(editor), key=lambda box: box[1])
    assert two[1] - one[3] == pytest.approx(three[1] - two[3], abs=10)


@case
def straighten_edges(editor, press):
    spread(editor)
    press()
    heights = set()
    for target in ("lstm.input", "head.input"):
        edge = editor.scene.edges[PortRef.parse(target)]
        heights.add(round(edge.points[-1][1] - edge.points[0][1]))
    assert heights == {0}


def moves(editor: Editor, press: Press, dx: float, dy: float) -> None:
    select(editor, "lstm")
    x, y = editor.document.positions["lstm"]
    steps = len(editor.store.history.past)
    press()
    press()
    assert editor.document.positions["lstm"] == (x + 2 * dx, y + 2 * dy)
    assert len(editor.store.history.past) == steps + 1


@case
def move_left(editor, press):
    moves(editor, press, -10, 0)


@case
def move_right(editor, press):
    moves(editor, press, 10, 0)


@case
def move_up(editor, press):
    moves(editor, press, 0, -10)


@case
def move_down(editor, press):
    moves(editor, press, 0, 10)


@case
def group_into_block(editor, press):
    select(editor, "lstm", "head")
    press()
    (name,) = editor.document.selection.nodes
    assert isinstance(editor.document.graph.nodes[name], Block)
    assert not nodes(editor.document) & {"lstm", "head"}
    assert not editor.errors()


@case
def ungroup(editor, press):
    before = editor.document.graph
    select(editor, "lstm", "head")
    run_action(editor, "group_into_block")
    press()
    assert nodes(editor.document) == set(before.nodes)
    assert editor.document.graph.edges == before.edges
    insert(editor, "ffn", FeedForward(), "head.input")
    select(editor, "ffn")
    press()
    assert "ffn" not in nodes(editor.document)
    assert not editor.errors()


@case
def new_model(editor, press):
    press()
    assert editor.dialog == StartPage()


@case
def open_file(editor, press):
    press()
    assert isinstance(editor.dialog, FileDialog)
    assert editor.dialog.purpose == "open"


@case
def save(editor, press):
    press()
    assert editor.dialog.purpose == "save"


@case
def save_as(editor, press):
    press()
    assert editor.dialog.purpose == "save"
    assert editor.dialog.name == "small.json"


@case
def export_code(editor, press):
    press()
    assert editor.dialog.purpose == "export"


@case
def copy_code(editor, press):
    press()
    assert "class Small(nn.Module)" in editor.clipboard.read()


@case
def quit_(editor, press):
    select(editor, "lstm")
    run_action(editor, "delete")
    press()
    assert isinstance(editor.dialog, Question)
    assert not editor.view_state.closing
    editor.dialog.answers[1][1]()
    assert editor.view_state.closing
