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
from nodes.transformer.feed_forward import FeedForward


def classes(source: str) -> list[str]:
    return re.findall(r"^class (\w+)\(nn", source, re.MULTILINE)


def test_self_attention_and_cross_attention_are_of_one_class():
    source = compile_model(transformer_2017()).source
    found = [name for name in classes(source) if "Attention" in name]
    assert found == ["MultiHeadAttention", "CausalSelfAttention"]
    assert "self.self_attn(x, x, key_mask)" in source
    assert "query (B, T, d_model), key (B, S, d_model), key_mask (B, S) ->" in source


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
