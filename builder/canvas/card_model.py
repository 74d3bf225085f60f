"""What there is to know of a node before its card is drawn: ports, kinds, copies, problems."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from codegen.check import Severity
from codegen.check.inference import CheckedNode
from nodes.core.graphs.graph import Composite, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, DimError, show, substitute


class PortModel(NamedTuple):
    """What there is to know of a port."""

    name: str
    kind: Kind
    connected: bool = False
    optional: bool = False
    bad: bool = False


class CardModel(NamedTuple):
    """All that a card is drawn from; the meaning of each is that of the `NodeCard`'s."""

    name: str
    node: Node
    inputs: tuple[PortModel, ...]
    outputs: tuple[PortModel, ...]
    copies: str = ""
    badge: Severity | None = None
    waiting: bool = False
    bypassed: bool = False


class Mark(NamedTuple):
    """How bad the worst problem of a node is, and the ports that problems sit at."""

    badge: Severity | None = None
    ports: frozenset[str] = frozenset()


CLEAN = Mark()


class CardInputs(NamedTuple):
    """How a node stands in its graph; what is the same object has not changed.

    Attributes:
        node: the node.
        incoming, outgoing: its ports that have edges.
        found: what the check inferred of it; what goes on, where it is passed over.
        mark: its problems.
        waiting: nothing goes through it.
        bypassed: it is passed over.
        beyond: what else its card depends on: the graph it places, the numbers in ``repeat``.
    """

    node: Node
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    found: object
    mark: Mark
    waiting: bool
    bypassed: bool
    beyond: object


def card_model(
    name: str, standing: CardInputs, model: Model, found: CheckedNode | None
) -> CardModel:
    """Gather what a card is drawn from."""
    node, bad = standing.node, standing.mark.ports
    inputs, outputs = model.ports(node)
    known = found if found is not None and found.inferred is not None else None
    arriving = known.arriving if known else {}
    leaving = known.inferred.outputs if known else {}
    shared = Kind.ANY if isinstance(node, Composite) else _shared(inputs, arriving)
    return CardModel(
        name=name,
        node=node,
        inputs=tuple(
            PortModel(port, _kind(kind, arriving.get(port), shared), joined, optional, port in bad)
            for port, kind, joined, optional in _inputs(inputs, standing.incoming)
        ),
        outputs=tuple(
            PortModel(port, _kind(kind, leaving.get(port), shared), joined, False, port in bad)
            for port, kind, joined in _outputs(outputs, standing.outgoing)
        ),
        copies=_copies(node, model.sizes) if isinstance(node, Composite) else "",
        badge=standing.mark.badge,
        waiting=standing.waiting,
        bypassed=standing.bypassed,
    )


def written(size: AnyDim, sizes: Mapping[str, int]) -> str:
    """Write a size, with the present values of hyperparameters."""
    try:
        return show(substitute(size, sizes))
    except DimError:  # it has no value at present; a problem says why
        return show(size)


def _copies(node: Composite, sizes: Mapping[str, int]) -> str:
    times = written(node.repeat, sizes)
    return "" if times == "1" else f"x {times}"


def _kind(declared: Kind, spec: TensorSpec | None, shared: Kind) -> Kind:
    if declared is not Kind.ANY:
        return declared
    return spec.kind if spec else shared


def _shared(inputs: Iterable[Input], arriving: Mapping[str, TensorSpec]) -> Kind:
    """Find the kind that all ports of a node share that take any."""
    if not arriving:
        return Kind.ANY
    open_ = {port.name for port in inputs if port.kind is Kind.ANY}
    kinds = (spec.kind for port, spec in arriving.items() if port.partition(".")[0] in open_)
    return next(kinds, Kind.ANY)


def _inputs(
    declared: Iterable[Input], connected: tuple[str, ...]
) -> Iterator[tuple[str, Kind, bool, bool]]:
    """List the input ports: the declared ones, and those that only an edge knows of."""
    rest = dict.fromkeys(connected)
    for port in declared:
        if port.variadic:
            taken = {int(index) for index in _indices(port.name, connected)}
            free = next(index for index in range(len(taken) + 1) if index not in taken)
            for index in sorted({*taken, free}):
                name = f"{port.name}.{index}"
                rest.pop(name, None)
                yield name, port.kind, index in taken, index not in taken
        else:
            joined = port.name in rest
            rest.pop(port.name, None)
            yield port.name, port.kind, joined, port.optional or bool(port.default)
    yield from ((name, Kind.ANY, True, False) for name in rest)


def _indices(stem: str, connected: Iterable[str]) -> Iterator[str]:
    for port in connected:
        name, _, index = port.partition(".")
        if name == stem and index.isdecimal() and str(int(index)) == index:
            yield index


def _outputs(
    declared: Iterable[Output], connected: tuple[str, ...]
) -> Iterator[tuple[str, Kind, bool]]:
    """List the output ports: the declared ones, and those that only an edge knows of."""
    known = [port.name for port in declared]
    yield from ((port.name, port.kind, port.name in connected) for port in declared)
    yield from ((name, Kind.ANY, True) for name in connected if name not in known)
