"""Grouping and ungrouping: the graph has another structure and computes the same."""

from dataclasses import replace

import pytest
import torch

from builder.commands import blocks, comments, edges, nodes
from builder.commands.extract_block import extract_block
from builder.document.document import Document, Selection
from codegen.check import check
from examples.build import encoder_classifier, gpt, gpt_llama
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Composite, Graph, Model
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import free
from nodes.dropout.dropout import Dropout
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.linear.linear import Linear
from nodes.masks.length_mask import LengthMask
from nodes.merge.add import Add
from nodes.pooling.mean_pooling import MeanPooling
from nodes.reshape.shift_right import ShiftRight
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.builder.documents import edges as drawn
from tests.builder.documents import (
    errors,
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
)
from tests.codegen.running import network

START = language_model()
TOKENS = torch.arange(12).reshape(2, 6) % 32


def output_of(document: Document, *inputs: torch.Tensor) -> torch.Tensor:
    """Run a model with weights from a fixed seed."""
    torch.manual_seed(0)
    found = network(document.model).eval()(*(inputs or (TOKENS,)))
    return found[0] if isinstance(found, tuple) else found


def expansion(document: Document, name: str) -> Graph:
    return check(document.model).main.nodes[name].inner.graph


# -- grouping ----------------------------------------------------------------------------------


def test_a_group_is_one_node_with_the_cut_edges():
    document = sound(blocks.group(select(START, "lstm", "drop"), "Core"))
    assert document.graph.nodes["core"] == Block(block="Core")
    assert selected(document) == {"core"}
    assert drawn(document)["core.x"] == "embed.output"
    assert drawn(document)["sum.terms.1"] == "core.output"
    assert document.positions["core"] == (600.0, 0.0)
    inside = document.at(("core",))
    assert drawn(inside) == {
        "lstm.input": "x.output",
        "drop.input": "lstm.output",
        "output.input": "drop.output",
    }
    assert inside.graph.nodes["x"] == BlockInput(kind="features")
    assert inside.positions["lstm"] == START.positions["lstm"]
    assert inside.positions["x"] == (240.0, 0.0)
    assert inside.positions["output"] == (960.0, 0.0)


def test_the_ends_of_a_block_without_positions_lie_around_the_origin():
    block = extract_block(START.model, START.graph, frozenset({"lstm"}), {})
    assert block.positions == {"x": (-240.0, 0.0), "output": (240.0, 0.0)}


def test_a_group_lies_at_the_centre_of_its_nodes():
    document = nodes.add(Document(), GELU(), (10.0, 20.0), "a")
    document = nodes.add(document, GELU(), (110.0, 80.0), "b")
    document = sound(blocks.group(select(document, "a", "b"), "Core"))
    assert document.positions == {"core": (60.0, 50.0)}


def test_a_group_computes_the_same():
    document = blocks.group(select(START, "lstm", "drop", "sum"))
    assert torch.equal(output_of(document), output_of(START))


@pytest.mark.parametrize(
    "names", [("lstm", "drop"), ("embed", "lstm", "drop", "sum"), ("head",), ("drop", "sum")]
)
def test_a_group_that_is_ungrouped_is_as_before(names):
    document = blocks.group(nodes.bypass(select(START, "drop")).selecting(Selection.of(*names)))
    (name,) = selected(document)
    document = sound(blocks.ungroup(document, name))
    assert document.model == nodes.bypass(select(START, "drop")).model
    assert selected(document) == set(names)


def test_inputs_and_outputs_are_not_grouped():
    document = sound(blocks.group(select(START, *START.graph.nodes)))
    assert [*document.graph.nodes] == ["tokens", "block", "logits"]
    assert torch.equal(output_of(document), output_of(START))
    message = "inputs and outputs cannot be in a block; select nodes between them"
    assert refusal(blocks.group, select(START, "tokens", "logits")) == message


def test_blocks_have_unique_names():
    document = START
    for names in (("lstm",), ("drop",), ("head",)):
        document = sound(blocks.group(select(document, *names)))
    assert [*document.model.blocks] == ["Block", "Block 2", "Block 3"]
    message = "the name Block 2 is taken; choose another name"
    assert refusal(blocks.group, select(document, "sum"), "block 2") == message
    assert "dots" in refusal(blocks.group, select(document, "sum"), "a.b")


