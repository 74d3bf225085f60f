"""The cost of a model: trained parameters, and floating point operations of a forward pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from codegen.check.checked_graph import CheckedGraph
from codegen.check.graph_use import inner_outputs, live_nodes
from codegen.planning.streaming import weight_owners
from nodes.core.graphs.graph import Composite, Model
from nodes.core.graphs.node_guard import NodeFault
from nodes.core.graphs.parameter_types import as_int
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.dim import evaluate
from nodes.core.shapes.size_limits import DimError


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a node or a graph.

    Attributes:
        parameters: how many numbers are trained; a tied weight counts where it is owned.
        flops: floating point operations of one forward pass; a multiply-add is two.
    """

    parameters: int
    flops: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.parameters + other.parameters, self.flops + other.flops)


class NoCost(ValueError):
    """A size of a node does not exist in a run of the given free sizes; it names the node."""


@dataclass(frozen=True, slots=True)
class Row:
    """One node in the table of a graph.

    Attributes:
        node, type: its name and type.
        spec: the spec of its first output.
        cost: its cost.
    """

    node: str
    type: str
    spec: TensorSpec | None
    cost: Cost


def rows(model: Model, checked: CheckedGraph, run: Mapping[str, int]) -> list[Row]:
    """List the nodes of a checked graph with their costs.

    Args:
        model: the model.
        checked: one of its graphs.
        run: the free sizes of the pass, such as ``{"B": 1, "T": 64, "S": 64}``.

    Raises:
        NoCost: a size does not exist in this run: it exceeds a limit, or does not divide.
    """
    counter = _CostCounter(model, run)
    live = live_nodes(checked, frozenset(checked.graph.output_nodes))
    owners = weight_owners(checked, live)
    table = []
    for name, node in checked.graph.nodes.items():
        if name in checked.order and (inferred := checked.nodes[name].inferred) is not None:
            used = live.get(name, frozenset(inferred.outputs))
            shares_weight = owners.get(name, node.tied_to or name) != name
            cost = counter.node(checked, name, used, shares_weight)
            spec = next(iter(inferred.outputs.values()), None)
            table.append(Row(name, type(node).__name__, spec, cost))
    return table


def total(model: Model, checked: CheckedGraph, run: Mapping[str, int]) -> Cost:
    """Sum the costs of a whole graph; ``run`` and errors as for `rows`."""
    return _CostCounter(model, run).graph(checked, frozenset(checked.graph.output_nodes))


class _CostCounter:
    """Counts the costs of one model and one pass; a graph that is used twice is counted once."""

    def __init__(self, model: Model, run: Mapping[str, int]) -> None:
        self.model, self.values = model, {**model.sizes, **run}
        self.cache: dict[object, Cost] = {}

    def graph(self, checked: CheckedGraph, output_nodes: frozenset[str]) -> Cost:
        """Sum the costs of the nodes that the output nodes depend on."""
        key = id(checked), output_nodes
        if key not in self.cache:
            live = live_nodes(checked, output_nodes)
            owners = weight_owners(checked, live)
            costs = (
                self.node(checked, name, used, owners.get(name, name) != name)
                for name, used in live.items()
            )
            self.cache[key] = sum(costs, Cost(0, 0))
        return self.cache[key]

    def node(
        self, checked: CheckedGraph, name: str, used: frozenset[str], shares_weight: bool
    ) -> Cost:
        """Count the cost of a node whose outputs ``used`` are read, without a shared weight."""
        node, checked_node = checked.graph.nodes[name], checked.nodes[name]
        if isinstance(node, Composite) and checked_node.inner is not None:
            inner = self.graph(checked_node.inner, inner_outputs(checked_node.inner, node, used))
            repeat = evaluate(node.resolve(self.model.values).repeat, self.values)
            steps = 1
            if ports := checked_node.inner.graph.step_inputs:
                steps = evaluate(checked_node.input_specs[ports[0]].shape[1], self.values)
            parameters = inner.parameters * (1 if node.share else repeat)
            return Cost(parameters, inner.flops * repeat * steps)
        if checked_node.inferred is None:
            return Cost(0, 0)
        try:
            dims = checked_node.inferred.dims.evaluate(self.values)
        except DimError as error:
            raise NoCost(f"{name}: {error}") from error
        resolved = node.resolve(self.model.values)
        try:
            owned, flops = dict(resolved.weights(dims)), resolved.flops(dims)
        except NodeFault as error:
            raise NoCost(f"{name}: {error}") from error
        if shares_weight:
            owned.pop("weight", None)
        return Cost(sum(as_int(prod(shape)) for shape in owned.values()), as_int(flops))
