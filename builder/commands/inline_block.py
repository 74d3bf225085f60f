"""Inlining: a node is replaced by the graph that it stands for."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from builder.commands.editing import enumerated, taken_names, unique_names, without_nodes
from builder.commands.fragment import rename_nodes
from builder.commands.ties import follow_ties, ties_outside, with_ties
from builder.document.document import Refused
from codegen.check.structure import in_order
from nodes.core.graphs.graph import Graph, InputNode, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import Dim, show
from nodes.core.shapes.expression import parse
from nodes.core.shapes.size_limits import DimError


class Inlined(NamedTuple):
    """A graph in which a node was replaced by the nodes of its inner graph.

    Attributes:
        graph: the graph.
        names: the new name of each node of the inner graph.
        notices: what of the inner graph is not in it.
    """

    graph: Graph
    names: dict[str, str]
    notices: list[str]


def inline(model: Model, graph: Graph, name: str, inner: Graph) -> Inlined:
    """Replace a node by the nodes of its inner graph."""
    outer_sources = graph.sources[name]
    inner, notices = _without_unconnected(model, inner, outer_sources.keys())
    ends = inner.input_nodes.keys() | inner.output_nodes.keys()
    rest = without_nodes(graph, {name})
    inside = [key for key in inner.nodes if key not in ends]
    # In the block the names of these ties mean no node that has a weight; outside they could.
    wrong = ties_outside(inner, inside)
    for key, other in wrong.items():
        notices.append(f"{key} is not tied to {other} any more: {name} has no such node inside")
    inner = with_ties(inner, dict.fromkeys(wrong, ""))
    names = dict(zip(inside, unique_names(inside, taken_names(rest) | ends), strict=True))
    renamed = rename_nodes(inner, names)

    def outer_source(source: PortRef) -> PortRef | None:
        """Replace an input of the inner graph by the source of the node's port."""
        if isinstance(renamed.nodes[source.node], InputNode):
            return outer_sources.get(source.node)
        return source

    new = [(t, outer_source(s)) for t, s in renamed.edges.items() if t.node not in ends]
    for target, source in graph.edges.items():
        if source.node == name != target.node and source.port in renamed.output_nodes:
            inner_sources = renamed.sources[source.port].values()
            new += [(target, outer_source(source)) for source in inner_sources]
    edges = {**rest.edges, **{target: source for target, source in new if source is not None}}
    nodes: dict[str, Node] = {}
    for key, node in graph.nodes.items():
        if key == name:
            nodes.update((names[key], renamed.nodes[names[key]]) for key in inside)
        else:
            nodes[key] = node
    bypassed = rest.bypassed | (renamed.bypassed - ends)
    return Inlined(replace(rest, nodes=nodes, edges=edges, bypassed=bypassed), names, notices)


def _without_unconnected(
    model: Model, inner: Graph, connected: Collection[str]
) -> tuple[Graph, list[str]]:
    """Remove the nodes that need an input of the graph to which nothing is connected.

    Returns:
        The graph, and a notice of the removed nodes.
    """
    removed = {name for name in inner.input_nodes if name not in connected}
    new = removed
    while new:
        new = {
            name
            for name, node in inner.nodes.items()
            if name not in removed and _needs_any(model, inner, name, node, removed)
        }
        removed |= new
    removed -= inner.output_nodes.keys()
    left_out = [name for name in inner.nodes if name in removed - inner.input_nodes.keys()]
    graph, notices = follow_ties(inner, without_nodes(inner, removed))
    if left_out:
        notices.append(f"left out, as their inputs are not connected: {enumerated(left_out)}")
    return graph, notices


def _needs_any(model: Model, inner: Graph, name: str, node: Node, removed: set[str]) -> bool:
    """Return whether a node cannot do without the removed nodes."""
    edges = inner.sources[name]
    kept = {port for port, source in edges.items() if source.node not in removed}
    if len(kept) == len(edges):
        return False
    stems = {port.partition(".")[0] for port in kept}
    for port in model.ports(node)[0]:
        if port.variadic and port.name not in stems:
            return True
        lost = port.name in edges and port.name not in kept
        if lost and not (port.variadic or port.optional or port.default):
            return True
    return False


def explicit_edges(model: Model, graph: Graph, name: str) -> dict[PortRef, PortRef]:
    """Return the edges of a node, those of ports that default to another port included."""
    sources = in_order(model.ports(graph.nodes[name])[0], graph.sources[name])
    return {PortRef(name, port): source for port, source in sources.items()}


def with_editable_sizes(expansion: Graph) -> Graph:
    """Replace the sizes in a composite's expansion by expressions that a field can show.

    Raises:
        Refused: a size is known only when the model runs.
    """
    return replace(
        expansion,
        nodes={name: _with_expressions(name, node) for name, node in expansion.nodes.items()},
    )


def _with_expressions(name: str, node: Node) -> Node:
    values = dict(node)
    for key in node.open_fields:
        size = values[key]
        if not isinstance(size, Dim):
            continue
        if size.frees:
            raise Refused(
                f"{key} of the inner node {name} is {show(size)}, which depends on the input and "
                "so cannot be a parameter; keep the composite"
            )
        try:
            values[key] = parse(show(size))
        except (DimError, ValueError) as error:
            raise Refused(
                f"{key} of the inner node {name} is too long an expression; keep the composite"
            ) from error
    return type(node).model_validate(values)