def test_groups_can_be_nested():
    document = blocks.group(select(START, "lstm", "drop"), "Outer").at(("outer",))
    document = sound(blocks.group(select(document, "drop"), "Inner"))
    assert torch.equal(output_of(document), output_of(START))
    document = sound(blocks.ungroup(document, "inner").at(()))
    assert [*document.model.blocks] == ["Outer"]
    assert blocks.ungroup(document, "outer").model == START.model


def test_the_ports_of_a_group_have_descriptive_names():
    document = sound(blocks.group(select(START, "sum", "head"), "End"))
    ports = document.model.ports(document.graph.nodes["end"])
    assert [port.name for port in ports[0]] == ["embed", "drop"]
    assert [port.name for port in ports[1]] == ["output"]
    document = nodes.add(START, GraphOutput(), (0, 0), "state")
    document = edges.connect(document, ref("lstm.hidden"), ref("state.input"))
    document = sound(blocks.group(select(document, "embed", "lstm")))
    ports = document.model.ports(document.graph.nodes["block"])
    assert [port.name for port in ports[1]] == ["embed_output", "lstm_output", "hidden"]
    assert drawn(document)["state.input"] == "block.hidden"


def test_a_port_of_several_names_is_named_after_its_source():
    document = nodes.add(START, MultiHeadAttention(num_heads=2), (0, 0), "attend")
    for target in ("attend.key", "attend.value"):
        document = edges.connect(document, ref("embed.output"), ref(target))
    document = edges.connect(document, ref("lstm.output"), ref("attend.query"))
    document = sound(blocks.group(select(document, "attend")))
    inputs = document.model.ports(document.graph.nodes["block"])[0]
    assert [port.name for port in inputs] == ["embed", "lstm"]


def test_the_ports_of_a_group_have_the_kinds_of_their_edges():
    document = nodes.add(START, LengthInput(), (0, 0), "count")
    document = nodes.add(document, LengthMask(), (0, 0), "mask")
    document = edges.connect(document, ref("count.output"), ref("mask.lengths"))
    document = edges.connect(document, ref("embed.output"), ref("mask.input"))
    document = nodes.add(document, MeanPooling(), (0, 0), "mean")
    document = edges.connect(document, ref("sum.output"), ref("mean.input"))
    document = edges.connect(document, ref("mask.output"), ref("mean.mask"))
    document = sound(blocks.group(select(document, "mean", "head")))
    inputs = document.model.ports(document.graph.nodes["block"])[0]
    assert {port.name: port.kind for port in inputs} == {
        "sum": Kind.FEATURES,
        "mask": Kind.MASK,
    }


def test_a_port_name_that_is_taken_gets_a_number():
    document = nodes.rename(nodes.rename(START, "lstm", "x"), "drop", "output")
    document = sound(blocks.group(select(document, "x", "output")))
    assert [*document.model.blocks["Block"].nodes] == ["x_2", "x", "output", "output_2"]
    assert torch.equal(output_of(document), output_of(START))


def test_an_unread_output_becomes_an_output_of_the_group():
    document = nodes.append(START, GELU(), "lstm", (0, 0))
    document = sound(blocks.group(select(document, "gelu")))
    assert [*document.model.blocks["Block"].output_nodes] == ["output"]


def test_a_group_that_would_close_a_cycle_is_refused():
    message = "the block would close a cycle: drop lies between lstm and sum; select drop too"
    assert refusal(blocks.group, select(START, "lstm", "sum")) == message


def test_nodes_that_share_a_weight_are_not_separated():
    document = nodes.set_parameter(START, "head", "tie", "embed")
    message = "head shares the weight of embed; select both, or neither of them"
    assert refusal(blocks.group, select(document, "head")) == message
    assert refusal(blocks.group, select(document, "embed")) == message
    assert sound(blocks.group(select(document, "embed", "lstm", "drop", "sum", "head")))


def test_comments_are_grouped_and_ungrouped():
    document = comments.comment(START, (500.0, 10.0), "remembers")
    document = document.selecting(replace(document.selection, nodes=frozenset({"lstm"})))
    grouped = sound(blocks.group(document))
    assert not grouped.comments
    assert [*grouped.at(("block",)).comments] == ["comment"]
    back = blocks.ungroup(grouped, "block")
    assert back.model.comments[""] == document.model.comments[""]


