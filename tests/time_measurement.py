"""Which steps and rows the outputs of compiled code depend on, measured by changing them.

The measurement knows nothing of receptive fields: it changes one index of one input, runs the code
again, and looks which elements of the outputs differ. Only the comparison reads what is declared.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from benchmarks.campaign.inputs import RUNS
from codegen.check import Report
from codegen.harness.dependence import (
    DRAWS,
    Comparison,
    Results,
    comparison,
    differs,
    filled_up,
    measure,
)
from codegen.harness.one_node import as_tuple
from nodes.core.graphs.graph import Model
from nodes.core.graphs.port import TensorSpec
from nodes.core.time.term import ROWS, STEPS, Source
from nodes.io.pair_input import PairInput
from tests.agreement import inputs


def compare_model(
    model: Model, report: Report, module: nn.Module, run: Mapping[str, int] = RUNS[0]
) -> Iterator[Comparison]:
    """Compare the fields at the outputs of a model with what its compiled code does."""
    names = [*model.graph.output_nodes]
    nodes = model.graph.nodes
    sources = {}
    for name, tensor in inputs(model, report, run).items():
        if isinstance(node := nodes[name], PairInput):
            sources[name, 0] = Source(name, STEPS, node.queries)
            continue
        sources[name, 0] = Source(name, ROWS, "B")
        if tensor.dim() > 1:
            sources[name, 1] = Source(name, STEPS, getattr(nodes[name], "length", "T"))

    specs = {name: _outputs(report, name)[0] for name in model.graph.input_nodes}

    def outputs(given: Mapping[str, Tensor]) -> Results:
        tensors = as_tuple(module(*given.values()))
        return dict(zip(names, tensors, strict=False))  # a streaming model returns its state last

    def draw(whole: bool) -> Results:
        tensors = inputs(model, report, run)
        return filled_up(tensors, run["T"], specs) if whole else tensors

    measured = measure(outputs, draw, [*sources])
    assert report.fields is not None
    for (output, dimension), changes in measured.items():
        field = report.fields.results[output]
        yield comparison(output, field, sources[dimension], changes, {**model.sizes}, run)


def _outputs(report: Report, name: str) -> list[TensorSpec]:
    assert report.main is not None
    inferred = report.main.nodes[name].inferred
    assert inferred is not None
    return [*inferred.outputs.values()]


# -- padding and order -----------------------------------------------------------------------------


def reads_padding(module: nn.Module, ids: int, length: int = 6, padding: int = 3) -> bool:
    """Run sequences of token ids alone and filled up with 0, and compare the results."""
    for _ in range(DRAWS):
        tokens = torch.randint(1, ids, (2, length))
        filled = torch.nn.functional.pad(tokens, (0, padding))
        lengths = torch.full((2,), length)
        with torch.no_grad():
            alone, beside = (as_tuple(module(one, lengths))[0] for one in (tokens, filled))
        if bool(differs(alone, beside).any()):
            return True
    return False


def sees_order(module: nn.Module, ids: int, length: int = 6) -> bool:
    """Run sequences of token ids in two orders, and compare the results."""
    for _ in range(DRAWS):
        tokens = torch.randint(1, ids, (2, length))
        lengths = torch.full((2,), length)
        with torch.no_grad():
            orders = (tokens, tokens[:, torch.randperm(length)])
            one, other = (as_tuple(module(order, lengths))[0] for order in orders)
        if bool(differs(one, other).any()):
            return True
    return False
