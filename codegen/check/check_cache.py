"""The cache of a check: results of earlier checks and compilations, for reuse by the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codegen.check.bypass import BypassRewriter
from codegen.check.checked_graph import CheckedGraph, CheckedNode, Sources
from codegen.check.field_cache import FieldCache
from codegen.check.structure import Structure
from nodes.core.graphs.graph import Graph, Hyperparameter, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.python_expression import Expr

MOST_GRAPHS = 2000
MOST_EXPRESSIONS = 100_000


@dataclass(frozen=True, slots=True)
class CachedStructure:
    """The structure and sources of a graph, which do not depend on shapes."""

    graph: Graph
    types: list[type[Node]]
    structure: Structure
    sources: Sources

    def fits(self, graph: Graph, types: list[type[Node]]) -> bool:
        """Check that a graph has the same edges between nodes of the same names and types."""
        return (
            self.graph.edges is graph.edges
            and self.types == types
            and self.graph.nodes.keys() == graph.nodes.keys()
        )


@dataclass(slots=True)
class CheckCache:
    """Results that stay valid for the nodes and graphs that an edit does not change.

    Attributes:
        structures: by the scope of a graph.
        specialized: nodes with the values of hyperparameters as choices, by the id of the node.
        inferred: a node without a problem, by type, parameters and input specs.
        latest: the sources and the nodes of the last check of a graph, by its scope.
        expressions: what the compiler emitted for a checked node, with the fields it read.
        graphs: checked graphs of composites by node and input specs, with the block if it is one.
        hyperparameters, blocks: those of the model that the entries are for.
        bypass: the rewriter of bypassed nodes.
        fields: the receptive fields of nodes and graphs.
        plan: the last plan of the compiler.
    """

    structures: dict[object, CachedStructure] = field(default_factory=dict)
    specialized: dict[int, tuple[Node, Node]] = field(default_factory=dict)
    inferred: dict[object, CheckedNode] = field(default_factory=dict)
    latest: dict[object, tuple[Sources, Mapping[str, CheckedNode]]] = field(default_factory=dict)
    expressions: dict[object, tuple[CheckedNode, Expr | None, frozenset[str]]] = field(
        default_factory=dict
    )
    graphs: dict[object, tuple[Graph | None, CheckedGraph]] = field(default_factory=dict)
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    blocks: Mapping[str, Graph] = field(default_factory=dict)
    bypass: BypassRewriter = field(default_factory=BypassRewriter)
    fields: FieldCache = field(default_factory=FieldCache)
    plan: object = None

    def fork(self) -> "CheckCache":
        """Return a cache with the same results, which a check of another model may change."""
        return replace(
            self,
            structures=dict(self.structures),
            specialized=dict(self.specialized),
            latest=dict(self.latest),
            expressions={},
            plan=None,
            graphs=dict(self.graphs),
            bypass=BypassRewriter(dict(self.bypass.graphs), self.bypass.blocks),
            fields=replace(self.fields, latest=dict(self.fields.latest)),
        )

    def prepare(self, model: Model) -> None:
        """Drop the entries that a model invalidates, and all if there are too many."""
        if model.hyperparameters != self.hyperparameters or self._is_full():
            self.expressions, self.structures, self.specialized = {}, {}, {}
            self.inferred, self.latest, self.graphs = {}, {}, {}
            self.fields, self.plan = FieldCache(), None
        elif model.blocks is not self.blocks:
            self.graphs = {k: entry for k, entry in self.graphs.items() if not entry[1].has_blocks}
        self.hyperparameters, self.blocks = model.hyperparameters, model.blocks

    def _is_full(self) -> bool:
        entries = len(self.expressions) + len(self.inferred)
        return len(self.graphs) > MOST_GRAPHS or entries > MOST_EXPRESSIONS

    def specialize(self, node: Node, values: Mapping[str, object]) -> Node:
        """Return the node with values in place of the choices that name hyperparameters."""
        entry = self.specialized.get(id(node))
        if entry is None or entry[0] is not node:
            entry = self.specialized[id(node)] = node, node.specialize(values)
        return entry[1]
