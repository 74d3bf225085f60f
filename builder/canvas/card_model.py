"""What a card shows of a node: ports, kinds, number of copies, problems."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from codegen.check import Severity
from codegen.check.checked_graph import CheckedNode
from nodes.core.graphs.graph import Composite, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, show, substitute
from nodes.core.shapes.size_limits import DimError


class PortModel(NamedTuple):
    """A port; the fields are those of `CardPort`."""

    name: str
    kind: Kind
    connected: bool = False
    optional: bool = False
    bad: bool = False


class CardModel(NamedTuple):
    """A card before its layout; the fields are those of `NodeCard`."""

    name: str
    node: Node
    inputs: tuple[PortModel, ...]
    outputs: tuple[PortModel, ...]
    copies: str = ""
    badge: Severity | None = None
    waiting: bool = False
    bypassed: bool = False


class ProblemBadge(NamedTuple):
    """The severity of the worst problem of a node, and the ports that have errors."""

    severity: Severity | None = None
    ports: frozenset[str] = frozenset()


NO_PROBLEMS = ProblemBadge()


class CardInputs(NamedTuple):
    """All that a card depends on: while each is the same object, the card does not change.

    Attributes:
        node: the node.
        incoming, outgoing: its connected ports.
        inferred: what the check inferred for it; the spec passed through, if it is bypassed.
        badge: its problems.
        waiting: it waits for the problem of another node.
        bypassed: it is bypassed.
        context: what a composite depends on: the graph of its block, the hyperparameters in
            ``repeat``.
    """

    node: Node
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    inferred: object
    badge: ProblemBadge
    waiting: bool
    bypassed: bool
    context: object


def card_model(
    name: str, inputs: CardInputs, model: Model, checked_node: CheckedNode | None
) -> CardModel:
    """Make the model of a node's card."""
    node, bad = inputs.node, inputs.badge.ports
    declared_inputs, declared_outputs = model.ports(node)
    sources: Mapping[str, TensorSpec] = {}
    results: Mapping[str, TensorSpec] = {}
    if checked_node is not None and checked_node.inferred is not None:
        sources, results = checked_node.input_specs, checked_node.inferred.outputs
    shared = Kind.ANY if isinstance(node, Composite) else _shared_kind(declared_inputs, sources)
    return CardModel(
        name=name,
        node=node,
        inputs=tuple(
            PortModel(
                port, _kind(kind, sources.get(port), shared), connected, optional, port in bad
            )
            for port, kind, connected, optional in _inputs(declared_inputs, inputs.incoming)
        ),
        outputs=tuple(
            PortModel(port, _kind(kind, results.get(port), shared), connected, False, port in bad)
            for port, kind, connected in _outputs(declared_outputs, inputs.outgoing)
        ),
        copies=_copies(node, model.sizes) if isinstance(node, Composite) else "",
        badge=inputs.badge.severity,
        waiting=inputs.waiting,
        bypassed=inputs.bypassed,
    )


def format_size(size: AnyDim, sizes: Mapping[str, int]) -> str:
    """Format a size, with hyperparameters replaced by their values."""
    try:
        return show(substitute(size, sizes))
    except DimError:  # it has no value now; a problem says why
        return show(size)


def _copies(node: Composite, sizes: Mapping[str, int]) -> str:
    repeat = format_size(node.repeat, sizes)
    return "" if repeat == "1" else f"x {repeat}"


def _kind(declared: Kind, spec: TensorSpec | None, shared: Kind) -> Kind:
    if declared is not Kind.ANY:
        return declared
    return spec.kind if spec else shared


def _shared_kind(inputs: Iterable[Input], sources: Mapping[str, TensorSpec]) -> Kind:
    """Find the kind of the ports that accept any kind, which are all of one kind."""
    if not sources:
        return Kind.ANY
    generic = {port.name for port in inputs if port.kind is Kind.ANY}
    kinds = (spec.kind for port, spec in sources.items() if port.partition(".")[0] in generic)
    return next(kinds, Kind.ANY)


def _inputs(
    declared: Iterable[Input], connected: tuple[str, ...]
) -> Iterator[tuple[str, Kind, bool, bool]]:
    """List name, kind, connected and optional of the declared ports, and of other edges' ports."""
    undeclared = dict.fromkeys(connected)
    for port in declared:
        if port.variadic:
            taken = {int(index) for index in _indices(port.name, connected)}
            free = next(index for index in range(len(taken) + 1) if index not in taken)
            for index in sorted({*taken, free}):
                name = f"{port.name}.{index}"
                undeclared.pop(name, None)
                yield name, port.kind, index in taken, index not in taken
        else:
            is_connected = port.name in undeclared
            undeclared.pop(port.name, None)
            yield port.name, port.kind, is_connected, port.optional or bool(port.default)
    yield from ((name, Kind.ANY, True, False) for name in undeclared)


def _indices(stem: str, connected: Iterable[str]) -> Iterator[str]:
    for port in connected:
        name, _, index = port.partition(".")
        if name == stem and index.isdecimal() and str(int(index)) == index:
            yield index


def _outputs(
    declared: Iterable[Output], connected: tuple[str, ...]
) -> Iterator[tuple[str, Kind, bool]]:
    """List name, kind and connected of the declared ports, and of other edges' ports."""
    names = [port.name for port in declared]
    yield from ((port.name, port.kind, port.name in connected) for port in declared)
    yield from ((name, Kind.ANY, True) for name in connected if name not in names)
