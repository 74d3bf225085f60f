"""The tooltip of the item under the pointer."""

from collections.abc import Iterator

from builder.canvas.active_graph import ActiveGraph
from builder.canvas.overlay import HitResult
from builder.canvas.scene import Scene
from builder.document.port_end import PortEnd
from codegen.check.reach_text import show_field
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Port
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.shape import show_shape


def tooltip(hit: HitResult, scene: Scene, active: ActiveGraph) -> str:
    """Describe a port, a node or an edge: its name, then what is known of it."""
    if hit.end is not None and hit.end.ref.node in active.graph.nodes:
        return "\n".join(_port(hit.end, scene, active))
    if hit.node in active.graph.nodes:
        return "\n".join(_node(hit.node, scene, active))
    if hit.edge is not None and hit.edge in active.graph.edges:
        return "\n".join(_edge(hit.edge, active))
    return ""


def _node(name: str, scene: Scene, active: ActiveGraph) -> Iterator[str]:
    node, card = active.graph.nodes[name], scene.nodes.get(name)
    yield f"{name} · {type(node).__name__}" if not isinstance(node, Unknown) else name
    yield manual(type(node)).partition("\n")[0]
    yield from _problems(name, active)
    if card is not None and card.waiting:
        yield "Waiting: fix the problems of its inputs first, or connect them."
    if name in active.graph.bypassed:
        yield "Bypassed: its input is passed through unchanged."


def _problems(name: str, active: ActiveGraph) -> Iterator[str]:
    for problem in active.problems:
        if problem.location.node == name:
            yield problem.message


def _port(end: PortEnd, scene: Scene, active: ActiveGraph) -> Iterator[str]:
    node, name = active.graph.nodes[end.ref.node], end.ref.port
    declared = _declared(end, node)
    port = scene.nodes[end.ref.node].find(end) if end.ref.node in scene.nodes else None
    kind = f" · {port.kind.value}" if port else ""
    yield f"{name}{kind}"
    if declared is not None and declared.doc:
        yield declared.doc[0].upper() + declared.doc[1:]
    source = active.graph.edges.get(end.ref) if end.is_input else end.ref
    spec = _shape(source, active) if source else ""
    if spec:
        yield f"Shape: {spec}"
    elif declared is not None and declared.pattern:
        yield f"Expects: {declared.pattern}" if end.is_input else f"Returns: {declared.pattern}"
    if end.is_input and source is None and port is not None and port.optional:
        yield "Optional."


def _declared(end: PortEnd, node: Node) -> Port | None:
    ports: tuple[Port, ...] = node.inputs if end.is_input else node.outputs
    stem = end.ref.port.partition(".")[0]
    return next((port for port in ports if port.name in (end.ref.port, stem)), None)


def _edge(target: PortRef, active: ActiveGraph) -> Iterator[str]:
    source = active.graph.edges[target]
    yield f"{source} to {target}"
    spec = _shape(source, active)
    yield f"Shape: {spec}" if spec else "Shape: unknown."
    field = active.fields.find(source) if active.fields else None
    for text in show_field(field) if field else []:
        yield f"Receptive field: sees {text}"


def _shape(source: PortRef, active: ActiveGraph) -> str:
    spec = active.checked.spec(source) if active.checked else None
    return show_shape(spec.shape) if spec else ""
