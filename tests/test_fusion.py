"""Generated models stay fast in PyTorch: one graph for attention, one kernel call for an LSTM."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.core.graphs.graph import Model
from tests.golden import MODELS

pytestmark = pytest.mark.slow

LENGTHS = torch.tensor([9, 4, 1])


def instantiated(name: str) -> tuple[Model, nn.Module]:
    model: Model = MODELS[name]()
    return model, instance(compile_model(model).source, model.name).eval()


def arguments(model: Model, steps: int = 9) -> list[Tensor]:
    """Create a random tensor for every input of a model."""
    kinds = {
        "TokenInput": lambda: torch.randint(200, (3, steps)),
        "MaskInput": lambda: torch.arange(steps) < LENGTHS.clamp(max=steps)[:, None],
        "LengthInput": lambda: LENGTHS.clamp(max=steps),
        "FeatureInput": lambda: torch.randn(3, steps, feature_count(model)),
    }
    return [kinds[type(node).__name__]() for node in model.graph.input_nodes.values()]


def feature_count(model: Model) -> int:
    sizes: Mapping[str, int] = model.sizes
    return sizes.get("num_features", sizes.get("d_model", 0))


def tensors(result: object) -> list[Tensor]:
    """Flatten the result of a model."""
    if isinstance(result, Tensor):
        return [result]
    return [tensor for item in result for tensor in tensors(item)]


@pytest.mark.parametrize(
    "name",
    [
        *("gpt", "gpt_llama", "encoder_classifier", "attention_from_primitives"),
        *("gpt2", "t5", "gemma2", "gpt_neox", "bloom", "mamba"),
    ],
)
def test_an_attention_model_compiles_to_one_graph(name):
    model, eager = instantiated(name)
    torch.compiler.reset()
    whole = torch.compile(eager, backend="eager", fullgraph=True)
    for steps in (9, 7):
        inputs = arguments(model, steps)
        for actual, expected in zip(tensors(whole(*inputs)), tensors(eager(*inputs)), strict=True):
            assert (actual - expected).abs().max() < 1e-5


@pytest.mark.parametrize("name", ["gpt", "gpt_llama", "mistral", "gemma2"])
def test_a_step_with_cached_keys_compiles_to_one_graph(name):
    model, eager = instantiated(name)
    torch.compiler.reset()
    whole = torch.compile(eager, backend="eager", fullgraph=True)
    (tokens,) = arguments(model)
    _, past = eager(tokens)
    for _ in range(2):
        expected, longer = eager(tokens[:, :1], past)
        assert (whole(tokens[:, :1], past)[0] - expected).abs().max() < 1e-5
        past = longer


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("char_rnn", "aten::rnn_tanh"),
        ("char_lstm", "aten::lstm"),
        ("char_gru", "aten::gru"),
        ("price_lstm", "aten::lstm"),
        ("bilstm_classifier", "aten::lstm"),
    ],
)
def test_a_compiled_recurrent_model_calls_one_kernel_for_all_steps(name, kernel):
    model, eager = instantiated(name)
    torch.compiler.reset()
    compiled = torch.compile(eager, backend="eager")
    inputs = arguments(model)
    compiled(*inputs)
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        result = compiled(*inputs)
    calls = [event.count for event in profiled.key_averages() if event.key == kernel]
    assert calls == [1]
    for actual, expected in zip(tensors(result), tensors(eager(*inputs)), strict=True):
        assert (actual - expected).abs().max() < 1e-5
