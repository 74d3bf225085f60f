"""Compares the generated code of a model with the interpretation of its graph."""

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
from tests.interpreter import FreshWeights, generated_weights, interpret
from tests.one_node import DTYPES, instance
from tests.random_graphs import IDS, RUN, assumptions_hold, concrete

CLOSE = 1e-5
OTHER_RUN = {"B": 3, "T": 13, "S": 9}
STRICTER = (
    "expected at least one output",  # of a block that nothing places
    "got the cycle",  # through an input that nothing inside reads
    "expected .* dimensions",  # PyTorch guesses what is missing
    "expected (features|token ids|lengths)",  # numbers are numbers to PyTorch
    "expected a (mask|state)",
    "to repeat the node",  # in shapes that no copy depends on
    r"\.tie: ",  # fresh weights are not tied
    "expected a multiple of 2",  # PyTorch rotates a last channel against nothing
    "expected more than size = ",  # PyTorch goes on with nothing
    "expected start before stop",
    "as the output .* depends on it",  # though nothing reads that output
)
"""The errors of models that we refuse although PyTorch would run them."""

CHUNKINGS = ((4, *[1] * (RUN["T"] - 4)), (1, 4, 6), (5, 1, 3, 2))
"""The lengths of the pieces in which a model with a cache reads its sequence."""

Results = Mapping[str, Tensor | None]
Pairs = tuple[tuple[Results, Results], ...]


@dataclass(frozen=True)
class Verdict:
    """The result of one comparison.

    Attributes:
        kind: the outcome: "compiled", "streamed", "refused", "stricter", "believed" or "crashed".
        faults: the differences and errors.
        source: the generated code, if there is any.
    """

    kind: str
    faults: list[str]
    source: str = ""


def compared(model: Model) -> Verdict:
    """Compile and run a model; if the check refuses it, require that it cannot run."""
    try:
        return _compared(model)
    except Exception as error:  # noqa: BLE001 (any error is a fault of the compiler)
        return Verdict("crashed", [f"{type(error).__name__}: {error}"])


def _compared(model: Model) -> Verdict:
    report = check(model)
    if not report.ok:
        faults = too_strict(model, report)
        known = any(re.search(pattern, fault) for pattern in STRICTER for fault in faults)
        known |= bool(faults) and has_computed_one(model, report)
        return Verdict("stricter" if known else "refused", [] if known else faults)
    specs = {name: report.main.spec(PortRef(name, "output")) for name in model.graph.input_nodes}
    if not assumptions_hold(model, model.graph, specs):
        return Verdict("believed", [])
    compiled = compile_model(model)
    streams = compiled.training_spec is not None and compiled.training_spec.streaming
    return Verdict(
        "streamed" if streams else "compiled", disagreements(model, compiled), compiled.source
    )


def disagreements(model: Model, compiled: Compiled) -> list[str]:
    """Run the code of a model and list its differences from the interpretation of the graph."""
    torch.manual_seed(0)
    module = instance(compiled.source, model.name).double().eval()
    weights, given = generated_weights(compiled.report.main, module), inputs(model, compiled.report)
    streams = compiled.training_spec is not None and compiled.training_spec.streaming
    output_nodes = [*model.graph.output_nodes]

    def run_code() -> Results:
        results = as_tuple(module(*given.values()))
        actual = dict(zip(output_nodes, results[:-1] if streams else results, strict=True))
        pieces = in_pieces(module, *given.values()) if streams else {}
        return {**actual, **gradients(actual, module, given), **pieces}

    def run_interpreter() -> Results:
        expected = interpret(model, weights, given)
        whole = expected[output_nodes[0]]
        pieces = {f"pieces {chunks}": whole for chunks in CHUNKINGS} if streams else {}
        return {**expected, **gradients(expected, module, given), **pieces}

    actual, expected = run_code(), run_interpreter()
    found = [*broken_promises(model, compiled.report, actual)]
    if differences(actual, expected):
        perturb(*module.parameters(), *given.values())
        found += differences(
            actual, expected, ((actual, run_code()), (expected, run_interpreter()))
        )
    return found


