"""What the actions do that change what is looked at."""

from dataclasses import replace

import pytest

from builder.actions.dispatch import run_action
from builder.dialogs.dialog import AddNode, Commands, Find, Help, Manual
from builder.document.document import Selection
from builder.editor.editor import Editor
from nodes.core.graphs.graph import Block, PortRef
from tests.builder.editors import nodes, select
from tests.builder.stories import Press, story


@story
def add(editor, press):
    press()
    assert isinstance(editor.dialog, AddNode)


@story
def commands(editor, press):
    press()
    assert editor.dialog == Commands()


@story
def find(editor, press):
    press()
    assert editor.dialog == Find()


@story
def manual(editor, press):
    select(editor, "lstm")
    press()
    assert editor.dialog == Manual("LSTM")


@story
def help_(editor, press):
    press()
    assert editor.dialog == Help()


@story
def frame(editor, press):
    select(editor, "logits")
    press()
    x, y = editor.scene.positions["logits"]
    width, height = editor.scene.nodes["logits"].size
    middle = editor.camera.to_window((x + width / 2, y + height / 2))
    assert middle == pytest.approx((700, 350))


@story
def frame_all(editor, press):
    editor.camera = replace(editor.camera, x=1e6, zoom=2.0)
    press()
    (left, top), (right, bottom) = editor.scene.extent()
    low, high = editor.camera.low, editor.camera.high
    assert low[0] < left < right < high[0]
    assert low[1] < top < bottom < high[1]


def zooms(editor: Editor, press: Press, larger: bool) -> None:
    middle = editor.camera.to_canvas((700, 350))
    before = editor.camera.zoom
    press()
    assert (editor.camera.zoom > before) == larger
    assert editor.camera.to_canvas((700, 350)) == pytest.approx(middle)


@story
def zoom_in(editor, press):
    zooms(editor, press, True)


@story
def zoom_out(editor, press):
    zooms(editor, press, False)


@story
def zoom_whole(editor, press):
    editor.camera = replace(editor.camera, zoom=0.3)
    press()
    assert editor.camera.zoom == pytest.approx(1)


@story
def larger(editor, press):
    press()
    assert editor.settings.scale == 1.25


@story
def smaller(editor, press):
    press()
    assert editor.settings.scale == 0.8


@story
def theme(editor, press):
    seen = []
    for _ in range(4):
        seen.append(editor.theme.name)
        press()
    assert seen == ["dark", "light", "contrast", "dark"]


def switches(editor: Editor, press: Press, setting: str) -> None:
    before = getattr(editor.settings, setting)
    press()
    assert getattr(editor.settings, setting) is not before
    press()
    assert getattr(editor.settings, setting) is before


@story
def minimap(editor, press):
    switches(editor, press, "minimap")


@story
def shapes(editor, press):
    switches(editor, press, "shapes_on_edges")


@story
def problems(editor, press):
    switches(editor, press, "show_problems")


@story
def snap(editor, press):
    switches(editor, press, "snap")


def in_a_block(editor: Editor) -> None:
    select(editor, "lstm", "head")
    run_action(editor, "group")
    (block,) = (n for n, node in editor.document.graph.nodes.items() if isinstance(node, Block))
    editor.visit((block,))


@story
def enter(editor, press):
    select(editor, "lstm", "head")
    run_action(editor, "group")
    press()
    assert len(editor.document.path) == 1
    assert {"lstm", "head"} <= nodes(editor.document)


@story
def escape(editor, press):
    in_a_block(editor)
    select(editor, "lstm")
    editor.open(Help())
    press()
    assert editor.dialog is None
    press()
    assert not editor.document.selection
    press()
    assert editor.document.path == ()


@story
def walk_right(editor, press):
    select(editor, "embed")
    press()
    assert editor.document.selection == Selection.of("lstm")


@story
def walk_left(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection == Selection.of("embed")


def stacked(editor: Editor) -> None:
    positions = {**editor.document.positions, "embed": (0.0, 0.0), "lstm": (0.0, 300.0)}
    editor.store.commit("Stack", editor.document.with_graph(editor.document.graph, positions))


@story
def walk_up(editor, press):
    stacked(editor)
    select(editor, "lstm")
    press()
    assert editor.document.selection == Selection.of("embed")


@story
def walk_down(editor, press):
    stacked(editor)
    select(editor, "embed")
    press()
    assert editor.document.selection == Selection.of("lstm")


@story
def upstream(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection.nodes >= {"tokens", "embed"}
    assert not editor.document.selection.nodes & {"head", "logits"}


@story
def downstream(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection.nodes >= {"head", "logits"}
    assert not editor.document.selection.nodes & {"tokens", "embed"}


def broken(editor: Editor) -> None:
    graph = editor.document.graph
    for target in (PortRef("head", "input"), PortRef("embed", "input")):
        graph = graph.without_edge(target)
    editor.store.commit("Break", editor.document.with_graph(graph))


@story
def next_problem(editor, press):
    broken(editor)
    press()
    first = editor.document.selection.nodes
    press()
    second = editor.document.selection.nodes
    assert {*first, *second} == {"head", "embed"}


@story
def last_problem(editor, press):
    broken(editor)
    run_action(editor, "next_problem")
    first = editor.document.selection
    run_action(editor, "next_problem")
    assert editor.document.selection != first
    press()
    assert editor.document.selection == first
