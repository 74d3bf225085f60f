"""A large file opens on a thread: the window stays alive, and shows the file when it is ready."""

import time
from pathlib import Path

import pytest

from builder.actions.file_actions import LARGE_FILE, open_path
from builder.dialogs.dialog import Question
from builder.editor.editor import Editor
from builder.editor.opening import Opening
from codegen.check import check
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from tests.builder.editors import an_editor

pytestmark = pytest.mark.slow


def large_model(count: int = 2000) -> Model:
    """Return a model of sums of up to four tensors before each."""
    builder = GraphBuilder()
    made = [builder.add(name, FeatureInput(features=8)) for name in ("x", "z")]
    for index in range(count):
        made.append(builder.add(f"a{index}", Add(), *made[-4:]))
    builder.add("y", GraphOutput(), made[-1])
    graph = builder.build()
    places = {name: (240.0 * (i % 60), 120.0 * (i // 60)) for i, name in enumerate(graph.nodes)}
    return Model("Large", graph, layout={"": places})


def large_file(folder: Path) -> Path:
    path = folder / "large.json"
    path.write_bytes(dumps(large_model()))
    assert path.stat().st_size > LARGE_FILE
    return path


def finished(editor: Editor) -> None:
    """Draw frames until nothing is being opened."""
    while editor.opening is not None:
        time.sleep(0.02)
        editor.tick(0.0)


def test_a_large_file_is_shown_when_its_thread_is_done(tmp_path):
    editor = an_editor(tmp_path)
    before = editor.document
    path = large_file(tmp_path)
    open_path(editor, path)
    assert editor.document is before
    assert isinstance(editor.dialog, Question)
    finished(editor)
    assert editor.dialog is None
    assert (editor.session.path, editor.session.dirty) == (path, False)
    assert editor.document.model.name == "Large"
    assert editor.analysis.report.problems == check(editor.document.model).problems
    assert editor.scene.nodes.keys() == editor.document.graph.nodes.keys()
    assert editor.scene.positions == editor.document.positions
    assert editor.settings.recent[0] == str(path.resolve())


def test_an_edit_of_a_large_file_draws_what_changed_only(tmp_path):
    editor = an_editor(tmp_path)
    open_path(editor, large_file(tmp_path))
    finished(editor)
    before, graph = editor.scene, editor.document.graph
    changed = graph.with_node("new", Linear(out_features=8))
    editor.store.commit("Edit", editor.document.with_graph(changed))
    after = editor.scene
    same = [name for name in after.nodes if after.nodes[name] is before.nodes.get(name)]
    assert same == list(before.nodes)
    assert {problem.location.node for problem in editor.analysis.report.problems} == {"new"}


def test_a_file_that_is_cancelled_is_not_shown(tmp_path):
    editor = an_editor(tmp_path)
    before = editor.document
    open_path(editor, large_file(tmp_path))
    opening = editor.opening
    assert opening is not None
    [(label, cancel)] = editor.dialog.answers
    assert label == "Cancel"
    cancel()
    while not opening.done:
        time.sleep(0.02)
        editor.tick(0.0)
    editor.tick(1.0)
    assert editor.document is before
    assert editor.dialog is None


def test_a_large_file_that_is_no_model_is_a_notification(tmp_path):
    editor = an_editor(tmp_path)
    before = editor.document
    path = tmp_path / "broken.json"
    path.write_bytes(dumps(large_model()).replace(b'"nodes"', b'"nods"'))
    open_path(editor, path)
    finished(editor)
    assert editor.document is before
    assert editor.dialog is None
    assert editor.view_state.notifications[-1].text == (
        "broken.json: /nods: unknown entry; did you mean nodes?"
    )


def test_edits_made_meanwhile_are_not_lost(tmp_path):
    editor = an_editor(tmp_path)
    open_path(editor, large_file(tmp_path))
    editor.close_dialog()
    edited = editor.document.with_graph(editor.document.graph.without_node("head"))
    editor.store.commit("Edit", edited)
    finished(editor)
    assert editor.document.model is edited.model
    assert isinstance(editor.dialog, Question)
    assert editor.dialog.text.endswith("Save them before opening large.json?")
    answers = dict(editor.dialog.answers)
    answers["Don't save"]()
    assert editor.document.model.name == "Large"


def test_a_bug_while_a_file_opens_is_raised_once(tmp_path):
    editor = an_editor(tmp_path)

    def fails(model, cache):
        raise RuntimeError("a bug")

    opening = editor.opening = Opening(large_file(tmp_path), fails, lambda _: None)
    while not opening.done:
        time.sleep(0.02)
    with pytest.raises(RuntimeError, match="a bug"):
        editor.tick(0.0)
    editor.tick(1.0)
    assert editor.opening is None
