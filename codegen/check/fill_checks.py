"""Problems of the fills of shifted sequences, which are token ids where tokens are shifted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from codegen.check.checked_graph import CheckedGraph
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter
from nodes.core.graphs.graph import Composite, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import AnyDim, show, substitute
from nodes.embedding.embedding import Embedding
from nodes.reshape.shift_right import ShiftRight

Fills = frozenset[tuple[Location, AnyDim]]
"""The fills that may be among the ids at a port, each with the node that it comes from."""

NONE: Fills = frozenset()

COUNTED = {Kind.TOKENS: "a token id", Kind.LENGTHS: "a length"}
"""The kinds of tensors without numbers below 0, and one such number in words."""


def fill_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find fills that are no token ids, no masks, or beyond the embedding that reads them."""
    nodes = (node for graph in model.graphs.values() for node in graph.nodes.values())
    if any(isinstance(node, ShiftRight) for node in nodes):
        trace = _Trace(model)
        trace.outputs(main, {})
        yield from dict.fromkeys(trace.problems)


@dataclass(slots=True)
class _Trace:
    """Follows the fills through the graphs of a model.

    Attributes:
        model: the model.
        problems: the problems found so far.
        known: the fills at the outputs of a graph, by the graph and the fills at its inputs.
    """

    model: Model
    problems: list[Problem] = field(default_factory=list)
    known: dict[object, dict[str, Fills]] = field(default_factory=dict)

    def outputs(self, checked: CheckedGraph, inputs: Mapping[str, Fills]) -> dict[str, Fills]:
        """Follow the fills at the inputs of a graph, and those made in it, to its outputs."""
        key = id(checked), frozenset(inputs.items())
        if key not in self.known:
            fills: dict[PortRef, Fills] = {}
            for name in checked.order:
                sources = checked.sources[name]
                given = {port: fills.get(ref, NONE) for port, ref in sources.items()}
                if isinstance(checked.graph.nodes[name], InputNode):
                    given = {"": inputs.get(name, NONE)}
                for port, found in self._node(checked, name, given).items():
                    fills[PortRef(name, port)] = found
            self.known[key] = {
                name: fills.get(checked.sources[name]["input"], NONE) for name in checked.results
            }
        return self.known[key]

    def _node(
        self, checked: CheckedGraph, name: str, given: Mapping[str, Fills]
    ) -> Mapping[str, Fills]:
        """Follow the fills through a node, and check those that it makes or looks up."""
        node, inner = checked.graph.nodes[name], checked.nodes[name].inner
        arriving = NONE.union(*given.values())
        if isinstance(node, Composite) and inner is not None:
            results = self.outputs(inner, given)
            if node.repeat != 1 and given:  # the first output is the first input of the next copy
                first = next(iter(given))
                again = given[first] | next(iter(results.values()), NONE)
                results = self.outputs(inner, {**given, first: again})
            return results
        if isinstance(node, ShiftRight):
            self._check_kind(checked, name, node)
            arriving |= {(Location(checked.name, name, parameter="fill"), node.fill)}
        if isinstance(node, Embedding):
            self._check_ids(checked, name, node, arriving)
        return {port.name: arriving for port in node.outputs if _passes_ids(node, port.kind)}

    def _check_kind(self, checked: CheckedGraph, name: str, node: ShiftRight) -> None:
        """Check that a fill is of the kind of the sequence."""
        inferred = checked.nodes[name].inferred
        kind = inferred.outputs["output"].kind if inferred is not None else Kind.ANY
        fill = substitute(node.fill, self.model.sizes)
        where = Location(checked.name, name, parameter="fill")
        if kind in COUNTED and isinstance(fill, int) and fill < 0:
            self._report(where, f"expected {COUNTED[kind]}, 0 or above, got {show(node.fill)}")
        elif kind is Kind.MASK and fill not in (0, 1):
            self._report(where, f"expected 0 or 1 for a mask, got {show(node.fill)}")

    def _check_ids(
        self, checked: CheckedGraph, name: str, node: Embedding, arriving: Fills
    ) -> None:
        """Check that an embedding has a row for each fill among its ids."""
        rows = node.num_embeddings
        for where, fill in sorted(arriving, key=str):
            beyond = substitute(fill - rows, self.model.sizes)
            if isinstance(beyond, int) and beyond >= 0:
                more = SetParameter(
                    checked.name, name, "num_embeddings", rows + beyond + 1, other_node=True
                )
                expected = f"expected an id below num_embeddings = {show(rows)} of {name}"
                self._report(where, f"{expected}, got {show(fill)}", more)

    def _report(self, where: Location, message: str, *remedies: SetParameter) -> None:
        reset = SetParameter(where.graph, where.node, "fill", 0)
        self.problems.append(Problem(Severity.ERROR, where, message, (reset, *remedies)))


def _passes_ids(node: Node, kind: Kind) -> bool:
    """Check whether the ids at an output are among those at the inputs."""
    return kind is Kind.ANY or isinstance(node, InputNode | OutputNode)
