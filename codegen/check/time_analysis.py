"""The receptive fields of a checked graph: what each output port may depend on.

A checked graph and the fields at its inputs -> the field at every output port, by the rule of each
node; a composite by its own graph, a repeated one until a copy changes nothing any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.check.checked_graph import CheckedGraph, CheckedNode
from nodes.core.graphs.graph import Composite, InputNode, OutputNode, PortRef
from nodes.core.shapes.dim import evaluate
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PortField
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.widening import extrapolated

MOST_COPIES = 16
"""The copies of a repeated node that are followed one by one; later ones are extrapolated."""


@dataclass(frozen=True, slots=True)
class FieldGraph:
    """The receptive fields in a checked graph, for one set of fields at its input nodes.

    Attributes:
        checked: the graph.
        inputs: the fields at the input ports of each node.
        fields: the fields at the output ports of each node.
        inner: the fields in the graph of each composite, in its last copy.
    """

    checked: CheckedGraph
    inputs: Mapping[str, Fields]
    fields: Mapping[str, Fields]
    inner: Mapping[str, "FieldGraph"]

    @property
    def results(self) -> dict[str, ReceptiveField]:
        """The field at each output node."""
        return {
            name: self.inputs[name]["input"]
            for name in self.checked.graph.output_nodes
            if name in self.inputs
        }

    def find(self, ref: PortRef) -> ReceptiveField | None:
        """Look up the field of an output port."""
        return self.fields.get(ref.node, {}).get(ref.port)


_NodeEntry = tuple[CheckedNode, tuple[ReceptiveField, ...], Fields]
_GraphEntry = tuple[CheckedGraph, tuple[ReceptiveField, ...], FieldGraph]


@dataclass(slots=True)
class FieldCache:
    """Fields of nodes and graphs that an edit does not change, by the ids of what they are for."""

    nodes: dict[tuple[int, ...], _NodeEntry] = field(default_factory=dict)
    graphs: dict[tuple[object, ...], _GraphEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimeAnalysis:
    """One pass over checked graphs.

    Attributes:
        sizes: the values of the hyperparameters that are whole numbers.
        padding_id: the token id that fills up sequences; None if they are not filled up.
        cache: the fields of earlier passes.
    """

    sizes: Mapping[str, int]
    padding_id: int | None = None
    cache: FieldCache = field(default_factory=FieldCache)

    def graph(self, checked: CheckedGraph, incoming: Fields) -> FieldGraph:
        """Compute the fields of a graph, with those at the input nodes that are given."""
        key = (id(checked), *incoming, *map(id, incoming.values()))
        values = tuple(incoming.values())
        entry = self.cache.graphs.get(key)
        if entry is None:
            entry = self.cache.graphs[key] = checked, values, self._graph(checked, incoming)
        return entry[2]

    def _graph(self, checked: CheckedGraph, incoming: Fields) -> FieldGraph:
        inputs: dict[str, Fields] = {}
        fields: dict[str, Fields] = {}
        inner: dict[str, FieldGraph] = {}
        for name in checked.order:
            node, result = checked.graph.nodes[name], checked.nodes[name]
            sources = {
                port: fields[ref.node][ref.port]
                for port, ref in checked.sources[name].items()
                if ref.port in fields.get(ref.node, {})
            }
            if len(sources) < len(checked.sources[name]):
                continue  # a source has a problem
            inputs[name] = sources
            if isinstance(node, OutputNode):
                continue
            if isinstance(node, InputNode) and name in incoming:
                fields[name] = {node.outputs[0].name: incoming[name]}
            elif isinstance(node, Composite) and result.inner is not None:
                inner[name] = self._composite(checked, name, node, result.inner, sources)
                fields[name] = inner[name].results
            else:
                fields[name] = self._node(name, result, sources)
        return FieldGraph(checked, inputs, fields, inner)

    def _node(self, name: str, checked: CheckedNode, sources: Fields) -> Fields:
        """Compute the fields of a primitive, or take them from the cache."""
        values = tuple(sources.values())
        key = (id(checked), *map(id, values))
        entry = self.cache.nodes.get(key)
        if entry is None:
            fields = checked.node.receptive_fields(
                field_context(name, checked, sources, self.padding_id)
            )
            entry = self.cache.nodes[key] = checked, values, fields
        return entry[2]

    def _composite(
        self,
        checked: CheckedGraph,
        name: str,
        node: Composite,
        inner: CheckedGraph,
        sources: Fields,
    ) -> FieldGraph:
        """Compute the fields of the graph of a composite, and of each of its copies."""
        incoming = {port: value for port, value in sources.items() if port in inner.graph.nodes}
        result = self.graph(inner, incoming)
        chained = _chained_ports(checked, name)
        for copy in range(1, evaluate(node.repeat, self.sizes)):
            output = next(iter(result.results.values()), None)
            if output is None or all(incoming.get(port) is output for port in chained):
                break
            if copy == MOST_COPIES:
                rest = evaluate(node.repeat, self.sizes) - copy - 1
                output = extrapolated(incoming[chained[0]], output, rest)
            incoming = {**incoming, **dict.fromkeys(chained, output)}
            result = self.graph(inner, incoming)
            if copy == MOST_COPIES:
                break
        return result


def field_context(
    name: str, checked: CheckedNode, sources: Fields, padding_id: int | None
) -> FieldContext:
    """Return what the rule of a primitive knows of its inputs and outputs."""
    node, inferred = checked.node, checked.inferred
    assert inferred is not None
    ports = {}
    for name_of_port, value in sources.items():
        port = node.find_input(name_of_port)
        assert port is not None
        shape = checked.input_specs[name_of_port].shape
        ports[name_of_port] = PortField(value, shape, port.parsed, port.broadcast)
    outputs = {port.name: port.parsed for port in node.outputs}
    shapes = {port: spec.shape for port, spec in inferred.outputs.items()}
    return FieldContext(name, ports, outputs, shapes, inferred.dims, padding_id)


def _chained_ports(checked: CheckedGraph, name: str) -> list[str]:
    """List the inputs of a repeated node that read the copy before: the first, and its defaults."""
    node, edges = checked.graph.nodes[name], checked.graph.sources[name]
    ports = [*checked.sources[name]]
    chained = ports[:1]
    for port in ports[1:]:
        declared = node.find_input(port)
        if port not in edges and declared is not None and declared.default in chained:
            chained.append(port)
    return chained
