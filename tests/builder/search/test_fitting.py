"""An edge is refused only where it can never mean anything, and what fits is offered."""

from pathlib import Path

import pytest

from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.compatibility import (
    compatible_items,
    connection_error,
    connection_errors,
    insertable_items,
)
from codegen.check import check
from codegen.check.inference import CheckedGraph
from nodes.activation import ReLU
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.unknown_node import Unknown
from nodes.embedding import Embedding
from nodes.io import BlockInput, FeatureInput, GraphOutput, LengthInput, TokenInput
from nodes.linear import Linear
from nodes.masks import CausalMask
from nodes.merge import Add
from nodes.recurrent import LSTM
from nodes.reshape import Transpose
from nodes.transformer import MultiHeadAttention

EXAMPLES = Path(__file__).parents[3] / "examples"


def ends(source: str, target: str) -> tuple[PortEnd, PortEnd]:
    return PortEnd(PortRef.parse(source), False), PortEnd(PortRef.parse(target), True)


def model() -> Model:
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(), tokens)
    lstm = builder.add("lstm", LSTM(), embed)
    head = builder.add("head", Linear(), lstm)
    builder.add("logits", GraphOutput(), head)
    builder.add("attn", MultiHeadAttention(), lstm)
    builder.add("mask", CausalMask(), lstm)
    builder.add("lengths", LengthInput())
    return Model(graph=builder.graph())


def opened(one: Model) -> tuple[Document, CheckedGraph | None]:
    return Document(one), check(one).main


def told(source: str, target: str, one: Model | None = None) -> str:
    return connection_error(*opened(one or model()), *ends(source, target))


def titles(ref: str, is_input: bool, one: Model | None = None) -> list[str]:
    document, checked = opened(one or model())
    found = compatible_items(document, PortEnd(PortRef.parse(ref), is_input), checked)
    return [entry.title for entry in found]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("tokens.output", "embed.input"),
        ("embed.output", "attn.key"),
        ("mask.output", "attn.mask"),
        ("lengths.output", "lstm.lengths"),
        ("attn.attention", "logits.input"),
    ],
)
def test_ports_of_one_kind_fit(source: str, target: str) -> None:
    assert told(source, target) == ""


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("embed.output", "embed.input", "a node cannot feed itself"),
        ("tokens.output", "head.input", "features are expected here, but token ids arrive"),
        ("lengths.output", "embed.input", "token ids are expected here, but lengths arrive"),
        ("lstm.hidden", "attn.key", "features are expected here, but a state arrives"),
        ("embed.output", "attn.mask", "a mask is expected here, but features arrive"),
        ("head.output", "lstm.input", "that would make a loop: lstm -> head -> lstm"),
        ("gone.output", "lstm.input", "there is no such port any more"),
        ("embed.output", "head.weight", "there is no such port any more"),
    ],
)
def test_what_does_not_fit_is_told(source: str, target: str, text: str) -> None:
    assert told(source, target) == text


def test_both_directions_of_drawing_give_the_same_verdict() -> None:
    document, checked = opened(model())
    for pair in (("head.output", "lstm.input"), ("tokens.output", "head.input")):
        source, target = ends(*pair)
        forward = connection_error(document, checked, source, target)
        assert forward == connection_error(document, checked, target, source) != ""


def test_two_ports_of_one_side_are_not_joined() -> None:
    document, checked = opened(model())
    one, _ = ends("tokens.output", "embed.input")
    other, _ = ends("embed.output", "embed.input")
    assert (
        connection_error(document, checked, one, other)
        == "an edge leads from an output to an input"
    )


def test_a_long_loop_is_told_in_short() -> None:
    builder = GraphBuilder()
    last = builder.add("r0", FeatureInput())
    for at in range(1, 9):
        last = builder.add(f"r{at}", ReLU(), last)
    text = told("r8.output", "r1.input", Model(graph=builder.graph()))
    assert text == "that would make a loop: r1 -> r2 -> ... -> r8 -> r1"


def test_sizes_that_differ_are_no_reason_to_refuse() -> None:
    builder = GraphBuilder()
    small = builder.add("small", FeatureInput(features=3))
    large = builder.add("large", FeatureInput(features=5))
    builder.add("add", Add(), small)
    assert large
    assert told("large.output", "add.terms.1", Model(graph=builder.graph())) == ""


def test_an_edge_that_is_there_gives_way() -> None:
    assert told("embed.output", "head.input") == ""


def test_what_goes_through_a_port_of_any_kind_counts() -> None:
    one = model()
    graph = one.graph.with_node("turn", Transpose())
    assert told("turn.output", "embed.input", one.with_graph("", graph)) == ""
    graph = graph.with_edge(PortRef("embed", "output"), PortRef("turn", "input"))
    text = told("turn.output", "embed.input", one.with_graph("", graph))
    assert text.startswith("that would make a loop")
    graph = graph.with_node("other", Embedding())
    text = told("turn.output", "other.input", one.with_graph("", graph))
    assert text == "token ids are expected here, but features arrive"


