"""Copy and paste: text that is read as strictly as an untrusted file."""

import json
from dataclasses import replace

import pytest

from builder.commands import blocks, comments, copy_paste, model_settings, nodes
from builder.document.document import Document
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.unknown_node import Unknown
from tests.builder.documents import (
    edges,
    errors,
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
)

START = language_model()


def test_the_pasted_nodes_are_those_copied():
    text = copy_paste.copy(select(START, *START.graph.nodes))
    document = sound(copy_paste.paste(Document(), text, (100.0, 50.0)))
    assert document.graph == START.graph
    assert document.model.hyperparameters == START.model.hyperparameters
    assert selected(document) == {*START.graph.nodes}
    assert document.positions["tokens"] == (100.0, 50.0)
    assert document.positions["lstm"] == (580.0, 50.0)
    assert errors(document) == []


def test_copies_have_unique_names_and_the_edges_between_them():
    text = copy_paste.copy(nodes.bypass(select(START, "lstm", "drop")))
    document = sound(copy_paste.paste(START, text, (0.0, 300.0)))
    assert selected(document) == {"lstm_2", "drop_2"}
    assert edges(document)["drop_2.input"] == "lstm_2.output"
    assert "lstm_2.input" not in edges(document)
    assert document.graph.bypassed == {"lstm_2", "drop_2"}


def test_incoming_edges_are_pasted_on_request():
    text = copy_paste.copy(select(START, "lstm"))
    document = sound(copy_paste.paste(START, text, (0.0, 300.0), True))
    assert edges(document)["lstm_2.input"] == "embed.output"
    document = sound(copy_paste.paste(Document(), text, (0.0, 300.0), True))
    assert edges(document) == {}


def test_comments_are_copied_too():
    document = comments.frame(select(START, "lstm"))
    document = document.selecting(replace(document.selection, nodes=frozenset({"lstm"})))
    pasted = sound(copy_paste.paste(document, copy_paste.copy(document), (0.0, 0.0)))
    assert [*pasted.comments] == ["frame", "frame_2"]
    first, second = pasted.comments.values()
    assert (second.x, second.y) == (0.0, 0.0)
    assert pasted.positions["lstm_2"] == (480.0 - first.x, -first.y)


def test_comments_of_a_block_are_copied_with_it():
    document = blocks.group(select(START, "lstm"), "Core").at(("core",))
    document = comments.comment(document, (0.0, 0.0), "why").at(())
    text = copy_paste.copy(select(document, "core"))
    pasted = sound(copy_paste.paste(Document(), text, (0.0, 0.0))).at(("core",))
    assert pasted.comments == document.at(("core",)).comments


def test_referenced_hyperparameters_are_copied_and_existing_ones_kept():
    text = copy_paste.copy(select(START, "drop"))
    assert [*copy_paste.paste(Document(), text, (0, 0)).model.hyperparameters] == ["rate"]
    other = model_settings.set_hyperparameter(START, "rate", "0.9")
    assert copy_paste.paste(other, text, (0, 0)).model.values["rate"] == 0.9


def test_blocks_are_copied_with_those_inside_them():
    document = blocks.group(select(START, "lstm", "drop"), "Outer").at(("outer",))
    document = blocks.group(select(document, "drop"), "Inner").at(())
    text = copy_paste.copy(select(document, "outer"))
    pasted = sound(copy_paste.paste(Document(), text, (0, 0)))
    assert pasted.model.blocks == document.model.blocks
    assert pasted.model.layout["Inner"] == document.model.layout["Inner"]
    again = sound(copy_paste.paste(pasted, text, (0, 0)))
    assert again.model.blocks == document.model.blocks
    assert again.graph.nodes["outer_2"] == Block(block="Outer")


def test_a_block_that_differs_from_one_of_its_name_is_renamed():
    document = blocks.group(select(START, "lstm", "drop"), "Outer").at(("outer",))
    document = blocks.group(select(document, "drop"), "Inner").at(())
    text = copy_paste.copy(select(document, "outer"))
    other = nodes.set_parameter(document.at(("outer", "inner")), "drop", "p", "0.75").at(())
    pasted = sound(copy_paste.paste(other, text, (0, 0)))
    assert [*pasted.model.blocks] == ["Outer", "Inner", "Outer 2", "Inner 2"]
    assert pasted.graph.nodes["outer_2"] == Block(block="Outer 2")
    assert pasted.model.blocks["Outer 2"].nodes["inner"] == Block(block="Inner 2")
    assert str(pasted.model.blocks["Inner 2"].nodes["drop"].p) == "rate"


