"""Grouping into blocks and taking apart: the graph is drawn another way and computes the same."""

from dataclasses import replace

import pytest
import torch

from builder.commands import blocks, comments, edges, nodes
from builder.document.document import Document, Selection
from codegen.check import check
from examples.build import encoder_classifier, gpt, gpt_llama
from nodes.activation import GELU
from nodes.core.graphs.graph import Block, Composite, Graph, Model
from nodes.core.graphs.port import Kind
from nodes.dropout import Dropout
from nodes.io import BlockInput, FeatureInput, GraphOutput, LengthInput
from nodes.masks import LengthMask
from nodes.merge import Add
from nodes.pooling import MeanPooling
from nodes.transformer import (
    EncoderLayer,
    FeedForward,
    GatedFeedForward,
    MultiHeadAttention,
)
from tests.builder.desktop import edges as drawn
from tests.builder.desktop import (
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
    told,
)
from tests.codegen.running import network

START = language_model()
TOKENS = torch.arange(12).reshape(2, 6) % 32


def numbers(document: Document, *given: torch.Tensor) -> torch.Tensor:
    """Compute what a model gives, with weights drawn alike."""
    torch.manual_seed(0)
    found = network(document.model).eval()(*(given or (TOKENS,)))
    return found[0] if isinstance(found, tuple) else found


def expansion(document: Document, name: str) -> Graph:
    return check(document.model).main.found[name].inner.graph


# -- grouping ----------------------------------------------------------------------------------


def test_a_group_is_one_node_with_the_edges_that_were_cut():
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


def test_a_group_computes_the_same():
    document = blocks.group(select(START, "lstm", "drop", "sum"))
    assert torch.equal(numbers(document), numbers(START))


@pytest.mark.parametrize(
    "names", [("lstm", "drop"), ("embed", "lstm", "drop", "sum"), ("head",), ("drop", "sum")]
)
def test_a_group_that_is_ungrouped_is_as_before(names):
    document = blocks.group(nodes.bypass(select(START, "drop")).selecting(Selection.of(*names)))
    (name,) = selected(document)
    document = sound(blocks.ungroup(document, name))
    assert document.model == nodes.bypass(select(START, "drop")).model
    assert selected(document) == set(names)


def test_everything_that_is_selected_may_be_grouped():
    document = sound(blocks.group(select(START, *START.graph.nodes)))
    assert [*document.graph.nodes] == ["tokens", "block", "logits"]
    assert torch.equal(numbers(document), numbers(START))
    assert "stay outside" in refusal(blocks.group, select(START, "tokens", "logits"))


def test_blocks_have_names_of_their_own():
    document = START
    for names in (("lstm",), ("drop",), ("head",)):
        document = sound(blocks.group(select(document, *names)))
    assert [*document.model.blocks] == ["Block", "Block 2", "Block 3"]
    assert "Block" in refusal(blocks.group, select(document, "sum"), "block 2")
    assert "dots" in refusal(blocks.group, select(document, "sum"), "a.b")


def test_a_group_is_entered_and_grouped_again():
    document = blocks.group(select(START, "lstm", "drop"), "Outer").at(("outer",))
    document = sound(blocks.group(select(document, "drop"), "Inner"))
    assert torch.equal(numbers(document), numbers(START))
    document = sound(blocks.ungroup(document, "inner").at(()))
    assert [*document.model.blocks] == ["Outer"]
    assert blocks.ungroup(document, "outer").model == START.model


def test_what_enters_and_leaves_by_several_ways_has_ports_of_good_names():
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


def test_the_ports_of_a_group_have_the_kinds_of_what_they_carry():
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


def test_a_name_that_a_port_would_have_may_be_taken():
    document = nodes.rename(nodes.rename(START, "lstm", "x"), "drop", "output")
    document = sound(blocks.group(select(document, "x", "output")))
    assert [*document.model.blocks["Block"].nodes] == ["x_2", "x", "output", "output_2"]
    assert torch.equal(numbers(document), numbers(START))


def test_what_nothing_reads_leaves_a_group_too():
    document = nodes.append(START, GELU(), "lstm", (0, 0))
    document = sound(blocks.group(select(document, "gelu")))
    assert [*document.model.blocks["Block"].output_nodes] == ["output"]


def test_a_way_out_of_a_group_and_back_is_refused():
    told = refusal(blocks.group, select(START, "lstm", "sum"))
    assert told == ("drop lies between lstm and sum, which are to be in the block; select drop too")


def test_a_shared_weight_is_not_torn_apart():
    document = nodes.set_parameter(START, "head", "tie", "embed")
    told = "head shares the weight of embed; select both, or neither of them"
    assert refusal(blocks.group, select(document, "head")) == told
    assert refusal(blocks.group, select(document, "embed")) == told
    assert sound(blocks.group(select(document, "embed", "lstm", "drop", "sum", "head")))


def test_comments_go_with_a_group_and_come_back():
    document = comments.comment(START, (500.0, 10.0), "remembers")
    document = document.selecting(replace(document.selection, nodes=frozenset({"lstm"})))
    grouped = sound(blocks.group(document))
    assert not grouped.comments
    assert [*grouped.at(("block",)).comments] == ["comment"]
    back = blocks.ungroup(grouped, "block")
    assert back.model.comments[""] == document.model.comments[""]


# -- taking apart ------------------------------------------------------------------------------


