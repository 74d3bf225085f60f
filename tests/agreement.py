"""Whether the code of a model does what its graph means."""

from collections.abc import Iterator, Mapping
from random import Random

import torch
from torch import Tensor, nn

from codegen.check import Report, check
from codegen.compile import Compiled, compile_model
from nodes.core.graph import Graph, Model
from nodes.core.node import Flow, Kind
from tests.interpreter import Fresh, generated, interpret
from tests.one_node import DTYPES, instance
from tests.random_graphs import IDS, RUN, measured, runs

CLOSE = 1e-5
OTHER_RUN = {"B": 3, "T": 13, "S": 9}
PIECES = (4, *[1] * (RUN["T"] - 4))


def disagreements(model: Model) -> list[str]:
    """Compile a valid model, run it, and tell every difference from what its graph means."""
    done = compile_model(model)
    torch.manual_seed(0)
    module = instance(done.source, model.name).double().eval()
    given = inputs(model, done.report)
    streams = done.trainee is not None and done.trainee.streaming
    exits = [*model.graph.exits]
    results = module(*given.values())
    ours = dict(zip([*exits, "past"] if streams else exits, as_tuple(results), strict=True))
    ours.pop("past", None) if streams else None
    theirs = interpret(model, generated(done.report.main, module), given)
    found = [*broken_promises(model, done.report, ours), *unlike(ours, theirs)]
    found += unlike(*(gradients(some, module, given) for some in (ours, theirs)))
    if streams:
        found += unlike({"pieces": in_pieces(module, *given.values())}, {"pieces": theirs[exits[0]]})
    return found


def too_strict(model: Model, report: Report) -> list[str]:
    """Tell the errors of a model that PyTorch runs all the same, whatever the sizes of a run."""
    weights = Fresh()
    for run in (RUN, OTHER_RUN):
        try:
            interpret(model, weights, inputs(model, report, run))
        except Exception:  # noqa: BLE001 (whatever PyTorch says)
            return []
    return [str(one) for one in report.errors]


def as_tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)


def inputs(model: Model, report: Report, run: Mapping[str, int] = RUN) -> dict[str, Tensor]:
    """Make something for every entrance."""
    found: dict[str, Tensor] = {}
    for name in model.graph.entrances:
        flow = next(iter(report.main.found[name].inferred.outputs.values()))
        found[name] = tensor(measured(flow.shape, model.sizes, run), flow.kind)
    return found


def tensor(shape: tuple[int, ...], kind: Kind) -> Tensor:
    """Make a tensor of a kind; no sequence is said to be longer than two steps."""
    if kind is Kind.TOKENS:
        return torch.randint(IDS, shape)
    if kind is Kind.LENGTHS:
        return torch.randint(1, 3, shape)
    if kind is Kind.MASK:
        return torch.rand(shape) < 0.7
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def broken_promises(
    model: Model, report: Report, results: Mapping[str, Tensor], run: Mapping[str, int] = RUN
) -> Iterator[str]:
    for name, flow in report.main.results.items():
        shape, kind = measured(flow.shape, model.sizes, run), DTYPES[flow.kind]
        expected = torch.float64 if kind is torch.float32 else kind
        came = results[name]
        if tuple(came.shape) != shape or came.dtype is not expected:
            yield f"{name}: {shape} {expected} is promised, {came.shape} {came.dtype} comes"


def unlike(ours: Mapping[str, Tensor | None], theirs: Mapping[str, Tensor | None]) -> list[str]:
    """Tell which tensors differ; one that is not there is zero."""
    found = []
    for name, theirs_ in theirs.items():
        a, b = (torch.zeros(()) if x is None else x.detach() for x in (ours[name], theirs_))
        if not torch.allclose(a.double(), b.double(), CLOSE, CLOSE, equal_nan=True):
            found.append(f"{name}: {float((a.double() - b.double()).abs().max()):g} apart")
    return found


def gradients(
    results: Mapping[str, Tensor], module: nn.Module, given: Mapping[str, Tensor]
) -> dict[str, Tensor | None]:
    """Differentiate a sum of all that comes out, each number with a weight of its own."""
    into = {f"weight {key}": one for key, one in module.named_parameters()}
    into |= {f"input {key}": one for key, one in given.items() if one.requires_grad}
    out = [one for one in results.values() if one.requires_grad]
    if not out or not into:
        return {}
    total = sum((one * torch.linspace(-1, 2, one.numel()).view(one.shape)).sum() for one in out)
    found = torch.autograd.grad(total, list(into.values()), allow_unused=True, retain_graph=True)
    return dict(zip(into, found, strict=True))


def in_pieces(module: nn.Module, tokens: Tensor) -> Tensor:
    """Feed a prompt and then step by step."""
    past, found = None, []
    for piece in tokens.split(PIECES, 1):
        logits, past = module(piece, past)
        found.append(logits)
    return torch.cat(found, 1)
