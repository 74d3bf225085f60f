"""What is said of what the pointer rests on."""

from collections.abc import Iterator

from builder.canvas.active_graph import ActiveGraph
from builder.canvas.overlay import HitResult
from builder.canvas.scene import Scene
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node import manual
from nodes.core.graphs.port import Port
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.shape import show_shape


def hint(hit: HitResult, scene: Scene, shown: ActiveGraph) -> str:
    """Tell about a port, a node or an edge: a heading, and what is known of it; "" of nothing."""
    if hit.end is not None and hit.end.ref.node in shown.graph.nodes:
        return "\n".join(_port(hit.end, scene, shown))
    if hit.node in shown.graph.nodes:
        return "\n".join(_node(hit.node, scene, shown))
    if hit.edge is not None and hit.edge in shown.graph.edges:
        return "\n".join(_edge(hit.edge, shown))
    return ""


def _node(name: str, scene: Scene, shown: ActiveGraph) -> Iterator[str]:
    node, figure = shown.graph.nodes[name], scene.nodes.get(name)
    yield f"{name} · {type(node).__name__}" if not isinstance(node, Unknown) else name
    yield manual(type(node)).partition("\n")[0]
    yield from _problems(name, shown)
    if figure is not None and figure.waiting:
        yield "Waits for what is wrong before it, or for its inputs."
    if name in shown.graph.bypassed:
        yield "Bypassed: what arrives goes on as it is."


def _problems(name: str, shown: ActiveGraph) -> Iterator[str]:
    problems = shown.checked.problems if shown.checked else ()
    for problem in problems:
        if problem.where.node == name:
            yield problem.message


def _port(end: PortEnd, scene: Scene, shown: ActiveGraph) -> Iterator[str]:
    node, name = shown.graph.nodes[end.ref.node], end.ref.port
    declared = _declared(end, node)
    figure = scene.nodes[end.ref.node].find(end) if end.ref.node in scene.nodes else None
    kind = f" · {figure.kind.value}" if figure else ""
    yield f"{name}{kind}"
    if declared is not None and declared.doc:
        yield declared.doc[0].upper() + declared.doc[1:]
    source = shown.graph.edges.get(end.ref) if end.is_input else end.ref
    spec = _shape(source, shown) if source else ""
    if spec:
        yield f"Shape: {spec}"
    elif declared is not None and declared.pattern:
        yield f"Takes: {declared.pattern}" if end.is_input else f"Gives: {declared.pattern}"
    if end.is_input and source is None and figure is not None and figure.optional:
        yield "May stay without an edge."


def _declared(end: PortEnd, node: object) -> Port | None:
    ports = getattr(node, "inputs" if end.is_input else "outputs", ())
    stem = end.ref.port.partition(".")[0]
    return next((port for port in ports if port.name in (end.ref.port, stem)), None)


def _edge(target: PortRef, shown: ActiveGraph) -> Iterator[str]:
    source = shown.graph.edges[target]
    yield f"{source} to {target}"
    spec = _shape(source, shown)
    yield f"Shape: {spec}" if spec else "Nothing goes through it yet."


def _shape(source: PortRef, shown: ActiveGraph) -> str:
    spec = shown.checked.spec(source) if shown.checked else None
    return show_shape(spec.shape) if spec else ""
