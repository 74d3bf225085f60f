"""Run the code of a document and the reference with the same weights, and compare."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from benchmarks.campaign import inputs
from benchmarks.campaign.pieces import in_pieces
from benchmarks.campaign.reference.evaluator import Document, Path, Run, Value
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError

CLOSE, CLOSE_TO_WAVES = 1e-8, 1e-5
"""How close results are; positions are turned into waves in single precision.

PyTorch differentiates hard sigmoids and CELU with a factor in single precision, too.
"""

WAVES = frozenset(
    ("SinusoidalEncoding", "RotaryEncoding", "rotary", "Hardsigmoid", "Hardswish", "CELU")
) | frozenset(("hardsigmoid", "hardswish"))
PIECES = ((4, 1, 1, 1, 1, 1, 1, 1), (1, 4, 6), (5, 1, 3, 2))
"""The lengths of the pieces in which a model with a cache reads its sequence."""

Results = dict[str, Tensor]


class WeightsDiffer(Exception):
    """A module of the code does not have the weights that the manual says."""


@dataclass
class ModuleWeights:
    """The weights of a generated model, by the names of its nodes.

    Attributes:
        module: the model.
        read: the weights that were read.
        missing: the weights that it does not have, as of a node that no output needs; they are
            not numbers, so an output that does need one shows it.
    """

    module: nn.Module
    read: dict[Path, Tensor] = field(default_factory=dict)
    missing: set[Path] = field(default_factory=set)

    def get(self, path: Path, shape: tuple[int, ...], tied: Path | None = None) -> Tensor:
        owner = path if tied is None else tied
        if owner not in self.read:
            found = self.find(owner)
            if found is None and tied is not None:
                found = self.find(path)  # no output needs the node that it is tied to
            if found is None:
                self.missing.add(owner)
                return torch.full(shape, torch.nan, dtype=torch.float64)
            self.read[owner] = found
        if self.read[owner].shape != shape:
            raise WeightsDiffer(f"{owner}: {[*self.read[owner].shape]}, not {[*shape]}")
        return self.read[owner]

    def find(self, path: Path) -> Tensor | None:
        """Find a weight of the module; None if it has none there."""
        place: object = self.module
        for part, following in zip(path, (*path[1:], ""), strict=True):
            if isinstance(part, str):
                place = getattr(place, part, None)
            elif isinstance(place, nn.ModuleList):
                place = place[part] if part < len(place) else None
            elif part and place is not None:
                raise WeightsDiffer(f"{path}: one module for several copies")
            if isinstance(place, nn.ModuleList) and isinstance(following, str):
                raise WeightsDiffer(f"{path}: several modules that share their weights")
        return place

    def fix(self, path: Path, size: int) -> None:
        """Accept any size: that of the module shows in its weights."""


def instance(source: str) -> nn.Module:
    """Make the model of a generated file, its last class, in double precision."""
    known: dict = {"__name__": "generated"}
    exec(compile(source, "generated", "exec"), known)
    *_, model = (one for one in known.values() if isinstance(one, type) and one is not nn.Module)
    return (model(known["Config"]()) if "Config" in known else model()).double()


def differently_named(document: Document, module: nn.Module, twin: nn.Module) -> Iterator[str]:
    """Yield how a model differs from that of the same document with plain names."""
    weights, others = [*module.parameters()], [*twin.parameters()]
    if [one.shape for one in weights] != [one.shape for one in others]:
        yield "names change the weights"
        return
    with torch.no_grad():
        for one, other in zip(weights, others, strict=True):
            one.copy_(other)
        given = [value.tensor for value in inputs.values(document, inputs.RUNS[0]).values()]
        try:
            expected = as_list(twin.eval()(*given))
        except IndexError:
            return  # an index that depends on the weights is beyond a table
        results = as_list(module.eval()(*given)), expected
    for number, (one, other) in enumerate(zip(*results, strict=True)):
        if one.shape != other.shape or not torch.allclose(one, other, equal_nan=True):
            yield f"names change output {number}"


def as_list(result: object) -> list[Tensor]:
    """Return the tensors of a result of a model, without a state."""
    results = result if isinstance(result, tuple) else (result,)
    return [one for one in results if isinstance(one, Tensor)]


@dataclass
class Comparison:
    """The comparison of one document with its code.

    Attributes:
        document: the document.
        module: its generated model.
    """

    document: Document
    module: nn.Module

    def __post_init__(self) -> None:
        self.weights = ModuleWeights(self.module)
        self.streams, self.rounding, self.overflows, self.ran = False, 0.0, False, False
        graphs = [self.document, *self.document.get("blocks", {}).values()]
        nodes = [node for graph in graphs for node in graph["nodes"].values()]
        words = {node.get(key) for node in nodes for key in ("type", "activation")}
        words |= {key for node in nodes for key, value in node.items() if value is not None}
        self.close = CLOSE_TO_WAVES if words & WAVES else CLOSE
        self.names = [n for n, x in self.document["nodes"].items() if x["type"] == "GraphOutput"]

    def faults(self, training: bool) -> Iterator[str]:
        """Yield the differences in both modes and for several batches."""
        yield from self.rows_that_are_not_zero()
        with torch.no_grad():
            self.spread()
        self.module.eval()
        yield from self.compared(inputs.RUNS[0], True, "eval")
        yield from self.compared(inputs.ALONE, False, "eval")
        self.module.train(training)
        yield from self.compared(inputs.RUNS[1], training, "train" if training else "eval")
        if self.streams:
            self.module.eval()
            for lengths in PIECES:
                yield from self.streamed(lengths)
        unread = {id(p) for p in self.module.parameters()}
        unread -= {id(p) for p in self.weights.read.values()}
        names = [name for name, p in self.module.named_parameters() if id(p) in unread]
        if names and self.ran:
            yield f"weights without a node: {', '.join(names)}"

    def streamed(self, lengths: tuple[int, ...]) -> Iterator[str]:
        """Yield the difference between a run in pieces with a cache and one on the whole.

        Args:
            lengths: the number of steps of each piece.
        """
        given = inputs.values(self.document, inputs.RUNS[0])
        with torch.no_grad():
            try:
                expected = self.expected(given)
            except (ImpossibleError, UndeterminedError):
                return  # an index or a window is beyond these sizes
            tensors = {name: value.tensor for name, value in given.items()}
            nodes = self.document["nodes"]
            fixed = [name for name in given if nodes[name].get("steps") is not None]
            results = in_pieces(self.module, tensors, fixed, [*expected.values()], lengths)
        actual = dict(zip(self.names, results, strict=True))
        for name in self.differences(actual, expected):
            yield f"in pieces of {lengths}: {name}"

    def rows_that_are_not_zero(self) -> Iterator[str]:
        """Yield the embeddings whose vector of padding does not start at zero."""
        for name, module in self.module.named_modules():
            row = getattr(module, "padding_idx", None)
            if row is not None and bool(module.weight[row].any()):
                yield f"the padding of {name} does not start at zero"

    def spread(self) -> None:
        """Draw all weights anew, so that none is zero or one."""
        random = torch.Generator().manual_seed(1)
        for weight in self.module.parameters():
            drawn = torch.randn(weight.shape, generator=random, dtype=torch.float64)
            weight.copy_(drawn / max(1, weight.shape[-1] if weight.dim() else 1) ** 0.5)
        for module in self.module.modules():
            if getattr(module, "padding_idx", None) is not None:
                module.weight[module.padding_idx] = 0.0

    def compared(self, sizes: inputs.Sizes, differentiate: bool, mode: str) -> Iterator[str]:
        """Yield the differences at some sizes."""
        given = inputs.values(self.document, sizes)
        try:
            actual, expected = self.both(given, differentiate)
        except (ImpossibleError, UndeterminedError):
            return  # an index or a window is beyond these sizes
        self.ran = True
        if self.overflows:
            return  # what infinities become depends on the order of the operations
        different = [*self.differences(actual, expected)]
        if self.weights.missing and self.lacking(actual, expected):
            different = [f"weights that the code lacks: {sorted(map(str, self.weights.missing))}"]
        elif different:
            noise = self.noise(given, differentiate, (actual, expected))
            different = [*self.differences(actual, expected, noise)]
        for name in different:
            yield f"{name} in {mode} with batch {sizes['B']}"

    def lacking(self, actual: Results, expected: Results) -> bool:
        """Return whether outputs of the reference alone are no numbers, for want of a weight."""
        pairs = [(actual[name], expected[name]) for name in self.names if name in actual]
        return any(bool((x.isnan() & ~a.isnan()).any()) for a, x in pairs if a.shape == x.shape)

    def both(self, given: Mapping[str, Value], differentiate: bool) -> tuple[Results, Results]:
        """Run the code and the reference."""
        tensors = {name: value.tensor for name, value in given.items()}
        for tensor in tensors.values():
            tensor.requires_grad_(differentiate and tensor.is_floating_point())
        with torch.set_grad_enabled(differentiate):
            expected = self.expected(given)
            result = self.module(*tensors.values())
            results = result if isinstance(result, tuple) else (result,)
            if self.document.get("recipe") and len(results) == len(self.names) + 1:
                self.streams, results = True, results[:-1]
            self.streams |= hasattr(self.module, "decode")
            actual = dict(zip(self.names, results, strict=True))
        if differentiate:
            actual |= self.gradients(actual, tensors)
            expected |= self.gradients(expected, tensors)
        return actual, expected

    def expected(self, given: Mapping[str, Value]) -> Results:
        run = Run(self.document, given, self.weights, rounding=self.rounding)
        outputs = run.outputs()
        self.overflows = run.overflows
        return {name: value.tensor for name, value in outputs.items()}

    def gradients(self, results: Results, tensors: Mapping[str, Tensor]) -> Results:
        """Differentiate a weighted sum of all outputs."""
        into = {f"gradient of {name}": one for name, one in self.module.named_parameters()}
        into |= {f"gradient of {name}": x for name, x in tensors.items() if x.requires_grad}
        out = [one for one in results.values() if one.requires_grad]
        if not out or not into:
            return {}
        total = sum((x * torch.linspace(-1, 2, x.numel()).view(x.shape)).sum() for x in out)
        found = torch.autograd.grad(total, [*into.values()], allow_unused=True)
        return {
            name: torch.zeros_like(one) if gradient is None else gradient
            for (name, one), gradient in zip(into.items(), found, strict=True)
        }

    def noise(
        self, given: Mapping[str, Value], differentiate: bool, results: tuple[Results, Results]
    ) -> dict[str, float]:
        """Measure what rounding errors of inputs, weights and each operation do to both results.

        What is 0 but for rounding, such as the norm of one channel, may be so in one of them alone.
        """
        random = torch.Generator().manual_seed(2)
        size = 1e-12 if self.close == CLOSE else 2**-24  # the rounding of single precision
        tensors = [value.tensor for value in given.values()]
        saved = [(x, x.detach().clone()) for x in (*self.module.parameters(), *tensors)]
        with torch.no_grad():
            for x, _ in saved:
                if x.is_floating_point():
                    x.data.mul_(1 + size * torch.randn(x.shape, generator=random, dtype=x.dtype))
        self.rounding = 1e-3 * size
        moved = self.both(given, differentiate)
        self.rounding = 0.0
        with torch.no_grad():
            for x, before in saved:
                x.data.copy_(before)  # outputs may be views of inputs
        noise: dict[str, float] = {}
        for before, after in zip(results, moved, strict=True):
            for name in before.keys() & after.keys():
                if before[name].numel() and before[name].shape == after[name].shape:
                    change = (after[name].double() - before[name].double()).abs().max()
                    noise[name] = max(noise.get(name, 0.0), float(change))
        return noise

    def differences(
        self, actual: Results, expected: Results, noise: Mapping[str, float] | None = None
    ) -> Iterator[str]:
        """Yield the tensors that differ by more than rounding, or by more than the noise."""
        for name, one in expected.items():
            other = actual.get(name)
            if other is None or other.shape != one.shape or other.dtype != one.dtype:
                got = "nothing" if other is None else f"{[*other.shape]} {other.dtype}"
                yield f"{name}: expected {[*one.shape]} {one.dtype}, got {got}"
                continue
            a, b = other.detach().double(), one.detach().double()
            if not bool(b.isfinite().all()):
                continue  # numbers that are too large for either
            scale = float(b.abs().max()) if b.numel() else 0.0
            bound = self.close * max(scale, 1e-2) + 1000 * (noise or {}).get(name, 0.0)
            if not bool(((a - b).abs() <= bound).all()):
                yield f"{name}: differs by {float((a - b).abs().max()):.3g} of {scale:.3g}"
