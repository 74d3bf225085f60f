"""Whether the code of a model does what its graph means."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codegen.check import Report, check
from codegen.compile import Compiled, compile_model
from nodes.core.graph import Model, PortRef
from nodes.core.node import Kind
from tests.interpreter import Fresh, generated, interpret
from tests.one_node import DTYPES, instance
from tests.random_graphs import IDS, RUN, measured, runs

CLOSE = 1e-5
HUGE = 1e4
"""Beyond it, what cancels out leaves less than double precision can tell apart."""

OTHER_RUN = {"B": 3, "T": 13, "S": 9}
STRICTER = (
    "has no output",  # of a block that nothing places
    "form a loop",  # through an input that nothing inside reads
    "dimensions .* are expected here",  # PyTorch guesses what is missing
    "(features|token ids|lengths) are expected here",  # numbers are numbers to PyTorch
    "a (mask|state) is expected here",
    "it is repeated, but",  # in shapes that no copy cares for
    "its weight is tied to",  # fresh weights are not tied
    "a multiple of 2 is expected here",  # PyTorch rotates a last channel against nothing
    "more than size = ",  # PyTorch goes on with nothing
    "nothing from .* is left",
)
"""What we refuse though PyTorch runs it."""

PIECES = (4, *[1] * (RUN["T"] - 4))


@dataclass(frozen=True)
class Verdict:
    """What became of a model.

    Attributes:
        kind: in a word.
        faults: what must not be.
        source: its code, if it has any.
    """

    kind: str
    faults: list[str]
    source: str = ""


def judged(model: Model) -> Verdict:
    """Compile and run a model, or see that what the check refuses cannot run."""
    report = check(model)
    if not report.ok:
        faults = too_strict(model, report)
        known = any(re.search(one, told) for one in STRICTER for told in faults)
        return Verdict("stricter" if known else "refused", [] if known else faults)
    flows = {name: report.main.flow(PortRef(name, "output")) for name in model.graph.entrances}
    if not runs(model, model.graph, flows):
        return Verdict("believed", [])
    done = compile_model(model)
    streams = done.trainee is not None and done.trainee.streaming
    return Verdict("streamed" if streams else "compiled", disagreements(model, done), done.source)


def disagreements(model: Model, done: Compiled) -> list[str]:
    """Run the code of a model, and tell every difference from what its graph means."""
    torch.manual_seed(0)
    module = instance(done.source, model.name).double().eval()
    given = inputs(model, done.report)
    streams = done.trainee is not None and done.trainee.streaming
    exits = [*model.graph.exits]
    results = as_tuple(module(*given.values()))
    ours = dict(zip(exits, results[:-1] if streams else results, strict=True))
    theirs = interpret(model, generated(done.report.main, module), given)
    found = [*broken_promises(model, done.report, ours), *unlike(ours, theirs)]
    found += unlike(*(gradients(some, module, given) for some in (ours, theirs)))
    if streams:
        found += unlike(
            {"pieces": in_pieces(module, *given.values())}, {"pieces": theirs[exits[0]]}
        )
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
    pairs = {name: (plain(ours[name]), plain(one)) for name, one in theirs.items()}
    largest = max((float(one.abs().max()) for _, one in pairs.values()), default=0.0)
    close = CLOSE * largest if largest > HUGE else CLOSE
    for name, (a, b) in pairs.items():
        if a.shape != b.shape and len(a.shape) * len(b.shape):
            found.append(f"{name}: {tuple(a.shape)} comes, {tuple(b.shape)} is meant")
        elif not torch.allclose(a, b, CLOSE, close, equal_nan=True):
            found.append(f"{name}: {float((a - b).abs().max()):g} apart")
    return found


def plain(one: Tensor | None) -> Tensor:
    return torch.zeros((), dtype=torch.float64) if one is None else one.detach().double()


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
