"""Cases of the actions that edit the model."""

from builder.actions.dispatch import run_action
from builder.dialogs.dialog import HistoryDialog, Rename
from tests.builder.action_cases import case, source
from tests.builder.editors import nodes, select


@case
def undo(editor, press):
    before = editor.document
    select(editor, "lstm")
    run_action(editor, "delete")
    press()
    assert editor.document.model is before.model


@case
def redo(editor, press):
    select(editor, "lstm")
    run_action(editor, "delete")
    after = editor.document
    run_action(editor, "undo")
    press()
    assert editor.document.model is after.model


@case
def show_history(editor, press):
    press()
    assert editor.dialog == HistoryDialog()


@case
def copy(editor, press):
    before = editor.document.model
    select(editor, "lstm")
    press()
    assert "LSTM" in editor.clipboard.read()
    assert editor.document.model is before


@case
def cut(editor, press):
    select(editor, "lstm")
    press()
    assert "LSTM" in editor.clipboard.read()
    assert "lstm" not in nodes(editor.document)


@case
def paste(editor, press):
    select(editor, "embed", "lstm")
    run_action(editor, "copy")
    press()
    (new_embed, new_lstm) = sorted(
        nodes(editor.document) - {"tokens", "embed", "lstm", "head", "logits"}
    )
    assert source(editor, f"{new_lstm}.input") == f"{new_embed}.output"
    assert source(editor, f"{new_embed}.input") == ""


@case
def paste_with_incoming_edges(editor, press):
    select(editor, "lstm")
    run_action(editor, "copy")
    press()
    (new,) = nodes(editor.document) - {"tokens", "embed", "lstm", "head", "logits"}
    assert source(editor, f"{new}.input") == "embed.output"


@case
def duplicate(editor, press):
    select(editor, "lstm")
    press()
    (new,) = editor.document.selection.nodes
    assert editor.document.graph.nodes[new] == editor.document.graph.nodes["lstm"]
    assert source(editor, f"{new}.input") == ""


@case
def duplicate_with_incoming_edges(editor, press):
    select(editor, "lstm")
    press()
    (new,) = editor.document.selection.nodes
    assert source(editor, f"{new}.input") == "embed.output"


@case
def delete(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" not in nodes(editor.document)
    assert source(editor, "head.input") == ""


@case
def delete_and_reconnect(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" not in nodes(editor.document)
    assert source(editor, "head.input") == "embed.output"


@case
def detach_and_reconnect(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" in nodes(editor.document)
    assert source(editor, "lstm.input") == ""
    assert source(editor, "head.input") == "embed.output"


@case
def disconnect(editor, press):
    select(editor, "lstm")
    press()
    assert source(editor, "lstm.input") == source(editor, "head.input") == ""


@case
def replace_node(editor, press):
    select(editor, "lstm")
    press()
    assert editor.dialog.replace == "lstm"


@case
def bypass(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.graph.bypassed == {"lstm"}
    press()
    assert editor.document.graph.bypassed == set()


@case
def rename(editor, press):
    select(editor, "lstm")
    press()
    assert isinstance(editor.dialog, Rename)
    assert editor.dialog.node == "lstm"


@case
def frame_selection(editor, press):
    select(editor, "embed", "lstm")
    press()
    (drawn,) = editor.document.comments.values()
    assert drawn.frame
    for name in ("embed", "lstm"):
        x, y = editor.document.positions[name]
        assert drawn.x < x < drawn.x + drawn.width
        assert drawn.y < y < drawn.y + drawn.height


@case
def add_comment(editor, press):
    press()
    (name,) = editor.document.comments
    assert not editor.document.comments[name].frame
    assert editor.dialog.comment == name


@case
def select_all(editor, press):
    press()
    assert editor.document.selection.nodes == nodes(editor.document)


@case
def deselect_all(editor, press):
    select(editor, "lstm")
    press()
    assert not editor.document.selection
