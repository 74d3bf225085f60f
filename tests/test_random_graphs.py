"""Graphs that once compiled to code that computes something else, and the order of names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.activation.gelu import GELU
from nodes.activation.sigmoid import Sigmoid
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.graph import Block, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.concatenate import Concatenate
from nodes.merge.multiply import Multiply
from nodes.merge.split import Split
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.agreement import disagreements

pytestmark = pytest.mark.slow


def stream() -> BlockInput:
    return BlockInput(kind="features", shape="B T C")


def model(builder: GraphBuilder, *results: NodeHandle, **sizes: int) -> Model:
    """Build a model with the given outputs."""
    for number, result in enumerate(results):
        builder.add(f"out {number}", GraphOutput(), result)
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model("Regression", builder.build(), blocks=builder.blocks, hyperparameters=known)


def placed(inner: GraphBuilder, place: Block, inputs: int) -> tuple[GraphBuilder, NodeHandle]:
    """Build a model of a block whose inputs all have one source."""
    builder = GraphBuilder(blocks={place.block: inner.build()})
    x = builder.add("x", FeatureInput(features=6))
    return builder, builder.add("block", place, *[x] * inputs)


def faults(model: Model) -> list[str]:
    return disagreements(model)


def two_inputs(read: tuple[int, ...]) -> GraphBuilder:
    """Build a block of two inputs that reads some of them."""
    builder = GraphBuilder()
    ends = [builder.add("a", stream()), builder.add("b", stream())]
    y = builder.add("gelu", GELU(), ends[read[0]])
    for index in read[1:]:
        y = builder.add("add", Add(), y, ends[index])
    builder.add("result", GraphOutput(), y)
    return builder


def test_a_loop_invariant_value_keeps_its_variable():
    builder, result = placed(two_inputs((0, 1)), Block(block="Two", repeat=3), 2)
    assert faults(model(builder, result)) == []


def test_an_unread_input_of_a_loop_is_not_carried():
    builder, result = placed(two_inputs((1,)), Block(block="Second", repeat=2), 2)
    assert faults(model(builder, result)) == []


def test_the_source_of_an_unread_input_of_a_loop_is_dead():
    inner = two_inputs((0,))
    builder = GraphBuilder(blocks={"First": inner.build()})
    x = builder.add("x", FeatureInput(features=6))
    unread = builder.add("sigmoid", Sigmoid(), x)
    found = model(builder, builder.add("block", Block(block="First", repeat=2), x, unread))
    assert faults(found) == []
    assert "sigmoid" not in compile_model(found).source


def test_outputs_of_a_block_may_have_names_of_several_words():
    inner = GraphBuilder()
    x = inner.add("x", stream())
    inner.add("the first half", GraphOutput(), inner.add("gelu", GELU(), x))
    inner.add("the other half", GraphOutput(), inner.add("sigmoid", Sigmoid(), x))
    inner.add("rest", GraphOutput(), x)
    builder, block = placed(inner, Block(block="Halves"), 1)
    assert faults(model(builder, block["the other half"], block["rest"])) == []


def test_the_divisibility_of_a_sum_is_checked_as_a_whole():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features="a + b"))
    found = model(builder, builder.add("split", Split(), x)["first"], a=5, b=3)
    assert faults(found) == []
    assert "if (self.a + self.b) % 2:" in compile_model(found).source


def test_a_sum_of_head_counts_must_divide_the_width():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=23))
    found = model(builder, builder.add("split", SplitHeads(num_heads="a + b"), x), a=5, b=4)
    assert [str(error) for error in check(found).errors] == [
        "split.input: expected a multiple of num_heads = a + b = 9, got 23 from x.output. "
        "Set features of x to 27."
    ]


def test_a_sum_is_split_where_its_parts_alone_are_not():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features="hd + 4"))
    found = model(builder, builder.add("split", SplitHeads(num_heads="2 * hd"), x), hd=4)
    assert faults(found) == []
    assert "if (self.hd + 4) % (2 * self.hd):" in compile_model(found).source


def test_a_sum_of_one_term_is_no_statement():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=6))
    y = builder.add("add", Add(), builder.add("up", Linear(), x))
    y = builder.add("multiply", Multiply(), builder.add("affine", Affine(), y))
    found = model(builder, builder.add("cat", Concatenate(), y, y), y)
    assert faults(found) == []
    assert "x = x\n" not in compile_model(found).source


def test_an_error_names_the_output_that_needs_an_unconnected_input():
    inner = GraphBuilder()
    inner.add("result", GraphOutput(), inner.add("x", stream()))
    extra = inner.add("extra", BlockInput(optional=True))
    inner.add("more", GraphOutput(), inner.add("gelu", GELU(), extra))
    builder, result = placed(inner, Block(block="Optional"), 1)
    assert [str(error) for error in check(model(builder, result)).errors] == [
        "block.extra: expected an edge, as the output more depends on it, got none. "
        "Connect x.output to block.extra."
    ]


def test_the_code_of_a_model_does_not_depend_on_hashing():
    program = (
        "from codegen.compile import compile_model; from tests.random_graphs import random_model; "
        "print(*[compile_model(random_model(seed)).source for seed in (21, 30, 43, 71)])"
    )
    sources = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(sources) == 1


def test_every_copy_of_a_self_attention_attends_to_its_own_input():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=4))
    attention = MultiHeadAttention(num_heads=2, repeat=2)
    found = model(builder, builder.add("a", attention, x))
    assert faults(found) == []
    module = instance(compile_model(found).source, found.name).eval()
    x = torch.randn(2, 3, 4)
    first, second = module.a
    assert torch.equal(module(x), second(first(x)))


def test_every_copy_attends_to_the_keys_of_an_edge():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=4))
    attention = MultiHeadAttention(num_heads=2, repeat=2)
    found = model(builder, builder.add("a", attention, x, x))
    assert faults(found) == []
    module = instance(compile_model(found).source, found.name).eval()
    x = torch.randn(2, 3, 4)
    first, second = module.a
    assert torch.equal(module(x), second(first(x, x), x))


def test_a_difference_with_fractions_is_a_check_of_the_config():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=9))
    split = builder.add("split", Split(size="t * t"), x)
    heads = builder.add("heads", SplitHeads(num_heads=5), split["second"])
    result = builder.add("forward", FeedForward(), heads)
    assert faults(model(builder, result, t=2)) == []