# -- ungrouping --------------------------------------------------------------------------------


def test_ungrouped_nodes_are_centred_and_have_free_names():
    document = blocks.group(select(START, "lstm", "drop"))
    document = nodes.add(nodes.move(document, 100, 50), Dropout(), (0, 0), "drop")
    document = sound(blocks.ungroup(document, "block"))
    assert selected(document) == {"lstm", "drop_2"}
    assert document.positions["lstm"] == (580.0, 50.0)
    assert drawn(document)["sum.terms.1"] == "drop_2.output"


def test_a_block_is_kept_while_another_node_places_it():
    document = blocks.group(select(START, "lstm"))
    document = nodes.duplicate(document, (0, 0))
    document = sound(blocks.ungroup(document, "block"))
    assert [*document.model.blocks] == ["Block"]
    assert [*sound(blocks.ungroup(document, "block_2")).model.blocks] == []


def test_an_input_connected_to_an_output_becomes_an_edge():
    inner = Graph({"x": BlockInput(), "y": GraphOutput(), "z": GraphOutput()})
    inner = inner.with_edge(ref("x.output"), ref("y.input"))
    document = Document(replace(START.model, blocks={"Same": inner}))
    document = nodes.add_on_edge(document, Block(block="Same"), ref("head.input"), (0, 0))
    document = sound(blocks.ungroup(document, "same"))
    assert document.graph == START.graph


def test_repeated_bypassed_and_other_nodes_are_not_ungrouped():
    document = blocks.group(select(START, "drop"))
    document = nodes.set_parameter(document, "block", "repeat", "3")
    message = "block: expected repeat 1, got 3; set repeat to 1 first"
    assert refusal(blocks.ungroup, document, "block") == message
    message = "lstm: expected a block, got LSTM; select a block"
    assert refusal(blocks.ungroup, document, "lstm") == message
    bypassed = nodes.bypass(select(nodes.reset_parameter(document, "block", "repeat"), "block"))
    message = "block: expected a node that is not bypassed; stop bypassing it first"
    assert refusal(blocks.ungroup, bypassed, "block") == message


def test_a_missing_block_is_not_ungrouped():
    graph = START.graph.with_node("lost", Block(block="Gone"))
    message = "lost: the block 'Gone' does not exist; set another block"
    assert refusal(blocks.ungroup, START.with_graph(graph), "lost") == message


def with_composite(node: Composite, width: int = 16) -> Document:
    document = nodes.add(Document(), FeatureInput(features=width), (0, 0), "in")
    document = nodes.append(document, node, "in", (240.0, 0.0))
    (name,) = selected(document)
    document = nodes.rename(document, name, "it")
    return nodes.append(document, GraphOutput(), "it", (480.0, 0.0))


COMPOSITES = {
    "feed-forward": FeedForward(hidden_size=32),
    "as wide as its input": FeedForward(),
    "gated": GatedFeedForward(),
    "attention": MultiHeadAttention(num_heads=4, causal=True),
    "fewer key heads": MultiHeadAttention(num_heads=4, num_kv_heads=2, rotary=100.0),
    "a layer": EncoderLayer(num_heads=4),
}


@pytest.mark.parametrize("node", COMPOSITES.values(), ids=COMPOSITES)
def test_an_ungrouped_composite_computes_the_same(node):
    document = with_composite(node)
    x = torch.randn(2, 6, 16)
    apart = sound(blocks.ungroup_composite(document, "it", expansion(document, "it")))
    assert "it" not in apart.graph.nodes
    assert errors(apart) == []
    assert torch.equal(output_of(apart, x), output_of(document, x))
    block = sound(blocks.ungroup_composite(document, "it", expansion(document, "it"), True))
    assert isinstance(block.graph.nodes["it"], Block)
    assert torch.equal(output_of(block, x), output_of(document, x))
    assert set(apart.positions) == set(apart.graph.nodes)