def perturb(*tensors: Tensor) -> None:
    """Perturb tensors by about a rounding error, to measure the effect."""
    with torch.no_grad():
        for tensor in tensors:
            if tensor.is_floating_point():
                tensor.mul_(1 + 1e-12 * torch.randn_like(tensor))


def too_strict(model: Model, report: Report) -> list[str]:
    """List the errors of a model that the interpreter can run with several sizes."""
    weights = FreshWeights()
    for run in (RUN, OTHER_RUN):
        try:
            interpret(model, weights, inputs(model, report, run))
        except Exception:  # noqa: BLE001 (PyTorch may raise anything)
            return []
    return [str(error) for error in report.errors]


def has_computed_one(model: Model, report: Report) -> bool:
    """Check whether an expression has the value 1, which PyTorch broadcasts to any size."""
    specs = (spec for node in report.main.nodes.values() for spec in node.input_specs.values())
    computed = (size for spec in specs for size in spec.shape if isinstance(size, Dim))
    return any(substitute(size, model.sizes) == 1 for size in computed)


def as_tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)


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


def broken_promises(
    model: Model, report: Report, results: Mapping[str, Tensor], run: Mapping[str, int] = RUN
) -> Iterator[str]:
    for name, spec in report.main.results.items():
        shape, kind = concrete(spec.shape, model.sizes, run), DTYPES[spec.kind]
        expected = torch.float64 if kind is torch.float32 else kind
        result = results[name]
        if tuple(result.shape) != shape or result.dtype is not expected:
            yield f"{name}: expected {shape} {expected}, got {result.shape} {result.dtype}"


def differences(actual: Results, expected: Results, perturbed: Pairs = ()) -> list[str]:
    """List the tensors that differ by more than perturbed inputs make them differ.

    The gradients of PyTorch's attention are inexact where its scores are large.
    """
    found = []
    for name, one in expected.items():
        a, b = dense(actual[name]), dense(one)
        noise = (float((dense(x[name]) - dense(y[name])).abs().max()) for x, y in perturbed)
        close = CLOSE + 100 * max(noise, default=0.0)
        if a.shape != b.shape and len(a.shape) * len(b.shape):
            found.append(f"{name}: expected {tuple(b.shape)}, got {tuple(a.shape)}")
        elif not torch.allclose(a, b, CLOSE, close, equal_nan=True):
            found.append(f"{name}: {float((a - b).abs().max()):g} difference")
    return found


def dense(one: Tensor | None) -> Tensor:
    """Convert a missing tensor, such as an unused gradient, to zero."""
    return torch.zeros((), dtype=torch.float64) if one is None else one.detach().double()


def gradients(
    results: Mapping[str, Tensor], module: nn.Module, given: Mapping[str, Tensor]
) -> dict[str, Tensor | None]:
    """Differentiate a weighted sum of all outputs."""
    into = {f"gradient of {key}": parameter for key, parameter in module.named_parameters()}
    into |= {f"gradient of input {key}": one for key, one in given.items() if one.requires_grad}
    out = [result for result in results.values() if result.requires_grad]
    if not out or not into:
        return {}
    total = sum((one * torch.linspace(-1, 2, one.numel()).view(one.shape)).sum() for one in out)
    found = torch.autograd.grad(total, list(into.values()), allow_unused=True, retain_graph=True)
    return dict(zip(into, found, strict=True))


def in_pieces(module: nn.Module, tokens: Tensor) -> dict[str, Tensor]:
    """Run a sequence in pieces, each with the cached state of those before."""
    results = {}
    for chunks in CHUNKINGS:
        past, found = None, []
        for piece in tokens.split(chunks, 1):
            logits, past = module(piece, past)
            found.append(logits)
        results[f"pieces {chunks}"] = torch.cat(found, 1)
    return results
