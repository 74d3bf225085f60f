"""The code of a block that is the body of a loop over the steps of a sequence.

The checked body and the values of its arguments -> a layer of the class, and a ``for`` loop that
calls it with one step after the other, carries its states and collects what it returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.check.checked_graph import CheckedGraph
from codegen.check.loop_bodies import state_size
from codegen.planning.plan import Assign, CompoundStatement
from codegen.planning.repeats import ClassContext
from codegen.planning.values import PendingExpression, Value, pack
from codegen.source.identifiers import identifier
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr, call, name

MAX_HEADER = 88 - len("        :")
"""The widest head of a loop in ``forward``."""

MAX_NAMES = 40
"""The variables of several steps are numbered where their names are longer than that."""


@dataclass(frozen=True, slots=True)
class StepLoop:
    """A loop over steps.

    Attributes:
        node_name: the name of the node that places the block.
        inner: its checked graph.
        constructor: the expression that constructs the module of one step.
        sources: the value at each input port that the loop reads.
        parameters: the input ports, and the shared values, that the module takes, in order.
        outputs: the outputs that the module returns, in order.
    """

    node_name: str
    inner: CheckedGraph
    constructor: Expr
    sources: Mapping[str, Value]
    parameters: list[str]
    outputs: list[str]

    @property
    def states(self) -> dict[str, str]:
        """The state input of each state output that is read."""
        states = self.inner.graph.states
        return {name: state for name, state in states.items() if name in self.outputs}


def plan_step_loop(context: ClassContext, loop: StepLoop) -> None:
    """Plan the layer and the loop, and set the values of the outputs."""
    at = context.location(loop.node_name)
    context.attributes.add_layer(loop.node_name, loop.constructor, at)
    for port, value in loop.sources.items():
        if port in loop.states.values() and value.remaining_uses == 1:
            value.role = value.role or identifier(port)
        context.scope.assign(value)
    states = _start_states(context, loop)
    graph, scope = loop.inner.graph, context.scope
    values = {loop.inner.sources[name]["input"]: state for name, state in states.items()}
    collected: dict[str, str] = {}
    lists: dict[str, str] = {}
    for port in graph.output_nodes:
        is_read = PortRef(loop.node_name, port) in context.values
        if port in states or not is_read:
            continue
        variable = values.get(loop.inner.sources[port]["input"])
        variable = variable or scope.names.create(identifier(port))
        collected[port] = variable
        lists[port] = scope.names.create(f"{identifier(port).removesuffix('s')}s")
        scope.statements.append(Assign(lists[port], Expr("[]"), "", (at,)))
    header, steps = _header(context, loop)
    arguments = _arguments(loop, states, steps)
    targets = [states.get(port) or collected.get(port, "_") for port in loop.outputs]
    layer = f"self.{context.attributes.layer(loop.node_name)}"
    body = [Assign(", ".join(targets), call(layer, *arguments), "", (at,))]
    for port, variable in collected.items():
        body.append(Assign(None, call(f"{lists[port]}.append", name(variable)), "", (at,)))
    scope.statements.append(CompoundStatement(header, tuple(body), (at,)))
    for value in loop.sources.values():
        value.remaining_uses -= 1
    for port, variable in lists.items():
        value = context.values[PortRef(loop.node_name, port)]
        stacked = call("torch.stack", name(variable), dim=1)
        value.pending = PendingExpression(stacked, (), (at,), identifier(loop.node_name))
        if value.remaining_uses > 1:
            scope.assign(value)


def _start_states(context: ClassContext, loop: StepLoop) -> dict[str, str]:
    """Assign the states before the first step to variables; return these by state output."""
    scope, starts, variables = context.scope, [], {}
    is_cached = loop.node_name in context.state.states
    is_argument = is_cached and len(context.state.states) == len(loop.states) == 1
    for output, state in loop.states.items():
        given = loop.sources.get(state)
        starts.append(given.expr if given is not None else _zeros(context, loop, state))
        is_last_use = given is not None and given.remaining_uses == 1 and not is_cached
        reused = given.variable if given is not None and is_last_use else ""
        reused = context.state.argument if is_argument else reused
        variables[output] = reused or scope.names.create(identifier(state))
    cached = context.state.of_node(loop.node_name, pack(starts))
    if cached is not None:
        targets = [*variables.values()]
        scope.statements.append(Assign(", ".join(targets), cached))
        context.state.new_states.append(pack([name(target) for target in targets]))
    else:
        for target, start in zip(variables.values(), starts, strict=True):
            if target == start.text:
                continue
            scope.statements.append(Assign(target, start, "", (context.location(loop.node_name),)))
    for output, variable in variables.items():
        if (value := context.values.get(PortRef(loop.node_name, output))) is not None:
            value.variable = variable
    return variables


def _zeros(context: ClassContext, loop: StepLoop, state: str) -> Expr:
    """Write the zeros of a state, of the data type and the device of an input of features."""
    steps, graph = loop.inner.graph.step_inputs, loop.inner.graph
    ports = [*(port for port in steps if port in loop.sources), *loop.sources]
    like = next(
        loop.sources[port] for port in ports if loop.sources[port].spec.kind is Kind.FEATURES
    )
    size = state_size(graph, state)
    width = context.attributes.expression(size, context.attributes.forward_symbol)
    first = loop.sources[next(port for port in ports if port in steps)]
    return like.expr.method("new_zeros", first.expr.attr("shape")[0], width)


def _header(context: ClassContext, loop: StepLoop) -> tuple[str, dict[str, str]]:
    """Write the head of the loop; return the variable of each step."""
    ports = [port for port in loop.sources if port in loop.inner.graph.step_inputs]
    scope = context.scope
    hints = [f"{identifier(port)}_step" for port in ports]
    if len(ports) == 1 or sum(map(len, hints)) > MAX_NAMES:
        hints = ["step"] * len(ports)
    steps = {port: scope.names.create(hint) for port, hint in zip(ports, hints, strict=True)}
    sequences = [loop.sources[port].expr.method("unbind", 1) for port in ports]
    over = sequences[0] if len(ports) == 1 else call("zip", *sequences, strict=True)
    header = f"for {', '.join(steps.values())} in "
    if len(header) + len(over.text) > MAX_HEADER:
        variable = scope.names.create("steps")
        scope.statements.append(Assign(variable, over))
        over = name(variable)
    return header + over.text, steps


def _arguments(loop: StepLoop, states: Mapping[str, str], steps: Mapping[str, str]) -> list[Expr]:
    """List the arguments of the call: a step, a state, or what is the same at every step."""
    of_state = {state: states[output] for output, state in loop.states.items()}
    variables = {**of_state, **steps}
    return [
        name(variables[port]) if port in variables else loop.sources[port].expr
        for port in loop.parameters
    ]
