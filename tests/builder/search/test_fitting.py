"""Compatibility of ports, and the ranking of the nodes that fit one."""

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
from codegen.check.checked_graph import CheckedGraph
from nodes.activation.relu import ReLU
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.unknown_node import Unknown
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.masks.causal_mask import CausalMask
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM
from nodes.reshape.transpose import Transpose
from nodes.transformer.multi_head_attention import MultiHeadAttention

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
    return Model(graph=builder.build())


def opened(one: Model) -> tuple[Document, CheckedGraph | None]:
    return Document(one), check(one).main


def error(source: str, target: str, one: Model | None = None) -> str:
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
def test_ports_of_one_kind_can_be_connected(source: str, target: str) -> None:
    assert error(source, target) == ""


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("embed.output", "embed.input", "an edge cannot join a node to itself"),
        ("tokens.output", "head.input", "expected features, got token ids"),
        ("lengths.output", "embed.input", "expected token ids, got lengths"),
        ("lstm.hidden", "attn.key", "expected features, got a state"),
        ("embed.output", "attn.mask", "expected a mask, got features"),
        ("head.output", "lstm.input", "the edge would close a cycle: lstm -> head -> lstm"),
        ("gone.output", "lstm.input", "the port no longer exists"),
        ("embed.output", "head.weight", "the port no longer exists"),
    ],
)
def test_an_incompatible_port_is_refused(source: str, target: str, text: str) -> None:
    assert error(source, target) == text


def test_the_reason_does_not_depend_on_the_direction_of_drawing() -> None:
    document, checked = opened(model())
    for pair in (("head.output", "lstm.input"), ("tokens.output", "head.input")):
        source, target = ends(*pair)
        forward = connection_error(document, checked, source, target)
        assert forward == connection_error(document, checked, target, source) != ""


def test_two_outputs_or_two_inputs_are_refused() -> None:
    document, checked = opened(model())
    one, _ = ends("tokens.output", "embed.input")
    other, _ = ends("embed.output", "embed.input")
    text = "expected an output and an input, got two outputs"
    assert connection_error(document, checked, one, other) == text
    one, other = (PortEnd(PortRef(name, "input"), True) for name in ("embed", "head"))
    text = "expected an output and an input, got two inputs"
    assert connection_error(document, checked, one, other) == text


def test_a_long_cycle_is_abbreviated() -> None:
    builder = GraphBuilder()
    last = builder.add("r0", FeatureInput())
    for at in range(1, 9):
        last = builder.add(f"r{at}", ReLU(), last)
    text = error("r8.output", "r1.input", Model(graph=builder.build()))
    assert text == "the edge would close a cycle: r1 -> r2 -> ... -> r8 -> r1"


def test_different_sizes_are_not_refused() -> None:
    builder = GraphBuilder()
    small = builder.add("small", FeatureInput(features=3))
    large = builder.add("large", FeatureInput(features=5))
    builder.add("add", Add(), small)
    assert large
    assert error("large.output", "add.terms.1", Model(graph=builder.build())) == ""


def test_an_existing_edge_at_the_target_is_no_reason() -> None:
    assert error("embed.output", "head.input") == ""


def test_a_port_of_any_kind_has_the_kind_of_its_input() -> None:
    one = model()
    graph = one.graph.with_node("turn", Transpose())
    assert error("turn.output", "embed.input", one.with_graph("", graph)) == ""
    graph = graph.with_edge(PortRef("embed", "output"), PortRef("turn", "input"))
    text = error("turn.output", "embed.input", one.with_graph("", graph))
    assert text.startswith("the edge would close a cycle")
    graph = graph.with_node("other", Embedding())
    text = error("turn.output", "other.input", one.with_graph("", graph))
    assert text == "expected token ids, got features"


def test_unknown_nodes_accept_any_edge() -> None:
    graph = model().graph.with_node("odd", Unknown(type="Odd", parameters={}))
    graph = graph.with_node("lost", Block(block="Gone"))
    one = Model(graph=graph)
    for name in ("odd", "lost"):
        assert error("tokens.output", f"{name}.whatever", one) == ""
        assert error(f"{name}.whatever", "attn.mask", one) == ""


def test_the_ports_of_a_block_are_those_of_its_graph() -> None:
    inside = Graph({"x": BlockInput(kind="features"), "y": GraphOutput()})
    inside = inside.with_edge(PortRef("x", "output"), PortRef("y", "input"))
    graph = model().graph.with_node("block", Block(block="B"))
    one = Model(graph=graph, blocks={"B": inside})
    assert error("embed.output", "block.x", one) == ""
    assert error("tokens.output", "block.x", one) == "expected features, got token ids"
    assert error("block.y", "lstm.input", one) == ""


def test_a_graph_with_a_cycle_can_be_queried() -> None:
    one = model()
    graph = one.graph.with_edge(PortRef("head", "output"), PortRef("lstm", "input"))
    assert error("attn.output", "logits.input", one.with_graph("", graph)) == ""
    text = error("attn.output", "head.input", one.with_graph("", graph))
    assert text == "the edge would close a cycle: head -> lstm -> attn -> head"


def test_the_inside_of_a_composite_is_read_only() -> None:
    document = Document(model()).at(("attn",))
    source, target = ends("q.output", "out.input")
    assert connection_error(document, None, source, target) == (
        "the inside of a composite is read-only; ungroup the composite to edit it"
    )


def test_errors_of_many_ports_are_those_of_each() -> None:
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
def test_usual_nodes_are_listed_first(ref: str, is_input: bool, first: list[str]) -> None:
    assert titles(ref, is_input)[: len(first)] == first


def test_nodes_that_do_not_fit_the_shape_are_listed_last() -> None:
    one, *_ = load(EXAMPLES / "attention_from_primitives.json")
    found = titles("query.output", False, one)
    assert found.index("MergeHeads") < found.index("Linear") < found.index("LSTM · input")


def test_every_listed_node_can_be_connected() -> None:
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


def test_blocks_are_listed_except_inside_themselves() -> None:
    one, *_ = load(EXAMPLES / "gpt.json")
    assert "Block" in titles("embed.output", False, one)
    inside = Document(one).at(("blocks",))
    found = compatible_items(inside, PortEnd(PortRef("x", "output"), False))
    assert "Block" not in [entry.title for entry in found]
    assert "BlockInput" in [
        e.title for e in compatible_items(inside, PortEnd(PortRef("ffn", "input"), True))
    ]


def test_nothing_is_listed_for_a_port_that_no_longer_exists() -> None:
    assert titles("gone.output", False) == []


def test_nodes_that_fit_both_ends_of_an_edge_are_listed() -> None:
    document, checked = opened(model())
    found = [item.title for item in insertable_items(document, PortRef("head", "input"), checked)]
    assert {"Linear", "Dropout", "LSTM · input", "Transpose"} <= set(found)
    assert not {"Embedding", "GraphOutput", "TokenInput", "CausalMask"} & set(found)
    found = [item.title for item in insertable_items(document, PortRef("embed", "input"), checked)]
    assert found[0] == "PositionIds" and "Linear" not in found


def test_nothing_is_listed_where_no_edge_ends() -> None:
    document, checked = opened(model())
    assert insertable_items(document, PortRef("attn", "mask"), checked) == []
