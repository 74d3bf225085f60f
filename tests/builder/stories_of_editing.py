"""What the actions do that change the document."""

from builder.actions.dispatch import run_action
from builder.dialogs.dialog import Past, Rename
from tests.builder.editors import nodes, select
from tests.builder.stories import source, story


@story
def undo(editor, press):
    before = editor.document
    select(editor, "lstm")
    run_action(editor, "delete")
    press()
    assert editor.document.model is before.model


@story
def redo(editor, press):
    select(editor, "lstm")
    run_action(editor, "delete")
    after = editor.document
    run_action(editor, "undo")
    press()
    assert editor.document.model is after.model


@story
def history(editor, press):
    press()
    assert editor.dialog == Past()


@story
def copy(editor, press):
    before = editor.document.model
    select(editor, "lstm")
    press()
    assert "LSTM" in editor.clipboard.read()
    assert editor.document.model is before


@story
def cut(editor, press):
    select(editor, "lstm")
    press()
    assert "LSTM" in editor.clipboard.read()
    assert "lstm" not in nodes(editor.document)


@story
def paste(editor, press):
    select(editor, "embed", "lstm")
    run_action(editor, "copy")
    press()
    (new_embed, new_lstm) = sorted(
        nodes(editor.document) - {"tokens", "embed", "lstm", "head", "logits"}
    )
    assert source(editor, f"{new_lstm}.input") == f"{new_embed}.output"
    assert source(editor, f"{new_embed}.input") == ""


@story
def paste_wired(editor, press):
    select(editor, "lstm")
    run_action(editor, "copy")
    press()
    (new,) = nodes(editor.document) - {"tokens", "embed", "lstm", "head", "logits"}
    assert source(editor, f"{new}.input") == "embed.output"


@story
def duplicate(editor, press):
    select(editor, "lstm")
    press()
    (new,) = editor.document.selection.nodes
    assert editor.document.graph.nodes[new] == editor.document.graph.nodes["lstm"]
    assert source(editor, f"{new}.input") == ""


@story
def duplicate_wired(editor, press):
    select(editor, "lstm")
    press()
    (new,) = editor.document.selection.nodes
    assert source(editor, f"{new}.input") == "embed.output"


@story
def delete(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" not in nodes(editor.document)
    assert source(editor, "head.input") == ""


@story
def delete_and_reconnect(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" not in nodes(editor.document)
    assert source(editor, "head.input") == "embed.output"


@story
def detach(editor, press):
    select(editor, "lstm")
    press()
    assert "lstm" in nodes(editor.document)
    assert source(editor, "lstm.input") == ""
    assert source(editor, "head.input") == "embed.output"


@story
def disconnect(editor, press):
    select(editor, "lstm")
    press()
    assert source(editor, "lstm.input") == source(editor, "head.input") == ""


@story
def replace_(editor, press):
    select(editor, "lstm")
    press()
    assert editor.dialog.replace == "lstm"


@story
def bypass(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.graph.bypassed == {"lstm"}
    press()
    assert editor.document.graph.bypassed == set()


@story
def rename(editor, press):
    select(editor, "lstm")
    press()
    assert isinstance(editor.dialog, Rename)
    assert editor.dialog.node == "lstm"


@story
def frame_around(editor, press):
    select(editor, "embed", "lstm")
    press()
    (drawn,) = editor.document.comments.values()
    assert drawn.frame
    for name in ("embed", "lstm"):
        x, y = editor.document.positions[name]
        assert drawn.x < x < drawn.x + drawn.width
        assert drawn.y < y < drawn.y + drawn.height


@story
def comment(editor, press):
    press()
    (name,) = editor.document.comments
    assert not editor.document.comments[name].frame
    assert editor.dialog.comment == name


@story
def select_all(editor, press):
    press()
    assert editor.document.selection.nodes == nodes(editor.document)


@story
def select_none(editor, press):
    select(editor, "lstm")
    press()
    assert not editor.document.selection
