"""Sequences of a fixed length: layers across steps equal their formulas, others are refused."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.activation.gelu import GELU
from nodes.activation.masked_softmax import MaskedSoftmax
from nodes.activation.relu import ReLU
from nodes.core.graphs.graph import Block, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.time.term import STEPS, Source
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.masks.causal_mask import CausalMask
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.normalization.layer_norm import LayerNorm
from nodes.reshape.reshape import Reshape
from nodes.reshape.transpose import Transpose
from nodes.tasks.forecasting import Forecasting

WINDOW, WIDTH, HORIZON = 6, 8, 3


def with_sizes(builder: GraphBuilder, **more: object) -> Model:
    sizes = {"window": WINDOW, "width": WIDTH, "horizon": HORIZON}
    known = {name: Hyperparameter(size) for name, size in sizes.items()}
    return Model("Fixed", builder.build(), dict(builder.blocks), known, **more)


def perturbed(model: Model) -> nn.Module:
    module = instance(compile_model(model).source, "Fixed").double()
    with torch.no_grad():
        for weight in module.parameters():
            weight.normal_(std=0.5)
    return module


def mixer() -> Model:
    """Build a layer of the MLP-Mixer: across steps, then across channels."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features="width", steps="window"))
    y = builder.add("turned", Transpose(), builder.add("norm_1", LayerNorm(), x))
    y = builder.add("steps_up", Linear(out_features="2 * window"), y)
    y = builder.add("steps_down", Linear(out_features="window"), builder.add("gelu_1", GELU(), y))
    x = builder.add("mixed_steps", Add(), x, builder.add("turned_back", Transpose(), y))
    y = builder.add("channels_up", Linear(out_features=12), builder.add("norm_2", LayerNorm(), x))
    y = builder.add("channels_down", Linear(out_features="width"), builder.add("gelu_2", GELU(), y))
    builder.add("output", GraphOutput(), builder.add("mixed_channels", Add(), x, y))
    return with_sizes(builder)


def test_a_mixer_layer_is_that_of_the_paper():
    module = perturbed(mixer())
    x = torch.randn(2, WINDOW, WIDTH, dtype=torch.float64)
    y = F.gelu(module.steps_up(module.norm_1(x).mT))
    mixed = x + module.steps_down(y).mT
    expected = mixed + module.channels_down(F.gelu(module.channels_up(module.norm_2(mixed))))
    torch.testing.assert_close(module(x), expected)


def test_steps_that_a_layer_mixes_see_all_steps():
    fields = check(mixer()).fields
    field = fields.results["output"]
    assert field.reach(Source("x", STEPS, "T"), field.dims[1][0]) == (1 - WINDOW, WINDOW - 1)


def nbeats_block() -> GraphBuilder:
    """Build a generic block of N-BEATS with two outputs: what is left, and the forecast."""
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(kind="features", shape="B T"))
    y = x
    for number in (1, 2):
        y = builder.add(f"layer_{number}", Linear(out_features="width"), y)
        y = builder.add(f"relu_{number}", ReLU(), y)
    back = builder.add("backcast", Linear(out_features="window"), y)
    less = builder.add("less", Affine(scale=-1.0), back)
    builder.add("rest", GraphOutput(), builder.add("left", Add(), x, less))
    builder.add("forecast", GraphOutput(), builder.add("ahead", Linear(out_features="horizon"), y))
    return builder


def n_beats(**more: object) -> Model:
    block = nbeats_block().build()
    builder = GraphBuilder(blocks={"Generic": block})
    x: NodeHandle = builder.add("series", FeatureInput(features=1, steps="window"))
    x = builder.add("flat", Reshape(pattern="B T 1 -> B T"), x)
    first = builder.add("first", Block(block="Generic"), x)
    second = builder.add("second", Block(block="Generic"), first["rest"])
    total = builder.add("total", Add(), first["forecast"], second["forecast"])
    builder.add("output", GraphOutput(), total)
    return with_sizes(builder, **more)


def test_n_beats_is_doubly_residual():
    module = perturbed(n_beats())
    x = torch.randn(4, WINDOW, 1, dtype=torch.float64)
    rest, total = x[..., 0], 0
    for block in (module.first, module.second):
        y = F.relu(block.layer_2(F.relu(block.layer_1(rest))))
        total = total + block.ahead(y)
        if block is module.first:
            rest = rest - block.backcast(y)
    torch.testing.assert_close(module(x), total)
    gradients = torch.autograd.grad(module(x).sum(), [*module.first.parameters()])
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_another_length_is_refused():
    with pytest.raises(ValueError, match=r"series: expected 6 time steps, got 5"):
        perturbed(n_beats())(torch.randn(4, 5, 1, dtype=torch.float64))


def test_a_task_has_the_length_of_the_input():
    sizes = {"features": "width", "outputs": "horizon"}
    builder = GraphBuilder()
    x = builder.add("series", FeatureInput(features="width", steps="window"))
    x = builder.add("flat", Reshape(pattern="B T C -> B (T C)"), x)
    builder.add("output", GraphOutput(), builder.add("head", Linear(out_features="horizon"), x))
    assert check(with_sizes(builder, recipe=Forecasting(window=WINDOW, **sizes))).problems == ()
    (problem,) = check(with_sizes(builder, recipe=Forecasting(window=9, **sizes))).problems
    assert str(problem.location) == "series.steps"
    assert problem.message == "expected window = 9 steps, got window = 6"
    titles = [remedy.title for remedy in problem.remedies]
    assert titles == ["Set window of the recipe to 6"]


def test_a_square_of_steps_may_be_one_dimension_of_a_mask():
    builder = GraphBuilder()
    steps = builder.add("steps", FeatureInput(features=WINDOW * WINDOW, steps="window"))
    square = builder.add("square", CausalMask(), steps)
    row = builder.add("row", Reshape(pattern="A C -> (A C)"), square)
    builder.add("output", GraphOutput(), builder.add("softmax", MaskedSoftmax(), steps, row))
    x = torch.randn(2, WINDOW, WINDOW * WINDOW, dtype=torch.float64)
    model = with_sizes(builder)
    assert not check(model).errors
    allowed = torch.ones(WINDOW, WINDOW).tril().bool().flatten()
    expected = x.masked_fill(~allowed, float("-inf")).softmax(-1)
    torch.testing.assert_close(instance(compile_model(model).source, "Fixed")(x), expected)