def test_nodes_whose_ports_nobody_knows_take_anything() -> None:
    graph = model().graph.with_node("odd", Unknown(type="Odd", parameters={}))
    graph = graph.with_node("lost", Block(block="Gone"))
    one = Model(graph=graph)
    for name in ("odd", "lost"):
        assert told("tokens.output", f"{name}.whatever", one) == ""
        assert told(f"{name}.whatever", "attn.mask", one) == ""


def test_the_ports_of_a_block_are_those_of_its_graph() -> None:
    inside = Graph({"x": BlockInput(kind="features"), "y": GraphOutput()})
    inside = inside.with_edge(PortRef("x", "output"), PortRef("y", "input"))
    graph = model().graph.with_node("block", Block(block="B"))
    one = Model(graph=graph, blocks={"B": inside})
    assert told("embed.output", "block.x", one) == ""
    assert told("tokens.output", "block.x", one).startswith("features are expected")
    assert told("block.y", "lstm.input", one) == ""


def test_a_graph_with_a_loop_can_be_asked() -> None:
    one = model()
    graph = one.graph.with_edge(PortRef("head", "output"), PortRef("lstm", "input"))
    assert told("attn.output", "logits.input", one.with_graph("", graph)) == ""
    text = told("attn.output", "head.input", one.with_graph("", graph))
    assert text == "that would make a loop: head -> lstm -> attn -> head"


def test_what_a_composite_stands_for_is_only_looked_at() -> None:
    document = Document(model()).at(("attn",))
    source, target = ends("q.output", "out.input")
    assert "can only be looked at" in connection_error(document, None, source, target)


def test_many_verdicts_are_those_of_each() -> None:
    document, checked = opened(model())
    start = PortEnd(PortRef("lstm", "output"), False)
    refs = ("attn.key", "attn.mask", "embed.input", "lstm.input", "logits.input")
    asked = [PortEnd(PortRef.parse(ref), True) for ref in refs]
    found = connection_errors(document, checked, start, asked)
    assert found == {end: connection_error(document, checked, start, end) for end in asked}


@pytest.mark.parametrize(
    ("ref", "is_input", "first"),
    [
        ("tokens.output", False, ["Embedding", "PositionIds"]),
        ("embed.output", False, ["Linear", "LSTM · input", "MultiHeadAttention · query"]),
        ("lengths.output", False, ["LengthMask · lengths", "LSTM · lengths"]),
        ("lstm.cell", False, ["LSTM · initial_cell"]),
        ("embed.input", True, ["TokenInput"]),
        ("attn.mask", True, ["CausalMask"]),
        ("attn.key_mask", True, ["LengthMask", "MaskInput"]),
        ("lstm.lengths", True, ["LengthInput"]),
        ("logits.input", True, ["Linear"]),
    ],
)
def test_what_is_usual_is_offered_first(ref: str, is_input: bool, first: list[str]) -> None:
    assert titles(ref, is_input)[: len(first)] == first


def test_what_does_not_fit_the_shape_is_offered_last() -> None:
    one, *_ = load(EXAMPLES / "attention_from_primitives.json")
    found = titles("query.output", False, one)
    assert found.index("MergeHeads") < found.index("Linear") < found.index("LSTM · input")


def test_every_offer_fits_and_is_ready_to_be_placed() -> None:
    one = model()
    document, checked = opened(one)
    for ref, is_input in (("tokens.output", False), ("lstm.hidden", False), ("attn.mask", True)):
        near = PortEnd(PortRef.parse(ref), is_input)
        found = compatible_items(document, near, checked)
        assert found
        for entry in found:
            placed = one.with_graph("", one.graph.with_node("new", entry.node))
            far = PortEnd(PortRef("new", entry.port), not is_input)
            assert connection_error(Document(placed), checked, near, far) == ""


def test_the_blocks_of_the_model_are_offered_but_no_block_inside_itself() -> None:
    one, *_ = load(EXAMPLES / "gpt.json")
    assert "Block" in titles("embed.output", False, one)
    inside = Document(one).at(("blocks",))
    found = compatible_items(inside, PortEnd(PortRef("x", "output"), False))
    assert "Block" not in [entry.title for entry in found]
    assert "BlockInput" in [
        e.title for e in compatible_items(inside, PortEnd(PortRef("ffn", "input"), True))
    ]


def test_from_a_port_that_is_gone_nothing_is_offered() -> None:
    assert titles("gone.output", False) == []


def test_on_an_edge_are_offered_what_fits_both_ends() -> None:
    document, checked = opened(model())
    found = [one.title for one in insertable_items(document, PortRef("head", "input"), checked)]
    assert {"Linear", "Dropout", "LSTM · input", "Transpose"} <= set(found)
    assert not {"Embedding", "GraphOutput", "TokenInput", "CausalMask"} & set(found)
    found = [one.title for one in insertable_items(document, PortRef("embed", "input"), checked)]
    assert found[0] == "PositionIds" and "Linear" not in found


def test_where_no_edge_ends_nothing_can_be_put_on_it() -> None:
    document, checked = opened(model())
    assert insertable_items(document, PortRef("attn", "mask"), checked) == []
