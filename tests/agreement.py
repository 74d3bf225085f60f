"""Whether the code of a model does what its graph means."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codegen.check import Report, check
from codegen.compile import Compiled, compile_model
from nodes.core.graphs.graph import Model, PortRef
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import Dim, substitute
from tests.interpreter import Fresh, generated, interpret
from tests.one_node import DTYPES, instance
from tests.random_graphs import IDS, RUN, measured, runs

CLOSE = 1e-5
OTHER_RUN = {"B": 3, "T": 13, "S": 9}
STRICTER = (
    "has no output",  # of a block that nothing places
    "form a loop",  # through an input that nothing inside reads
    "expected .* dimensions",  # PyTorch guesses what is missing
    "expected (features|token ids|lengths)",  # numbers are numbers to PyTorch
    "expected a (mask|state)",
    "it is repeated, but",  # in shapes that no copy cares for
    "its weight is .* tied",  # fresh weights are not tied
    "expected a multiple of 2",  # PyTorch rotates a last channel against nothing
    "more than size = ",  # PyTorch goes on with nothing
    "nothing from .* is left",
    "its output .* needs what arrives here",  # though nothing reads that output
)
"""What we refuse though PyTorch runs it."""

PIECES = (4, *[1] * (RUN["T"] - 4))


Results = Mapping[str, Tensor | None]
Pairs = tuple[tuple[Results, Results], ...]


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
    try:
        return _judged(model)
    except Exception as error:  # noqa: BLE001 (whatever a fault in the compiler brings about)
        return Verdict("crashed", [f"{type(error).__name__}: {error}"])


def _judged(model: Model) -> Verdict:
    report = check(model)
    if not report.ok:
        faults = too_strict(model, report)
        known = any(re.search(one, told) for one in STRICTER for told in faults)
        known |= bool(faults) and has_computed_one(model, report)
        return Verdict("stricter" if known else "refused", [] if known else faults)
    specs = {name: report.main.spec(PortRef(name, "output")) for name in model.graph.input_nodes}
    if not runs(model, model.graph, specs):
        return Verdict("believed", [])
    done = compile_model(model)
    streams = done.training_spec is not None and done.training_spec.streaming
    return Verdict("streamed" if streams else "compiled", disagreements(model, done), done.source)


def disagreements(model: Model, done: Compiled) -> list[str]:
    """Run the code of a model, and tell every difference from what its graph means."""
    torch.manual_seed(0)
    module = instance(done.source, model.name).double().eval()
    weights, given = generated(done.report.main, module), inputs(model, done.report)
    streams = done.training_spec is not None and done.training_spec.streaming
    output_nodes = [*model.graph.output_nodes]

    def came() -> Results:
        results = as_tuple(module(*given.values()))
        ours = dict(zip(output_nodes, results[:-1] if streams else results, strict=True))
        pieces = {"pieces": in_pieces(module, *given.values())} if streams else {}
        return {**ours, **gradients(ours, module, given), **pieces}

    def meant() -> Results:
        theirs = interpret(model, weights, given)
        pieces = {"pieces": theirs[output_nodes[0]]} if streams else {}
        return {**theirs, **gradients(theirs, module, given), **pieces}

    ours, theirs = came(), meant()
    found = [*broken_promises(model, done.report, ours)]
    if unlike(ours, theirs):
        blur(*module.parameters(), *given.values())
        found += unlike(ours, theirs, ((ours, came()), (theirs, meant())))
    return found


def blur(*tensors: Tensor) -> None:
    """Change numbers by what a rounding error may be, to see how much comes of it."""
    with torch.no_grad():
        for one in tensors:
            if one.is_floating_point():
                one.mul_(1 + 1e-12 * torch.randn_like(one))


def too_strict(model: Model, report: Report) -> list[str]:
    """Tell the errors of a model that PyTorch runs all the same, whatever the sizes of a run."""
    weights = Fresh()
    for run in (RUN, OTHER_RUN):
        try:
            interpret(model, weights, inputs(model, report, run))
        except Exception:  # noqa: BLE001 (whatever PyTorch says)
            return []
    return [str(one) for one in report.errors]


def has_computed_one(model: Model, report: Report) -> bool:
    """Tell whether a size is 1 only by the present values: PyTorch lets that fit any size."""
    specs = (spec for one in report.main.found.values() for spec in one.arriving.values())
    computed = (size for spec in specs for size in spec.shape if isinstance(size, Dim))
    return any(substitute(size, model.sizes) == 1 for size in computed)


def as_tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)


def inputs(model: Model, report: Report, run: Mapping[str, int] = RUN) -> dict[str, Tensor]:
    """Make something for every entrance."""
    found: dict[str, Tensor] = {}
    for name in model.graph.input_nodes:
        spec = next(iter(report.main.found[name].inferred.outputs.values()))
        found[name] = tensor(measured(spec.shape, model.sizes, run), spec.kind)
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
    for name, spec in report.main.results.items():
        shape, kind = measured(spec.shape, model.sizes, run), DTYPES[spec.kind]
        expected = torch.float64 if kind is torch.float32 else kind
        came = results[name]
        if tuple(came.shape) != shape or came.dtype is not expected:
            yield f"{name}: {shape} {expected} is promised, {came.shape} {came.dtype} comes"


def unlike(ours: Results, theirs: Results, blurred: Pairs = ()) -> list[str]:
    """Tell which tensors differ by more than they do where the numbers that go in are blurred.

    The gradients of PyTorch's own attention are far from exact where its scores are large.
    """
    found = []
    for name, one in theirs.items():
        a, b = plain(ours[name]), plain(one)
        noise = (float((plain(x[name]) - plain(y[name])).abs().max()) for x, y in blurred)
        close = CLOSE + 100 * max(noise, default=0.0)
        if a.shape != b.shape and len(a.shape) * len(b.shape):
            found.append(f"{name}: {tuple(a.shape)} comes, {tuple(b.shape)} is meant")
        elif not torch.allclose(a, b, CLOSE, close, equal_nan=True):
            found.append(f"{name}: {float((a - b).abs().max()):g} apart")
    return found


def plain(one: Tensor | None) -> Tensor:
    """Take what is not there for zero."""
    return torch.zeros((), dtype=torch.float64) if one is None else one.detach().double()


def gradients(
    results: Mapping[str, Tensor], module: nn.Module, given: Mapping[str, Tensor]
) -> dict[str, Tensor | None]:
    """Differentiate a sum of all that comes out, each number with a weight of its own."""
    into = {f"gradient of {key}": one for key, one in module.named_parameters()}
    into |= {f"gradient of input {key}": one for key, one in given.items() if one.requires_grad}
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
