"""Inputs of composites that always have the same source as another input.

All checked graphs of a model -> for each kind of composite the inputs that every use of it aliases:
its class has one parameter for both, as a self-attention has one for query and key. Where another
use of the same class has two sources, as a cross-attention, the class has both parameters.
"""

from collections.abc import Iterable, Mapping

from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.composite_checks import chained_ports
from codegen.planning.checked_access import inferred
from nodes.core.graphs.graph import Composite, PortRef

Aliases = Mapping[str, str]
"""The earlier input of the same source, by input."""

PLACEMENT = frozenset(("repeat", "share"))
"""The parameters of a composite that say how its class is used."""


class ArgumentAliases:
    """The aliased inputs of all composites of a model."""

    def __init__(self, main: CheckedGraph) -> None:
        self._common: dict[object, Aliases] = {}
        for checked in checked_graphs(main):
            for name in checked.order:
                node = checked.graph.nodes[name]
                if isinstance(node, Composite) and name in checked.sources:
                    key, found = _kind(checked, name, node), _aliases(checked, name, node)
                    known = self._common.get(key, found)
                    self._common[key] = _common(checked.sources[name], found, known)

    def of(self, checked: CheckedGraph, name: str, node: Composite) -> tuple[tuple[str, str], ...]:
        """Return the aliased inputs of a composite, in the order of its ports."""
        inner = checked.nodes[name].inner
        if inner is None or inner.graph.step_inputs:
            return ()
        common = self._common[_kind(checked, name, node)]
        return tuple((port, common[port]) for port in checked.sources[name] if port in common)


def _common(ports: Iterable[str], left: Aliases, right: Aliases) -> Aliases:
    """Return the inputs that have the same source as an earlier one in both of two uses."""
    first: dict[tuple[str, str], str] = {}
    aliases: dict[str, str] = {}
    for port in ports:
        sources = left.get(port, port), right.get(port, port)
        if sources in first:
            aliases[port] = first[sources]
        first.setdefault(sources, port)
    return aliases


def _kind(checked: CheckedGraph, name: str, node: Composite) -> object:
    """Return what the uses of one class have in common, whatever their sources.

    In a chain of copies, an input without an edge reads what the copy before gives, which no
    argument of the first copy can say: its class has no parameter for it.
    """
    parameters = ((key, value) for key, value in vars(node).items() if key not in PLACEMENT)
    ports = frozenset(checked.sources[name])
    chained = (p for p in ports if node.repeat != 1 and not checked.has_edge(name, p))
    return type(node), *parameters, ports, frozenset(chained)


def _aliases(checked: CheckedGraph, name: str, node: Composite) -> Aliases:
    """Find the inputs of a composite with the same source as an earlier input in every copy.

    An input without an edge reads what its default reads: in a chain of copies the output of
    the copy before, where an edge to the input would feed the same to every copy.
    """
    first: dict[PortRef, str] = {}
    aliases: dict[str, str] = {}
    loop_carried: set[str] = set()
    checked_node = checked.nodes[name]
    if node.repeat != 1:
        loop_carried = set(
            chained_ports(checked_node.input_specs, inferred(checked_node).outputs).values()
        )
    defaults = {port.name: port.default for port in node.inputs}
    for port, ref in checked.sources[name].items():
        if not checked.has_edge(name, port):
            aliases[port] = aliases.get(defaults[port], defaults[port])
        elif port not in loop_carried:
            if ref in first:
                aliases[port] = first[ref]
            first.setdefault(ref, port)
    return aliases
