"""The receptive fields of a checked graph: what each output port may depend on.

A checked graph and the fields at its inputs -> the field at every output port, by the rule of each
node; a composite by its own graph, a repeated one until a copy changes nothing any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from codegen.check.checked_graph import CheckedGraph, CheckedNode
from codegen.check.field_cache import FieldCache, FieldGraph
from codegen.check.loop_fields import loop_fields, sequence_fields
from nodes.core.graphs.graph import Composite, InputNode, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.dim import evaluate
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PortField
from nodes.core.time.receptive_field import Order, ReceptiveField
from nodes.core.time.widening import extrapolated

MOST_COPIES = 16
"""The copies of a repeated node that are followed one by one; later ones are extrapolated."""


def analyse(model: Model, main: CheckedGraph, cache: FieldCache) -> FieldGraph:
    """Compute the receptive fields of the main graph of a model."""
    padding_id = model.recipe.padding_id if model.recipe is not None else None
    cache.prepare(padding_id)
    return TimeAnalysis(model.sizes, padding_id, cache).graph(main, {})


@dataclass(frozen=True, slots=True)
class TimeAnalysis:
    """One pass over checked graphs.

    Attributes:
        sizes: the values of the hyperparameters that are whole numbers.
        padding_id: the token id that fills up sequences; None if they are not filled up.
        cache: the fields of earlier passes.
    """

    sizes: Mapping[str, int]
    padding_id: int | None
    cache: FieldCache

    def graph(self, checked: CheckedGraph, incoming: Fields) -> FieldGraph:
        """Compute the fields of a graph, with those at the input nodes that are given."""
        key = (id(checked), *incoming.items())
        entry = self.cache.graphs.get(key)
        if entry is not None:
            return entry[1]
        latest = self.cache.latest.get(checked.name)
        if latest is not None and _is_alike(latest, checked, incoming):
            result = self._update(latest, checked)
        else:
            result = FieldGraph(checked, incoming, {}, {})
            for name in checked.order:
                self._compute(result, name)
        self.cache.latest[checked.name] = result
        if incoming:  # the main graph is another one after each edit
            self.cache.graphs[key] = checked, result
        return result

    def _update(self, latest: FieldGraph, checked: CheckedGraph) -> FieldGraph:
        """Compute the fields of the nodes that differ from those of a graph of the same edges."""
        before = latest.checked.nodes
        pending = {name for name in checked.order if checked.nodes[name] is not before[name]}
        result = FieldGraph(checked, latest.incoming, dict(latest.fields), dict(latest.inner))
        readers: dict[str, set[str]] | None = None
        for name in checked.order if pending else ():
            if name not in pending:
                continue
            fields = latest.fields.get(name, {})
            self._compute(result, name)
            if result.fields.get(name, {}) != fields:
                readers = _readers(checked) if readers is None else readers
                pending |= readers.get(name, set())
        return result

    def _compute(self, result: FieldGraph, name: str) -> None:
        """Compute the fields at the outputs of a node whose sources have theirs."""
        checked, fields = result.checked, result.fields
        assert isinstance(fields, dict)
        node, sources = checked.graph.nodes[name], checked.sources[name]
        values: list[ReceptiveField] = []
        for ref in sources.values():
            value = fields.get(ref.node, _NO_FIELDS).get(ref.port)
            if value is None:
                fields.pop(name, None)  # a source has a problem
                return
            values.append(value)
        checked_node = checked.nodes[name]
        if name in result.incoming and isinstance(node, InputNode):
            fields[name] = {node.outputs[0].name: result.incoming[name]}
        elif isinstance(node, Composite) and checked_node.inner is not None:
            inputs = dict(zip(sources, values, strict=True))
            copies = self._composite(checked, name, node, checked_node.inner, inputs)
            assert isinstance(result.inner, dict)
            result.inner[name] = copies
            fields[name] = copies[-1].results
            if (body := checked_node.inner.graph).step_inputs:
                fields[name] = sequence_fields(body, inputs, fields[name])
        elif node.outputs:
            fields[name] = self._primitive(name, checked_node, values)

    def _primitive(self, name: str, checked: CheckedNode, values: list[ReceptiveField]) -> Fields:
        """Compute the fields of a primitive, or take them from the cache."""
        node, specs, inferred = checked.node, checked.input_specs, checked.inferred
        assert inferred is not None
        if values and (port := kept_field(node, values, specs)):
            return {port: values[0]}
        key = (
            type(node),
            *node.__dict__.values(),
            *specs.values(),
            *values,
            *inferred.outputs.values(),
            name if isinstance(node, InputNode) else None,
        )
        fields = self.cache.rules.get(key)
        if fields is None:
            sources = dict(zip(specs, values, strict=True))
            context = field_context(name, checked, sources, self.padding_id)
            fields = self.cache.rules[key] = node.receptive_fields(context)
        return fields

    def _composite(
        self,
        checked: CheckedGraph,
        name: str,
        node: Composite,
        inner: CheckedGraph,
        sources: Fields,
    ) -> tuple[FieldGraph, ...]:
        """Compute the fields of the graph of a composite, of one copy after the other."""
        if inner.graph.step_inputs:
            return (loop_fields(inner, checked.nodes[name].input_specs, sources, self.graph),)
        incoming = {port: value for port, value in sources.items() if port in inner.graph.nodes}
        copies = [self.graph(inner, incoming)]
        chained = _chained_ports(checked, name)
        for copy in range(1, evaluate(node.repeat, self.sizes)):
            output = next(iter(copies[-1].results.values()), None)
            if output is None or all(incoming.get(port) is output for port in chained):
                break
            if copy == MOST_COPIES:
                rest = evaluate(node.repeat, self.sizes) - copy - 1
                output = extrapolated(incoming[chained[0]], output, rest)
            incoming = {**incoming, **dict.fromkeys(chained, output)}
            copies.append(self.graph(inner, incoming))
            if copy == MOST_COPIES:
                break
        return tuple(copies)


_NO_FIELDS: Fields = {}


def _is_alike(latest: FieldGraph, checked: CheckedGraph, incoming: Fields) -> bool:
    """Check that a graph has the edges and the fields at its inputs that an earlier one had."""
    return (
        latest.checked.sources is checked.sources
        and latest.checked.order == checked.order
        and latest.incoming == incoming
    )


def _readers(checked: CheckedGraph) -> dict[str, set[str]]:
    """List the nodes that read each node."""
    readers: dict[str, set[str]] = {}
    for name, sources in checked.sources.items():
        for ref in sources.values():
            readers.setdefault(ref.node, set()).add(name)
    return readers


@lru_cache(maxsize=1024)
def _trailing(node_type: type[Node]) -> int | None:
    """Count the last dimensions that a node with one output changes, and no other; None if so."""
    if node_type.receptive_fields is not Node.receptive_fields or len(node_type.outputs) != 1:
        return None
    patterns = [port.parsed for port in (*node_type.inputs, *node_type.outputs)]
    if any(not pattern.spread or pattern.before for pattern in patterns):
        return None
    counts = {len(pattern.after) for pattern in patterns}
    return counts.pop() if len(counts) == 1 else None


def kept_field(
    node: Node, values: Sequence[ReceptiveField], specs: Mapping[str, TensorSpec]
) -> str | None:
    """Return the output of a node that has the one field that is at all of its inputs, if any.

    Most nodes change only the last dimensions, of which the fields say nothing.
    """
    field = values[0]
    count = _trailing(type(node))
    if count is None or any(value is not field for value in values):
        return None
    shapes = [spec.shape for spec in specs.values()]
    if any(shape != shapes[0] for shape in shapes) or any(field.dims[len(field.dims) - count :]):
        return None
    supported = bool(field.bands or field.validity)
    if supported and node.support() is Support.NONE:
        return None
    if field.order is Order.ADDED and field.terms and not node.linear:
        return None
    return node.outputs[0].name


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
    node = checked.graph.nodes[name]
    ports = [*checked.sources[name]]
    chained = ports[:1]
    for port in ports[1:]:
        declared = node.find_input(port)
        default = declared.default if declared is not None else ""
        if default in chained and not checked.has_edge(name, port):
            chained.append(port)
    return chained
