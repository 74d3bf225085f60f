"""The inside of a node in its place: its ends go, and what they joined is joined."""

from dataclasses import replace

from builder.commands.editing import unique_names, without_nodes
from builder.commands.fragment import renamed
from builder.document.document import Refused
from codegen.check.structure import in_order
from nodes.core.graphs.graph import Graph, InputNode, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import Dim, DimError, show
from nodes.core.shapes.expression import parse


def inline(model: Model, graph: Graph, name: str, inner: Graph) -> tuple[Graph, dict[str, str]]:
    """Put the nodes of a graph in the place of the node that stands for it.

    Returns:
        The graph, and the name in it of each node of the inner graph.
    """
    arriving = graph.arriving[name]
    inner = _without_absent(model, inner, arriving.keys())
    ends = inner.input_nodes.keys() | inner.output_nodes.keys()
    left = without_nodes(graph, {name})
    inside = [one for one in inner.nodes if one not in ends]
    names = dict(zip(inside, unique_names(inside, [*left.nodes, *ends]), strict=True))
    moved = renamed(inner, names)

    def start(source: PortRef) -> PortRef | None:
        """Find what an inner port reads once the ends are gone."""
        if isinstance(moved.nodes[source.node], InputNode):
            return arriving.get(source.node)
        return source

    edges = {t: start(s) for t, s in moved.edges.items() if t.node not in ends}
    for target, source in graph.edges.items():
        if source.node == name != target.node and source.port in moved.output_nodes:
            last = moved.arriving[source.port].values()
            edges.update((target, start(one)) for one in last)
    edges = {target: source for target, source in edges.items() if source is not None}
    nodes: dict[str, Node] = {}
    for key, node in graph.nodes.items():
        if key == name:
            nodes.update((names[one], moved.nodes[names[one]]) for one in inside)
        else:
            nodes[key] = node
    bypassed = left.bypassed | (moved.bypassed - ends)
    return replace(left, nodes=nodes, edges={**left.edges, **edges}, bypassed=bypassed), names


def _without_absent(model: Model, inner: Graph, present: object) -> Graph:
    """Leave out what cannot do without an input at which nothing arrives."""
    gone = {name for name in inner.input_nodes if name not in present}
    waiting = True
    while waiting:
        waiting = {
            name
            for name, node in inner.nodes.items()
            if name not in gone and _lacks(model, inner, name, node, gone)
        }
        gone |= waiting
    return without_nodes(inner, gone - inner.output_nodes.keys())


def _lacks(model: Model, inner: Graph, name: str, node: Node, gone: set[str]) -> bool:
    """Tell whether a node needs something that is gone."""
    edges = inner.arriving[name]
    here = {port for port, source in edges.items() if source.node not in gone}
    if len(here) == len(edges):
        return False
    stems = {port.partition(".")[0] for port in here}
    for port in model.ports(node)[0]:
        if port.variadic and port.name not in stems:
            return True
        lost = port.name in edges and port.name not in here
        if lost and not (port.variadic or port.optional or port.default):
            return True
    return False


def reads(model: Model, graph: Graph, name: str) -> dict[PortRef, PortRef]:
    """Draw the edges of a node at whose ports an edge of another port counts too."""
    sources = in_order(model.ports(graph.nodes[name])[0], graph.arriving[name])
    return {PortRef(name, port): source for port, source in sources.items()}


def plain(expansion: Graph) -> Graph:
    """Write the sizes in a composite's graph as a person would.

    Raises:
        Refused: one of them is known only when the model runs.
    """
    return replace(
        expansion, nodes={name: _plain(name, node) for name, node in expansion.nodes.items()}
    )


def _plain(name: str, node: Node) -> Node:
    values = dict(node)
    for key in node.open_fields:
        size = values[key]
        if not isinstance(size, Dim):
            continue
        if size.frees:
            told = f"{key} of {name} inside it follows from the length of what arrives"
            raise Refused(f"{told}, which no parameter can say")
        try:
            values[key] = parse(show(size))
        except (DimError, ValueError) as error:
            raise Refused(f"{key} of {name} inside it is too long to be written") from error
    return type(node).model_validate(values)
