"""Regions of operators that compute one value from one other, and their values on new inputs."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from builder.importing.tracing.operators import op
from builder.importing.tracing.trace import Trace

MOST_OPERATORS = 40
"""The largest number of operators of a region."""

LAYERS = frozenset(
    """
    linear addmm mm matmul bmm embedding layer_norm rms_norm conv1d known_module native_dropout
    dropout scaled_dot_product_attention
    """.split()  # noqa: SIM905 (a list would have a line for each)
)
"""Operators that no region contains."""


@dataclass(frozen=True)
class Region:
    """Operators between one value and another.

    Attributes:
        trace: the traced model.
        source: the value that they read; besides it, they read weights and constants only.
        result: the value that they compute.
        members: the operators.
        weights: the weights that they read.
    """

    trace: Trace
    source: fx.Node
    result: fx.Node
    members: tuple[fx.Node, ...]
    weights: tuple[fx.Node, ...]

    def on(self, x: Tensor, *weights: Tensor, run: int = 0) -> Tensor:
        """Compute the result of another source and other weights."""
        given = {self.source: x, **dict(zip(self.weights, weights, strict=False))}
        found: Tensor = self.trace.evaluate(self.result, given, run)
        return found

    def sample(self, scale: float, run: int = 0) -> Tensor:
        """Draw a source of the shape of an example."""
        generator = torch.Generator().manual_seed(1)
        return torch.randn(self.trace.runs[run][self.source].shape, generator=generator) * scale

    @property
    def names(self) -> frozenset[str]:
        """The names of the operators."""
        return frozenset(map(op, self.members))

    def numbers(self) -> list[float]:
        """List the numbers among the arguments of the operators."""
        arguments = [
            self.trace.number(x)
            for node in self.members
            for x in (*node.args, *node.kwargs.values())
        ]
        return [float(x) for x in arguments if isinstance(x, int | float)]


def regions(trace: Trace, result: fx.Node, with_masks: bool = False) -> Iterator[Region]:
    """List the regions that end at a value, the largest first.

    Args:
        trace: the traced model.
        result: the value.
        with_masks: besides the source, a region may read what is computed of masks and ids alone.
    """
    return reversed(list(_regions(trace, result, with_masks)))


def _regions(trace: Trace, result: fx.Node, with_masks: bool) -> Iterator[Region]:
    frontier: set[fx.Node] = {result}
    members: list[fx.Node] = []
    weights: dict[fx.Node, None] = {}
    while frontier and len(members) < MOST_OPERATORS:
        node = max(frontier, key=trace.rank.__getitem__)
        if op(node) in LAYERS or node.op != "call_function":
            return
        frontier.remove(node)
        members.append(node)
        for before in node.all_input_nodes:
            if with_masks and _is_mask(trace, before):
                continue
            if trace.inputs(before):
                frontier.add(before)
            elif trace.sources(before):
                weights |= dict.fromkeys(_weights(trace, before))
        if len(frontier) == 1:
            (source,) = frontier
            if _is_floating(trace, source):
                yield Region(trace, source, result, tuple(members), tuple(weights))


def _is_mask(trace: Trace, node: fx.Node) -> bool:
    """Tell whether a value is computed of masks, lengths and ids alone."""
    types = [trace.dtype(one) for one in trace.sources(node)]
    return not any(dtype is None or dtype.is_floating_point for dtype in types)


def _weights(trace: Trace, node: fx.Node) -> list[fx.Node]:
    found = [one for one in trace.sources(node) if one.op == "get_attr"]
    return sorted(found, key=trace.rank.__getitem__)


def _is_floating(trace: Trace, node: fx.Node) -> bool:
    value = trace.runs[0].get(node)
    return isinstance(value, Tensor) and value.is_floating_point()


def agrees(actual: Tensor, expected: Tensor, tolerance: float = 1e-5) -> bool:
    """Tell whether two tensors are equal but for rounding."""
    if actual.shape != expected.shape or not bool(torch.isfinite(actual).all()):
        return False
    scale = expected.abs().max().clamp(min=1e-6)
    return bool((actual - expected).abs().max() <= tolerance * scale)
