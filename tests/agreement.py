"""Compares the code of a model with the reference of the campaign, and draws its inputs."""

import json
from collections.abc import Mapping

import torch
from torch import Tensor

from benchmarks.campaign.verdicts import judge
from codegen.check import Report
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Model
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import evaluate, substitute
from nodes.core.shapes.shape import Shape

IDS = 7
"""The number of token ids in inputs."""

RUN = {"B": 5, "T": 11, "S": 7}
"""The free sizes of a run."""


def disagreements(model: Model) -> list[str]:
    """List how the verdict on a valid model or the results of its code are wrong."""
    verdict = judge(json.loads(dumps(model)))
    return [] if verdict.kind == "agree: runs" else [f"{verdict.kind}: {verdict.detail}"]


def concrete(shape: Shape, values: Mapping[str, int], run: Mapping[str, int]) -> tuple[int, ...]:
    """Substitute numbers for all sizes: those of the model, and those of a run."""
    return tuple(evaluate(substitute(size, values), run) for size in shape)


def inputs(model: Model, report: Report, run: Mapping[str, int] = RUN) -> dict[str, Tensor]:
    """Create a random tensor for every input node."""
    found: dict[str, Tensor] = {}
    for name in model.graph.input_nodes:
        spec = next(iter(report.main.nodes[name].inferred.outputs.values()))
        found[name] = tensor(concrete(spec.shape, model.sizes, run), spec.kind)
    return found


def tensor(shape: tuple[int, ...], kind: Kind) -> Tensor:
    """Create a random tensor of a kind; lengths are at most two."""
    if kind is Kind.TOKENS:
        return torch.randint(IDS, shape)
    if kind is Kind.LENGTHS:
        return torch.randint(1, 3, shape)
    if kind is Kind.MASK:
        return torch.rand(shape) < 0.7
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)
