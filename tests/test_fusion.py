"""Generated models keep what makes PyTorch fast: one graph for attention, one call for an LSTM."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from codegen.compile import compile_model
from examples import build
from nodes.core.graphs.graph import Model
from tests.one_node import instance

LENGTHS = torch.tensor([9, 4, 1])


def made(name: str) -> tuple[Model, nn.Module]:
    model: Model = getattr(build, name)()
    return model, instance(compile_model(model).source, model.name).eval()


def given(model: Model, steps: int = 9) -> list[Tensor]:
    """Make something for every input of a model."""
    kinds = {
        "TokenInput": lambda: torch.randint(200, (3, steps)),
        "LengthInput": lambda: LENGTHS.clamp(max=steps),
        "FeatureInput": lambda: torch.randn(3, steps, feature_count(model)),
    }
    return [kinds[type(node).__name__]() for node in model.graph.input_nodes.values()]


def feature_count(model: Model) -> int:
    sizes: Mapping[str, int] = model.sizes
    return sizes.get("num_features", sizes.get("d_model", 0))


def results(found: object) -> list[Tensor]:
    """Flatten what a model gives."""
    if isinstance(found, Tensor):
        return [found]
    return [tensor for one in found for tensor in results(one)]


@pytest.mark.parametrize(
    "name", ["gpt", "gpt_llama", "encoder_classifier", "attention_from_primitives"]
)
def test_an_attention_model_is_one_graph(name):
    model, plain = made(name)
    torch.compiler.reset()
    whole = torch.compile(plain, backend="eager", fullgraph=True)
    for steps in (9, 7):
        inputs = given(model, steps)
        for ours, theirs in zip(results(whole(*inputs)), results(plain(*inputs)), strict=True):
            assert (ours - theirs).abs().max() < 1e-5


@pytest.mark.parametrize("name", ["gpt", "gpt_llama"])
def test_a_step_with_a_past_is_one_graph(name):
    model, plain = made(name)
    torch.compiler.reset()
    whole = torch.compile(plain, backend="eager", fullgraph=True)
    (tokens,) = given(model)
    _, past = plain(tokens)
    for _ in range(2):
        expected, longer = plain(tokens[:, :1], past)
        assert (whole(tokens[:, :1], past)[0] - expected).abs().max() < 1e-5
        past = longer


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("char_rnn", "aten::rnn_tanh"),
        ("char_lstm", "aten::lstm"),
        ("char_gru", "aten::gru"),
        ("price_lstm", "aten::lstm"),
        ("bilstm_classifier", "aten::lstm"),
    ],
)
def test_a_compiled_recurrent_model_makes_one_call_for_all_steps(name, call):
    model, plain = made(name)
    torch.compiler.reset()
    compiled = torch.compile(plain, backend="eager")
    inputs = given(model)
    compiled(*inputs)
    with profile(activities=[ProfilerActivity.CPU]) as watched:
        found = compiled(*inputs)
    calls = [one.count for one in watched.key_averages() if one.key == call]
    assert calls == [1]
    for ours, theirs in zip(results(found), results(plain(*inputs)), strict=True):
        assert (ours - theirs).abs().max() < 1e-5
