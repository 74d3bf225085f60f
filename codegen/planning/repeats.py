"""Repeated nodes: a loop over copies with weights of their own, or one copy applied again."""

from collections.abc import Mapping
from typing import Protocol

from codegen.check.composite_checks import chained_ports
from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location
from codegen.planning.cached_state import Remembering
from codegen.planning.module_attributes import Attributes
from codegen.planning.plan import Assign, Suite
from codegen.planning.values import Scope, Value
from codegen.source.identifiers import identifier
from nodes.core.graphs.graph import Composite, PortRef
from nodes.core.graphs.python_expression import Expr, call, each, name


class Body(Protocol):
    """What a chain needs of the class that it stands in."""

    checked: CheckedGraph
    scope: Scope
    attributes: Attributes
    memory: Remembering
    values: dict[PortRef, Value]

    def at(self, node_name: str) -> Location:
        """Address a node."""


Given = tuple[Mapping[str, Value], list[str], list[Expr]]


LONG = 24
"""The copies of a layer with a longer name get a short one, so that the loop fits on a line."""


def write_chain(body: Body, node_name: str, node: Composite, build: Expr, given: Given) -> None:
    """Write the module list and the loop of one repeated node.

    Args:
        body: the class that it stands in.
        node_name: its name.
        node: the node.
        build: builds one copy.
        given: the value of each argument, the outputs, and where the piece begins if it is told.
    """
    sources, ports, start = given
    count = body.attributes.expression(node.repeat, body.attributes.in_init)
    if not node.share:
        build = call("nn.ModuleList", call_each(build, count))
    body.attributes.add_layer(node_name, build, body.at(node_name))
    chained = chained_ports(body.checked.sources[node_name], dict.fromkeys(ports))
    into = {source: target for source, target in chained.items() if target in sources}
    carries = {target: source for source, target in into.items()}
    stays = [value for port, value in sources.items() if port not in carries]
    for value in stays:
        body.scope.assign(value)
    values = {port: _output(body, node_name, port) for port in ports}
    taken = {
        port: body.scope.enter(sources[into[port]], value, identifier(node_name))
        if port in into
        else (body.scope.declare(value, identifier(port)) if value.readers else "_")
        for port, value in values.items()
    }
    for value in stays:  # each copy reads it, so what enters the loop has not taken its variable
        value.uses -= 1
    arguments = [
        name(taken[carries[port]]) if port in carries else value.expr
        for port, value in sources.items()
    ]
    _loop(body, node_name, node, (arguments + start, [taken[port] for port in ports]))


def call_each(build: Expr, count: Expr) -> Expr:
    """Write ``build for _ in range(count)``."""
    return each(build, "_", call("range", count))


def _output(body: Body, node_name: str, port: str) -> Value:
    """Find the value of an output; one that only the loop reads is made now."""
    ref = PortRef(node_name, port)
    return body.values.setdefault(ref, Value(body.checked.spec(ref), 0))


def _loop(
    body: Body,
    node_name: str,
    node: Composite,
    called: tuple[list[Expr], list[str]],
) -> None:
    arguments, targets = called
    scope, memory = body.scope, body.memory
    layer, at = body.attributes.layer(node_name), (body.at(node_name),)
    copy = f"self.{layer}" if node.share else scope.names.take(_singular(layer))
    if node_name not in memory.memories:
        steps = (Assign(", ".join(targets), call(copy, *arguments), "", at),)
        scope.statements.append(Suite(_header(body, node, copy, layer, ""), steps, at))
        return
    index = scope.names.take("i")
    past = _past(body, node_name, index)
    present = scope.names.take(f"{layer}_present" if len(memory.memories) > 1 else "present")
    one = scope.names.take(f"{_singular(layer)}_{'state' if memory.word == 'state' else 'present'}")
    steps = (
        Assign(", ".join([*targets, one]), call(copy, *arguments, past), "", at),
        Assign(None, call(f"{present}.append", name(one)), "", at),
    )
    scope.statements.append(Assign(present, Expr("[]"), "", at))
    scope.statements.append(Suite(_header(body, node, copy, layer, index), steps, at))
    memory.presents.append(name(present))


def _past(body: Body, node_name: str, index: str) -> Expr:
    """Write the past of the copy that the loop is at."""
    memory = body.memory
    if len(memory.memories) == 1:
        return memory.entry(name(index))
    return memory.entry(list(memory.memories).index(node_name), name(index))


def _header(body: Body, node: Composite, copy: str, layer: str, index: str) -> str:
    if node.share:
        count = body.attributes.expression(node.repeat, body.attributes.in_forward)
        return f"for {index or '_'} in range({count.text})"
    if index:
        return f"for {index}, {copy} in enumerate(self.{layer})"
    return f"for {copy} in self.{layer}"


def _singular(layer: str) -> str:
    if len(layer) > LONG:
        return "layer"
    return layer[:-1] if len(layer) > 2 and layer.endswith("s") else f"{layer}_copy"
