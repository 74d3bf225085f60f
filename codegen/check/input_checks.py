"""Problems of what arrives at a node, with their remedies."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.check.problem import Location, Problem, Severity
from codegen.check.remedy import (
    Connect,
    Disconnect,
    Insert,
    Remedy,
    SetHyperparameter,
    SetParameter,
    StopBypassing,
)
from nodes.core.graphs.graph import Block, Composite, Graph, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.node import InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, KindMismatch, TensorSpec
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import AnyDim, show, substitute
from nodes.core.shapes.shape import (
    Bindings,
    IndivisibleSize,
    SizeMismatch,
    SpreadMismatch,
    show_shape,
)
from nodes.core.shapes.size_comparison import Match, same

MOST_CONNECTIONS = 2
"""How many edges a remedy for a missing one may propose."""

MOST_PARTS = 1024
"""Into how many parts, at most, a remedy may propose to split a size."""


@dataclass(frozen=True, slots=True)
class NodeContext:
    """A node in a graph of a model, for messages."""

    model: Model
    graph: Graph
    name: str
    node: str
    order: tuple[str, ...]

    def location(self, port: str = "", parameter: str = "") -> Location:
        """Address the node, or a part of it."""
        return Location(self.name, self.node, port, parameter)

    def error(self, text: str, *remedies: Remedy, port: str = "", parameter: str = "") -> Problem:
        """Make an error at this place."""
        return Problem(Severity.ERROR, self.location(port, parameter), text, remedies)


def hint(place: NodeContext, text: str) -> Problem:
    """Remark on sizes that are equal only by the present values."""
    return Problem(Severity.HINT, place.location(), text)


def loop(place: NodeContext, along: tuple[str, ...]) -> Problem:
    """Say that nodes feed each other, which only a recurrent node may do inside itself."""
    closing = [
        Disconnect(place.name, target)
        for target, source in place.graph.edges.items()
        if source.node == along[-1] and target.node == along[0]
    ]
    path = " -> ".join([*along, along[0]])
    return place.error(f"the nodes form a loop: {path}", *closing[:1])


def stays(place: NodeContext, node: Node) -> Problem:
    """Say why a node that is bypassed cannot be passed over."""
    mend = StopBypassing(place.name, place.node)
    if isinstance(node, InputNode | OutputNode):
        what = "an input" if isinstance(node, InputNode) else "an output"
        return place.error(f"it is bypassed, but {what} cannot be passed over", mend)
    problem = place.error("it is bypassed, but nothing arrives that could go on in its place", mend)
    for port in place.model.ports(node)[0][:1]:
        problem = replace(problem, remedies=(*_unconnected(place, port).remedies, mend))
    return problem


def missing(place: NodeContext, node: Node, sources: Mapping[str, PortRef]) -> list[Problem]:
    """Find required ports without an edge, and edges that hang in the air."""
    if _has_open_ports(place.model, node):
        return []
    inputs = place.model.ports(node)[0]
    found = [
        _unconnected(place, port)
        for port in inputs
        if not (port.optional or port.name in sources)
        and not (port.variadic and f"{port.name}.0" in sources)
        and not (port.variadic and any(key.startswith(f"{port.name}.") for key in sources))
        and port.default not in sources
    ]
    for name, ref in sources.items():
        if place.model.find_input(node, name) is None:
            text = f"an edge ends at {name}, but there is no port of that name here"
            found.append(place.error(text, Disconnect(place.name, PortRef(place.node, name))))
        elif (text := _dangling(place, ref)) is not None:
            mend = Disconnect(place.name, PortRef(place.node, name))
            found.append(place.error(text, mend, port=name))
    return found


def _dangling(place: NodeContext, ref: PortRef) -> str | None:
    source = place.graph.nodes.get(ref.node)
    if source is None:
        return f"the edge comes from {ref}, but there is no node {ref.node}"
    known = place.model.find_output(source, ref.port) is not None
    if known or _has_open_ports(place.model, source):
        return None
    return f"the edge comes from {ref}, but {ref.node} has no port of that name"


def _has_open_ports(model: Model, node: Node) -> bool:
    """Tell whether nobody can say which ports a node has, as long as a worse problem lasts."""
    if isinstance(node, Block):
        return node.block not in model.blocks or not model.blocks[node.block].output_nodes
    return isinstance(node, Unknown)


def _unconnected(place: NodeContext, port: Input) -> Problem:
    target = PortRef(place.node, f"{port.name}.0" if port.variadic else port.name)
    remedies = [
        Connect(place.name, source, target)
        for source in _free_sources(place, port.kind)[:MOST_CONNECTIONS]
    ]
    return place.error("nothing is connected here", *remedies, port=port.name)


def _free_sources(place: NodeContext, kind: Kind) -> list[PortRef]:
    """Find outputs that nothing reads yet and that have the right kind: earlier nodes, inputs."""
    read = set(place.graph.edges.values())
    before = place.order[: place.order.index(place.node)] if place.node in place.order else ()
    later = (name for name in place.graph.input_nodes if name not in before)
    found = []
    for name in (*reversed(before), *later):
        port = next(iter(place.model.ports(place.graph.nodes[name])[1]), None)
        if port is None or PortRef(name, port.name) in read:
            continue
        if kind is port.kind or Kind.ANY in (kind, port.kind):
            found.append(PortRef(name, port.name))
    return found


def bind(model: Model, node: Composite, specs: Mapping[str, TensorSpec]) -> Bindings:
    """Bind the sizes at a composite's own ports.

    Raises:
        InputMismatch: something does not fit its port.
    """
    if isinstance(node, Block):
        return Bindings({}, model.sizes)
    return node.bind(specs, model.sizes)[0]


def mismatch(
    place: NodeContext, node: Node, specs: Mapping[str, TensorSpec], error: InputMismatch
) -> Problem:
    """Say what does not fit, where it comes from, and what would make it fit."""
    port, cause = error.port, error.cause
    source = _sources(place, node).get(port)
    came = f" from {source}" if source else ""
    if isinstance(cause, KindMismatch):
        remedies = _mend_kind(place, port, cause)
        return place.error(f"{cause}{came}", *remedies, port=port)
    remedies = _mend_shape(place, node, port, cause, source)
    if not remedies and PortRef(place.node, port) in place.graph.edges:
        remedies = [Disconnect(place.name, PortRef(place.node, port))]
    return place.error(f"{cause}{came}", *remedies, port=port)


def _sources(place: NodeContext, node: Node) -> dict[str, PortRef]:
    here = dict(place.graph.arriving[place.node])
    for port in node.inputs:
        if port.name not in here and port.default in here:
            here[port.name] = here[port.default]
    return here


def _mend_kind(place: NodeContext, port: str, cause: KindMismatch) -> list[Remedy]:
    target = PortRef(place.node, port)
    if target not in place.graph.edges:
        return []
    if (cause.expected, cause.actual) == (Kind.FEATURES, Kind.TOKENS):
        vocabulary = "vocab_size" if "vocab_size" in place.model.hyperparameters else 256
        sizes = (("num_embeddings", vocabulary), ("embedding_dim", 128))
        return [Insert(place.name, target, "Embedding", sizes)]
    return [Disconnect(place.name, target)]


def _mend_shape(
    place: NodeContext, node: Node, port: str, cause: ValueError, source: PortRef | None
) -> list[Remedy]:
    """Propose to change this node's parameter, the source's, or to put a Linear in between."""
    if isinstance(cause, SpreadMismatch):
        return _mend_last_size(place, port, cause)
    if isinstance(cause, IndivisibleSize):
        return _mend_split(place, node, cause)
    if not isinstance(cause, SizeMismatch):
        return []
    remedies: list[Remedy] = []
    if cause.word in node.size_fields:
        remedies.append(SetParameter(place.name, place.node, cause.word, cause.actual))
    if source is not None:
        remedies += _mend_source(place, source, cause)
    target = PortRef(place.node, port)
    wanted = node.find_input(port)
    last = wanted.parsed.items[-1:] if wanted else ()
    fits_linear = wanted is not None and wanted.kind is Kind.FEATURES and last == (cause.word,)
    if fits_linear and target in place.graph.edges and _is_fixed(cause.expected):
        sizes = (("out_features", cause.expected),)
        remedies.append(Insert(place.name, target, "Linear", sizes))
    return remedies


def _mend_split(place: NodeContext, node: Node, cause: IndivisibleSize) -> list[Remedy]:
    """Propose the nearest numbers of parts that divide the size."""
    values = place.model.sizes
    parts, whole = substitute(cause.parts, values), substitute(cause.actual, values)
    if cause.word not in node.size_fields:
        return []
    if not (isinstance(parts, int) and isinstance(whole, int)):
        return []
    divisors = [one for one in range(1, min(whole, MOST_PARTS) + 1) if whole % one == 0]
    nearest = sorted(divisors, key=lambda one: (abs(one - parts), one))[:2]
    name = show(cause.parts)
    if name in values:
        return [SetHyperparameter(name, one) for one in nearest]
    return [SetParameter(place.name, place.node, cause.word, one) for one in nearest]


def _mend_source(place: NodeContext, source: PortRef, cause: SizeMismatch) -> list[Remedy]:
    made = place.graph.nodes.get(source.node)
    if made is None or cause.expected is None or not _is_fixed(cause.expected):
        return []
    return [
        SetParameter(place.name, source.node, name, cause.expected, named=True)
        for name in made.size_fields
        if name != "repeat" and getattr(made, name) == cause.actual
    ][:1]


def _mend_last_size(place: NodeContext, port: str, cause: SpreadMismatch) -> list[Remedy]:
    """Propose a Linear where two shapes differ in their last size alone."""
    expected, actual = cause.expected, cause.actual
    target = PortRef(place.node, port)
    if not (expected and actual) or target not in place.graph.edges:
        return []
    if expected[:-1] != actual[:-1] or not _is_fixed(expected[-1]):
        return []
    return [Insert(place.name, target, "Linear", (("out_features", expected[-1]),))]


def _is_fixed(size: object) -> bool:
    return isinstance(size, int) or not getattr(size, "frees", True)


def inside(
    place: NodeContext, node: Composite, problems: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Keep a block's problems at their place; a composite's become those of the node itself."""
    if isinstance(node, Block):
        return problems
    return tuple(
        Problem(p.severity, place.location(), f"inside it, {p.where}: {p.text}")
        for p in problems
        if p.severity is not Severity.WARNING
    )


