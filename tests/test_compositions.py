"""Repeats, default ports, blocks, ties and bypassed nodes mean the same in any composition."""

import pytest
import torch
from torch import Tensor

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.core.graphs.graph import Model
from tests.compositions import IDS, WIDTH, composed, evaluate

pytestmark = pytest.mark.slow

SEEDS = range(60)
PIECES = (3, 1, 1, 1)


def close(results: list[Tensor], expected: list[Tensor]) -> bool:
    return all(
        one.shape == other.shape and torch.allclose(one, other, 1e-6, 1e-6, equal_nan=True)
        for one, other in zip(results, expected, strict=True)
    )


def faults(model: Model, causal: bool) -> list[str]:
    """Compare the code of a model with what its graph means, whole and in pieces."""
    problems = [str(problem) for problem in check(model).errors]
    if problems:
        return problems
    torch.manual_seed(0)
    compiled = compile_model(model)
    module = instance(compiled.source, model.name).double().eval()
    steps = sum(PIECES)
    x = torch.randint(IDS, (2, steps)) if causal else torch.randn(2, steps, WIDTH).double()
    expected = evaluate(model, module, x)
    streams = causal and compiled.training_spec.streaming
    results = module(x)
    results = [*results] if isinstance(results, tuple) else [results]
    found = [] if close(results[:-1] if streams else results, expected) else ["it differs"]
    if streams and not close([in_pieces(module, x)], expected):
        found.append("it differs in pieces")
    return found


def in_pieces(module: torch.nn.Module, x: Tensor) -> Tensor:
    past, found = None, []
    for piece in x.split(PIECES, 1):
        output, past = module(piece, past)
        found.append(output)
    return torch.cat(found, 1)


@pytest.mark.parametrize("causal", [False, True])
def test_compositions_compute_what_their_graphs_mean(causal):
    found = {seed: faults(composed(seed, causal), causal) for seed in SEEDS}
    assert {seed: fault for seed, fault in found.items() if fault} == {}


def test_compositions_contain_what_they_are_made_for():
    sources = [compile_model(composed(seed, causal=True)).source for seed in SEEDS]
    for part in ("nn.ModuleList", "in range(", ".weight = self.", "present.append", "state"):
        assert sum(part in source for source in sources) > 2
