"""What a model costs: its trained numbers, and the work of one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from codegen.check.infer import Checked
from nodes.core.dim import evaluate
from nodes.core.graph import Composite, Model
from nodes.core.node import Flow
from nodes.core.shape import Dims


@dataclass(frozen=True, slots=True)
class Cost:
    """What a node, or a graph, costs.

    Attributes:
        parameters: trained numbers; a tied weight counts where it is owned.
        flops: floating point operations of one forward pass; a multiply-add is two.
    """

    parameters: int
    flops: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.parameters + other.parameters, self.flops + other.flops)


@dataclass(frozen=True, slots=True)
class Row:
    """One node in the table of a graph."""

    node: str
    type: str
    flow: Flow | None
    cost: Cost


def rows(model: Model, checked: Checked, run: Mapping[str, int]) -> list[Row]:
    """List the nodes of a checked graph with what they cost.

    Args:
        model: the model.
        checked: one of its graphs.
        run: the free sizes of the pass, such as ``{"B": 1, "T": 64, "S": 64}``.
    """
    memory: dict[int, Cost] = {}
    return [
        Row(
            name,
            type(node).__name__,
            next(iter(checked.found[name].inferred.outputs.values()), None),
            _node(model, checked, name, run, memory),
        )
        for name, node in checked.graph.nodes.items()
        if name in checked.order
    ]


def total(model: Model, checked: Checked, run: Mapping[str, int]) -> Cost:
    """Add up a whole graph."""
    return _graph(model, checked, run, {})


def _graph(model: Model, checked: Checked, run: Mapping[str, int], memory: dict) -> Cost:
    if id(checked) not in memory:
        costs = (
            _node(model, checked, name, run, memory)
            for name in checked.order
            if name in checked.used
        )
        memory[id(checked)] = sum(costs, Cost(0, 0))
    return memory[id(checked)]


def _node(model: Model, checked: Checked, name: str, run: Mapping[str, int], memory: dict) -> Cost:
    node = checked.graph.nodes[name].resolve(model.values)
    found = checked.found[name]
    if isinstance(node, Composite) and found.inner is not None:
        inner = _graph(model, found.inner, run, memory)
        copies = 1 if node.share else node.repeat
        return Cost(inner.parameters * copies, inner.flops * node.repeat)
    values = {**model.sizes, **run}
    dims = _numbers(found.inferred.dims, values)
    tied = "weight" if getattr(node, "tie", "") else None
    shapes = node.weights(dims)
    count = sum(prod(shape) for key, shape in shapes.items() if key != tied)
    return Cost(count, evaluate(node.flops(dims), values))


def _numbers(dims: Dims, values: Mapping[str, int]) -> Dims:
    """Work out every size that a node's words stand for."""
    numbers = {
        word: tuple(evaluate(one, values) for one in size)
        if isinstance(size, tuple)
        else evaluate(size, values)
        for word, size in dims.items()
    }
    return Dims(numbers, dict(values))
