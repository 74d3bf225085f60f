"""The code of repeated nodes: a loop over copies with their own weights, or over one shared copy.

A composite, the expression that constructs one copy, and the values of its arguments -> a layer of
the class and a ``for`` loop, whose first output is loop-carried into the first input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from codegen.check.checked_graph import CheckedGraph
from codegen.check.composite_checks import chained_ports
from codegen.planning.cached_state import CachedStatePlan
from codegen.planning.checked_access import output_spec
from codegen.planning.module_attributes import ModuleAttributes
from codegen.planning.plan import Assign, CompoundStatement
from codegen.planning.values import Scope, Value
from codegen.source.identifiers import identifier
from nodes.core.graphs.graph import Composite, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.python_expression import Expr, call, generator, name


class ClassContext(Protocol):
    """The parts of a `class_planner.ClassPlanner` that the plan of a loop needs."""

    checked: CheckedGraph
    scope: Scope
    attributes: ModuleAttributes
    state: CachedStatePlan
    values: dict[PortRef, Value]

    def location(self, node_name: str) -> Location:
        """Return the location of a node."""


@dataclass(frozen=True, slots=True)
class RepeatedCall:
    """The call of a repeated node.

    Attributes:
        node_name: the name of the node.
        node: the node.
        constructor: the expression that constructs one copy.
        sources: the value of each argument, by input port.
        outputs: the output ports that a copy returns.
        start: the argument for the position of the first step, if the class takes one.
    """

    node_name: str
    node: Composite
    constructor: Expr
    sources: Mapping[str, Value]
    outputs: list[str]
    start: list[Expr]


MAX_LAYER_NAME = 24
"""The loop variable of a longer name is ``layer``, so that the loop fits on a line."""


def plan_repeat(context: ClassContext, repeated: RepeatedCall) -> None:
    """Plan the layer and the loop of one repeated node."""
    sources, node_name = repeated.sources, repeated.node_name
    _add_layer(context, repeated)
    chained = chained_ports(context.checked.sources[node_name], dict.fromkeys(repeated.outputs))
    into = {output: port for output, port in chained.items() if port in sources}
    output_of = {port: output for output, port in into.items()}
    invariant = [value for port, value in sources.items() if port not in output_of]
    for value in invariant:
        context.scope.assign(value)
    variables: dict[str, str] = {}
    for port in repeated.outputs:
        value = _output(context, node_name, port)
        if port in into:
            source, hint = sources[into[port]], identifier(node_name)
            variables[port] = context.scope.bind_loop_carried(source, value, hint)
        elif value.use_count:
            variables[port] = context.scope.declare(value, identifier(port))
        else:
            variables[port] = "_"
    for value in invariant:  # live in the whole loop, so its variable was not reused above
        value.remaining_uses -= 1
    arguments = [
        name(variables[output_of[port]]) if port in output_of else value.expr
        for port, value in sources.items()
    ]
    _add_loop(context, repeated, arguments + repeated.start, list(variables.values()))


def _add_layer(context: ClassContext, repeated: RepeatedCall) -> None:
    node, module = repeated.node, repeated.constructor
    count = context.attributes.expression(node.repeat, context.attributes.init_symbol)
    if not node.share:
        module = call("nn.ModuleList", generator(module, "_", call("range", count)))
    at = context.location(repeated.node_name)
    context.attributes.add_layer(repeated.node_name, module, at)


def _output(context: ClassContext, node_name: str, port: str) -> Value:
    """Return the value of an output; a new one if only the loop itself reads it."""
    ref = PortRef(node_name, port)
    return context.values.setdefault(ref, Value(output_spec(context.checked, ref)))


def _add_loop(
    context: ClassContext, repeated: RepeatedCall, arguments: list[Expr], targets: list[str]
) -> None:
    scope, state, node = context.scope, context.state, repeated.node
    layer, at = context.attributes.layer(repeated.node_name), context.location(repeated.node_name)
    copy = f"self.{layer}" if node.share else scope.loop_variable(_singular(layer))
    if repeated.node_name not in state.states:
        body = Assign(", ".join(targets), call(copy, *arguments), "", (at,))
        header = _header(context, node, copy, layer, "")
        scope.statements.append(CompoundStatement(header, (body,), (at,)))
        return
    index = scope.loop_variable("i")
    cache = state.of_copy(repeated.node_name, index)
    new_states = scope.names.create(f"{layer}_present" if len(state.states) > 1 else "present")
    suffix = "state" if state.argument == "state" else "present"
    new_state = scope.names.create(f"{_singular(layer)}_{suffix}")
    statements = (
        Assign(", ".join([*targets, new_state]), call(copy, *arguments, cache), "", (at,)),
        Assign(None, call(f"{new_states}.append", name(new_state)), "", (at,)),
    )
    scope.statements.append(Assign(new_states, Expr("[]"), "", (at,)))
    header = _header(context, node, copy, layer, index)
    scope.statements.append(CompoundStatement(header, statements, (at,)))
    state.new_states.append(name(new_states))


def _header(context: ClassContext, node: Composite, copy: str, layer: str, index: str) -> str:
    if node.share:
        count = context.attributes.expression(node.repeat, context.attributes.forward_symbol)
        return f"for {index or '_'} in range({count.text})"
    if index:
        return f"for {index}, {copy} in enumerate(self.{layer})"
    return f"for {copy} in self.{layer}"


def _singular(layer: str) -> str:
    if len(layer) > MAX_LAYER_NAME:
        return "layer"
    return layer[:-1] if len(layer) > 2 and layer.endswith("s") else "layer"