def lacking(
    place: NodeContext, node: Composite, inner: Graph, present: Container[str]
) -> Iterator[Problem]:
    """Find outputs that a block cannot give, for want of an input that may be left out."""
    for end in inner.output_nodes:
        name = end
        while name not in present and not isinstance(inner.nodes[name], InputNode):
            refs = inner.arriving[name].values()
            name = next(r.node for r in refs if r.node in inner.nodes and r.node not in present)
        if name not in present:
            port = next(port for port in place.model.ports(node)[0] if port.name == name)
            text = f"its output {end} needs what arrives here, but nothing is connected"
            yield replace(_unconnected(place, port), text=text)


def chain(
    place: NodeContext,
    node: Composite,
    specs: Mapping[str, TensorSpec],
    outputs: Mapping[str, TensorSpec],
) -> tuple[Problem, ...]:
    """See that what leaves one copy of a repeated node fits what the next one takes."""
    if node.repeat == 1:
        return ()
    values = place.model.sizes
    if not specs or not outputs:
        mend = SetParameter(place.name, place.node, "repeat", 1)
        return (place.error("it is repeated, but nothing goes in that could be passed on", mend),)
    for source, target in carried(specs, outputs).items():
        leaves, enters = outputs[source], specs[target]
        if leaves.kind is not enters.kind or not _alike(leaves.shape, enters.shape, values):
            text = (
                f"it is repeated, but {show_shape(enters.shape)} goes in at {target} and "
                f"{show_shape(leaves.shape)} comes out at {source}"
            )
            return (place.error(text, SetParameter(place.name, place.node, "repeat", 1)),)
    return ()


def carried(inputs: Mapping[str, object], outputs: Mapping[str, object]) -> dict[str, str]:
    """Tell which output of one copy feeds which input of the next: the first feeds the first."""
    return {next(iter(outputs)): next(iter(inputs))}


def _alike(a: tuple[AnyDim, ...], b: tuple[AnyDim, ...], values: Mapping[str, int]) -> bool:
    return len(a) == len(b) and all(
        same(x, y, values) is not Match.NO for x, y in zip(a, b, strict=True)
    )