def test_the_nodes_of_a_block_come_around_where_it_lay_under_free_names():
    document = blocks.group(select(START, "lstm", "drop"))
    document = nodes.add(nodes.move(document, 100, 50), Dropout(), (0, 0), "drop")
    document = sound(blocks.ungroup(document, "block"))
    assert selected(document) == {"lstm", "drop_2"}
    assert document.positions["lstm"] == (580.0, 50.0)
    assert drawn(document)["sum.terms.1"] == "drop_2.output"


def test_a_block_stays_while_another_node_places_it():
    document = blocks.group(select(START, "lstm"))
    document = nodes.duplicate(document, (0, 0))
    document = sound(blocks.ungroup(document, "block"))
    assert [*document.model.blocks] == ["Block"]
    assert [*sound(blocks.ungroup(document, "block_2")).model.blocks] == []


def test_an_input_that_goes_straight_out_is_an_edge():
    inner = Graph({"x": BlockInput(), "y": GraphOutput(), "z": GraphOutput()})
    inner = inner.with_edge(ref("x.output"), ref("y.input"))
    document = Document(replace(START.model, blocks={"Same": inner}))
    document = nodes.add_on_edge(document, Block(block="Same"), ref("head.input"), (0, 0))
    document = sound(blocks.ungroup(document, "same"))
    assert document.graph == START.graph


def test_copies_in_a_chain_are_not_taken_apart():
    document = blocks.group(select(START, "drop"))
    document = nodes.set_parameter(document, "block", "repeat", "3")
    told = "block stands for 3 copies in a chain; set repeat to 1 first"
    assert refusal(blocks.ungroup, document, "block") == told
    assert "is no block" in refusal(blocks.ungroup, document, "lstm")
    bypassed = nodes.bypass(select(nodes.reset_parameter(document, "block", "repeat"), "block"))
    assert "stop bypassing" in refusal(blocks.ungroup, bypassed, "block")


def with_composite(node: Composite, width: int = 16) -> Document:
    document = nodes.add(Document(), FeatureInput(features=width), (0, 0), "in")
    document = nodes.append(document, node, "in", (240.0, 0.0))
    (name,) = selected(document)
    document = nodes.rename(document, name, "it")
    return nodes.append(document, GraphOutput(), "it", (480.0, 0.0))


COMPOSITES = {
    "feed-forward": FeedForward(hidden_size=32),
    "as wide as it takes": FeedForward(),
    "gated": GatedFeedForward(),
    "attention": MultiHeadAttention(num_heads=4, causal=True),
    "fewer key heads": MultiHeadAttention(num_heads=4, num_kv_heads=2, rotary=100.0),
    "a layer": EncoderLayer(num_heads=4),
}


@pytest.mark.parametrize("node", COMPOSITES.values(), ids=COMPOSITES)
def test_what_a_composite_stands_for_computes_the_same(node):
    document = with_composite(node)
    x = torch.randn(2, 6, 16)
    apart = sound(blocks.ungroup_composite(document, "it", expansion(document, "it")))
    assert "it" not in apart.graph.nodes
    assert told(apart) == []
    assert torch.equal(numbers(apart, x), numbers(document, x))
    block = sound(blocks.ungroup_composite(document, "it", expansion(document, "it"), True))
    assert isinstance(block.graph.nodes["it"], Block)
    assert torch.equal(numbers(block, x), numbers(document, x))
    assert set(apart.positions) == set(apart.graph.nodes)


def test_copies_of_a_composite_become_copies_of_a_block():
    document = with_composite(FeedForward(repeat=3))
    x = torch.randn(2, 6, 16)
    block = sound(blocks.ungroup_composite(document, "it", expansion(document, "it")))
    assert block.graph.nodes["it"] == Block(block="FeedForward", repeat=3)
    assert torch.equal(numbers(block, x), numbers(document, x))


@pytest.mark.parametrize("make", [gpt, gpt_llama, encoder_classifier])
def test_every_composite_of_an_example_is_taken_apart(make):
    start = Document(make())
    for place in [(), *(("blocks",) for name in start.graph.nodes if name == "blocks")]:
        document = start.at(place)
        main = check(document.model).main
        inner = main.found[place[0]].inner if place else main
        for name, node in document.graph.nodes.items():
            if isinstance(node, Composite) and not isinstance(node, Block):
                document = sound(
                    blocks.ungroup_composite(document, name, inner.found[name].inner.graph)
                )
        assert told(document) == []
        assert document.model != start.model or not place


def test_what_comes_after_a_composite_makes_room():
    document = with_composite(FeedForward())
    apart = blocks.ungroup_composite(document, "it", expansion(document, "it"))
    right = max(apart.positions[name][0] for name in selected(apart))
    assert apart.positions["graph_output"][0] > right
    assert min(apart.positions[name][0] for name in selected(apart)) == 240.0


def test_a_single_step_is_not_taken_apart():
    assert "single step" in refusal(blocks.ungroup_composite, START, "lstm", Graph())


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
    assert refusal(blocks.rename_block, document, "Heart", "a/b")
    assert "there is no block" in refusal(blocks.rename_block, document, "Core", "Other")


def test_models_of_blocks_alone_are_kept():
    model = Model(blocks={"A": Graph({"y": GraphOutput()})})
    document = nodes.add(Document(model), Block(block="A"), (0, 0))
    document = nodes.add(document, Add(), (0, 0))
    assert sound(nodes.remove(select(document, "a"))).model.blocks == model.blocks


def test_grouping_a_bypassed_node_keeps_it_bypassed():
    document = nodes.bypass(select(START, "drop"))
    grouped = sound(blocks.group(select(document, "drop", "lstm")))
    assert grouped.model.blocks["Block"].bypassed == {"drop"}
    assert torch.equal(numbers(grouped), numbers(document))
