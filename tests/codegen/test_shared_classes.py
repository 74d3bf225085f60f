"""Uses of one class that differ in their sources alone share it; other classes are told apart."""

import re

import pytest
import torch

from codegen.compile import compile_model
from codegen.harness.one_node import instance
from examples.sequence_to_sequence import transformer_2017
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.merge.add import Add
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention


def classes(source: str) -> list[str]:
    return re.findall(r"^class (\w+)\(nn", source, re.MULTILINE)


def test_self_attention_and_cross_attention_are_of_one_class():
    builder = GraphBuilder()
    memory, x = (
        builder.add(name, FeatureInput(features=8, length=length))
        for name, length in (("source", "S"), ("target", "T"))
    )
    layer = {"num_heads": 2, "hidden_size": 16}
    memory = builder.add("encoder", EncoderLayer(**layer), memory)
    x = builder.add("decoder", DecoderLayer(**layer, causal=False), x, memory=memory)
    builder.add("output", GraphOutput(), x)
    source = compile_model(Model("Drawn", builder.build())).source
    assert [name for name in classes(source) if "Attention" in name] == ["MultiHeadAttention"]
    assert "self.self_attn(x, x)" in source
    assert "query (B, T, 8), key (B, S, 8) -> output (B, T, 8)" in source


def test_attentions_with_other_caches_are_of_other_classes():
    found = classes(compile_model(transformer_2017()).source)
    attentions = [name for name in found if "Attention" in name]
    assert attentions == ["MultiHeadAttention", "CausalSelfAttention", "CrossAttention"]


def pair() -> GraphBuilder:
    builder = GraphBuilder()
    ends = [builder.add(name, BlockInput(kind="features", shape="B T C")) for name in ("a", "b")]
    builder.add("output", GraphOutput(), builder.add("sum", Add(), *ends))
    return builder


@pytest.mark.parametrize("names", [("Pair", "Pair"), ("Pair", "Other")])
def test_a_block_has_a_class_of_its_own_name(names):
    blocks = {name: pair().build() for name in names}
    builder = GraphBuilder(blocks=blocks)
    x, y = (builder.add(name, FeatureInput(features=4)) for name in ("x", "y"))
    first = builder.add("first", Block(block=names[0]), x, y)
    builder.add("output", GraphOutput(), builder.add("second", Block(block=names[1]), first, first))
    source = compile_model(Model("Drawn", builder.build(), blocks)).source
    assert classes(source) == [*dict.fromkeys(names), "Drawn"]
    x, y = torch.randn(2, 1, 3, 4)
    torch.testing.assert_close(instance(source, "Drawn")(x, y), 2 * (x + y))


def test_a_composite_of_an_absent_input_is_left_out():
    body = GraphBuilder()
    given = body.add("given", BlockInput(kind="features", shape="B T C"))
    absent = body.add("absent", BlockInput(kind="features", shape="B T C", optional=True))
    body.add("unread", FeedForward(hidden_size=6, repeat=2), absent)
    body.add("output", GraphOutput(), given)
    builder = GraphBuilder(blocks={"Part": body.build()})
    part = builder.add("part", Block(block="Part"), builder.add("x", FeatureInput(features=4)))
    builder.add("output", GraphOutput(), part)
    model = Model("Drawn", builder.build(), dict(builder.blocks))
    assert classes(compile_model(model).source) == ["Part", "Drawn"]


def test_a_repeated_self_attention_attends_to_its_own_input_beside_a_cross_attention():
    attention = {"num_heads": 2, "bias": False}
    builder = GraphBuilder()
    x, y = (builder.add(name, FeatureInput(features=4)) for name in ("x", "y"))
    cross = builder.add("cross", MultiHeadAttention(**attention), x, y)
    chain = builder.add("chain", MultiHeadAttention(**attention, repeat=3), cross)
    builder.add("output", GraphOutput(), chain)
    source = compile_model(Model("Drawn", builder.build())).source
    module, one = instance(source, "Drawn").double(), torch.randn(2, 5, 4).double()
    given = module.cross(one, 2 * one)
    for layer in module.chain:
        given = by_hand(layer, given)
    torch.testing.assert_close(module(one, 2 * one), given)


def by_hand(layer: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    q, k, v = (part(x).unflatten(-1, (2, 2)) for part in (layer.q, layer.k, layer.v))
    weights = torch.einsum("bthd,bshd->bhts", q, k).div(2**0.5).softmax(-1)
    return layer.out(torch.einsum("bhts,bshd->bthd", weights, v).flatten(-2))