def test_blocks_at_any_depth_above_one_that_differs_are_renamed():
    document = blocks.group(select(START, "lstm", "drop"), "A").at(("a",))
    document = blocks.group(select(document, "drop"), "B").at(("a", "b"))
    document = blocks.group(select(document, "drop"), "C").at(())
    text = copy_paste.copy(select(document, "a"))
    other = nodes.set_parameter(document.at(("a", "b", "c")), "drop", "p", "0.75").at(())
    pasted = sound(copy_paste.paste(other, text, (0, 0)))
    assert [*pasted.model.blocks] == ["A", "B", "C", "A 2", "B 2", "C 2"]
    assert pasted.model.blocks["A 2"].nodes["b"] == Block(block="B 2")


def test_only_copied_nodes_are_bypassed():
    document = nodes.bypass(select(START, "drop"))
    pasted = sound(copy_paste.paste(Document(), copy_paste.copy(select(document, "lstm")), (0, 0)))
    assert pasted.graph.bypassed == frozenset()


def test_a_block_is_not_pasted_into_itself():
    document = blocks.group(select(START, "lstm"), "Outer")
    text = copy_paste.copy(select(document, "outer"))
    assert "do not contain themselves" in refusal(
        copy_paste.paste, document.at(("outer",)), text, (0, 0)
    )


def test_nodes_of_unknown_type_are_copied_unchanged():
    document = nodes.add(START, Unknown(type="Mamba", parameters={"d": [1, None]}), (0, 0))
    (name,) = selected(document)
    pasted = copy_paste.paste(Document(), copy_paste.copy(document), (0, 0))
    assert pasted.graph.nodes[name] == document.graph.nodes[name]


def test_an_empty_selection_is_not_copied():
    message = "nothing is selected; select nodes, comments or frames to copy"
    assert refusal(copy_paste.copy, START) == message


# -- untrusted text ------------------------------------------------------------------------------

TEXT = copy_paste.copy(select(START, "lstm", "drop"))


@pytest.mark.parametrize("text", ["", "hello", "{}", "[]", '{"wireformer": 1}', "\0", "\ud800"])
def test_other_text_is_refused(text):
    message = "no nodes are on the clipboard; copy some first"
    assert refusal(copy_paste.paste, START, text, (0, 0)) == message


def changed(**entries: object) -> str:
    return json.dumps({**json.loads(TEXT), **entries})


WRONG = {
    "cut short": TEXT[:-20],
    "another version": changed(**{"wireformer-nodes": 2}),
    "an unknown entry": changed(more=1),
    "no model": changed(model=None),
    "another model": changed(model={"wireformer": 1, "nodes": {"a": {"type": "Linear", "b": 1}}}),
    "a name with a dot": changed(model={"wireformer": 1, "nodes": {"a.b": {"type": "Linear"}}}),
    "an edge to nothing": changed(incoming={"gone.input": "embed.output"}),
    "an edge that is none": changed(incoming={"lstm": "embed.output"}),
    "a source that is a number": changed(incoming={"lstm.input": 1}),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_altered_text_is_refused(text):
    message = refusal(copy_paste.paste, START, text, (0, 0))
    assert message.startswith("the nodes on the clipboard cannot be read: ")


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"wireformer-nodes": 2}, "/wireformer-nodes: expected version 1, got 2"),
        (
            {"incoming": {"gone.input": "embed.output"}},
            "/incoming/gone.input: expected a copied node as the target, got gone; remove the edge",
        ),
    ],
)
def test_altered_text_is_refused_with_the_reason(entries, reason):
    message = f"the nodes on the clipboard cannot be read: {reason}"
    assert refusal(copy_paste.paste, START, changed(**entries), (0, 0)) == message


def test_incoming_edges_at_missing_ports_are_dropped():
    text = changed(incoming={"lstm.gone": "embed.output", "lstm.input": "tokens.output"})
    document = sound(copy_paste.paste(START, text, (0, 0), True))
    assert "lstm_2.input" not in edges(document)


def test_nodes_without_positions_are_arranged():
    nodes_only = {"wireformer": 1, "nodes": {"a": {"type": "GELU"}, "b": {"type": "GELU"}}}
    document = sound(
        copy_paste.paste(Document(Model()), changed(model=nodes_only, incoming={}), (5, 5))
    )
    assert document.positions["a"] != document.positions["b"]
    assert ref("b.input") not in document.graph.edges