def test_a_repeated_composite_becomes_a_repeated_block():
    document = with_composite(FeedForward(repeat=3))
    x = torch.randn(2, 6, 16)
    block = sound(blocks.ungroup_composite(document, "it", expansion(document, "it")))
    assert block.graph.nodes["it"] == Block(block="FeedForward", repeat=3)
    assert block.selection == Selection.of("it")
    assert torch.equal(output_of(block, x), output_of(document, x))


def test_a_block_from_a_composite_has_a_free_name():
    document = with_composite(FeedForward(repeat=3))
    model = replace(document.model, blocks={"FeedForward": Graph({"y": GraphOutput()})})
    document = replace(document, model=model)
    document = blocks.ungroup_composite(document, "it", expansion(document, "it"))
    assert [*document.model.blocks] == ["FeedForward", "FeedForward 2"]
    assert document.graph.nodes["it"].block == "FeedForward 2"


@pytest.mark.parametrize("make", [gpt, gpt_llama, encoder_classifier])
def test_every_composite_of_an_example_is_ungrouped(make):
    start = Document(make())
    for place in [(), *(("blocks",) for name in start.graph.nodes if name == "blocks")]:
        document = start.at(place)
        main = check(document.model).main
        inner = main.nodes[place[0]].inner if place else main
        for name, node in document.graph.nodes.items():
            if isinstance(node, Composite) and not isinstance(node, Block):
                document = sound(
                    blocks.ungroup_composite(document, name, inner.nodes[name].inner.graph)
                )
        assert errors(document) == []
        assert document.model != start.model or not place


def test_ungrouping_a_composite_pushes_what_is_downstream():
    document = with_composite(FeedForward())
    apart = blocks.ungroup_composite(document, "it", expansion(document, "it"))
    right = max(apart.positions[name][0] for name in selected(apart))
    assert apart.positions["graph_output"][0] > right
    assert min(apart.positions[name][0] for name in selected(apart)) == 240.0


def test_a_primitive_node_is_not_ungrouped():
    message = "lstm: expected a block or a composite, got LSTM; select another node"
    assert refusal(blocks.ungroup_composite, START, "lstm", Graph()) == message


def test_a_size_that_depends_on_the_input_is_not_ungrouped():
    inner = Graph({"wide": Linear(out_features=free("T"))})
    document = with_composite(FeedForward())
    message = (
        "out_features of the inner node wide is T, which depends on the input and so cannot be a "
        "parameter; keep the composite"
    )
    assert refusal(blocks.ungroup_composite, document, "it", inner) == message


def test_an_input_whose_source_has_no_kind_has_that_of_its_reader():
    document = edges.connect(
        nodes.add(START, ShiftRight(), (0.0, 200.0), "shift"),
        ref("shift.output"),
        ref("head.input"),
    )
    document = blocks.group(select(document, "head"), "Core")
    assert document.model.blocks["Core"].nodes["x"].kind == "features"


# -- names -------------------------------------------------------------------------------------


def test_a_block_is_renamed_wherever_it_is_placed():
    document = blocks.group(select(START, "lstm", "drop"), "Core")
    document = nodes.duplicate(document, (0, 0)).at(("core",))
    document = sound(blocks.rename_block(document, "Core", "Heart"))
    assert document.graph_name == "Heart"
    assert [*document.model.blocks] == ["Heart"]
    assert document.positions["lstm"] == START.positions["lstm"]
    outside = document.at(()).graph.nodes.values()
    assert [node.block for node in outside if isinstance(node, Block)] == ["Heart", "Heart"]
    assert "slashes" in refusal(blocks.rename_block, document, "Heart", "a/b")
    message = "the block 'Core' no longer exists"
    assert refusal(blocks.rename_block, document, "Core", "Other") == message


def test_an_unplaced_block_is_kept_on_deletion():
    model = Model(blocks={"A": Graph({"y": GraphOutput()})})
    document = nodes.add(Document(model), Block(block="A"), (0, 0))
    document = nodes.add(document, Add(), (0, 0))
    assert sound(nodes.delete(select(document, "a"))).model.blocks == model.blocks


def test_grouping_a_bypassed_node_keeps_it_bypassed():
    document = nodes.bypass(select(START, "drop"))
    grouped = sound(blocks.group(select(document, "drop", "lstm")))
    assert grouped.model.blocks["Block"].bypassed == {"drop"}
    assert torch.equal(output_of(grouped), output_of(document))
