"""What a model costs: its trained numbers, and the work of one pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from codegen.check.inference import CheckedGraph
from codegen.planning.streaming import inner_exits, live_nodes
from nodes.core.graphs.graph import Composite, Model
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.dim import evaluate


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
    spec: TensorSpec | None
    cost: Cost


def rows(model: Model, checked: CheckedGraph, run: Mapping[str, int]) -> list[Row]:
    """List the nodes of a checked graph with what they cost.

    Args:
        model: the model.
        checked: one of its graphs.
        run: the free sizes of the pass, such as ``{"B": 1, "T": 64, "S": 64}``.
    """
    bill, live = _Bill(model, run), live_nodes(checked, frozenset(checked.graph.output_nodes))
    found = []
    for name, node in checked.graph.nodes.items():
        if name in checked.order:
            outputs = checked.found[name].inferred.outputs
            cost = bill.node(checked, name, live.get(name, frozenset(outputs)))
            spec = next(iter(outputs.values()), None)
            found.append(Row(name, type(node).__name__, spec, cost))
    return found


def total(model: Model, checked: CheckedGraph, run: Mapping[str, int]) -> Cost:
    """Add up a whole graph."""
    return _Bill(model, run).graph(checked, frozenset(checked.graph.output_nodes))


class _Bill:
    """The sums for one model and one pass: a graph that is used twice is added up once."""

    def __init__(self, model: Model, run: Mapping[str, int]) -> None:
        self.model, self.values = model, {**model.sizes, **run}
        self.known: dict[object, Cost] = {}

    def graph(self, checked: CheckedGraph, output_nodes: frozenset[str]) -> Cost:
        """Add up the nodes that the given exits need."""
        key = id(checked), output_nodes
        if key not in self.known:
            live = live_nodes(checked, output_nodes).items()
            costs = (self.node(checked, name, used) for name, used in live)
            self.known[key] = sum(costs, Cost(0, 0))
        return self.known[key]

    def node(self, checked: CheckedGraph, name: str, used: frozenset[str]) -> Cost:
        """Tell what a node costs whose given outputs are in use."""
        placed, found = checked.graph.nodes[name], checked.found[name]
        node = placed.resolve(self.model.values)
        if isinstance(placed, Composite) and found.inner is not None:
            inner = self.graph(found.inner, inner_exits(found.inner, placed, used))
            copies = 1 if node.share else node.repeat
            return Cost(inner.parameters * copies, inner.flops * node.repeat)
        dims = found.inferred.dims.evaluate(self.values)
        tied = "weight" if node.tied_to else None
        shapes = node.weights(dims)
        count = sum(prod(shape) for key, shape in shapes.items() if key != tied)
        return Cost(count, evaluate(node.flops(dims), self.values))
