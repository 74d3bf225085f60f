"""The receptive fields of graphs, and the cache of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.check.checked_graph import CheckedGraph
from nodes.core.graphs.graph import PortRef
from nodes.core.time.field_context import Fields
from nodes.core.time.receptive_field import ReceptiveField

MOST_RULES = 100_000
MOST_GRAPHS = 2000


@dataclass(frozen=True, slots=True)
class FieldGraph:
    """The receptive fields in a checked graph, for one set of fields at its input nodes.

    Attributes:
        checked: the graph.
        incoming: the fields at those input nodes that are ports of a composite.
        fields: the fields at the output ports of each node.
        inner: the fields in the graph of each composite, of one copy after the other.
    """

    checked: CheckedGraph
    incoming: Fields
    fields: Mapping[str, Fields]
    inner: Mapping[str, tuple["FieldGraph", ...]]

    def inputs(self, node: str) -> dict[str, ReceptiveField]:
        """Return the field at each connected input port of a node, as far as they are known."""
        found = {port: self.find(ref) for port, ref in self.checked.sources.get(node, {}).items()}
        return {port: field for port, field in found.items() if field is not None}

    def find(self, ref: PortRef) -> ReceptiveField | None:
        """Look up the field of an output port."""
        return self.fields.get(ref.node, {}).get(ref.port)

    @property
    def results(self) -> dict[str, ReceptiveField]:
        """The field at each output node, as far as it is known."""
        sources = self.checked.sources
        found = {name: self.find(sources[name]["input"]) for name in self.checked.results}
        return {name: field for name, field in found.items() if field is not None}


@dataclass(slots=True)
class FieldCache:
    """Fields that an edit does not change.

    Attributes:
        padding_id: the token id that fills up sequences; None if they are not filled up.
        rules: the fields at the outputs of a primitive, by all that they depend on.
        graphs: those of a graph, by its id and the fields at its inputs, with the graph.
        latest: the latest of each graph of the model, by its name.
    """

    padding_id: int | None = None
    rules: dict[tuple[object, ...], Fields] = field(default_factory=dict)
    graphs: dict[tuple[object, ...], tuple[CheckedGraph, FieldGraph]] = field(default_factory=dict)
    latest: dict[str, FieldGraph] = field(default_factory=dict)

    def prepare(self, padding_id: int | None) -> None:
        """Drop the entries that are for another padding, and all if there are too many."""
        is_full = len(self.rules) > MOST_RULES or len(self.graphs) > MOST_GRAPHS
        if padding_id != self.padding_id or is_full:
            self.rules, self.graphs, self.latest = {}, {}, {}
        self.padding_id = padding_id
