"""Blocks that are the body of a loop over the steps of a sequence: specs and problems.

The specs at the ports of the block -> those of one step at the input nodes of its graph; the specs
at its output nodes -> those at the ports, with the steps as second dimension.
"""

from collections.abc import Iterator, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Connect, RemoveNode, SetParameter
from nodes.core.graphs.graph import MAIN, Block, Graph, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import InputMismatch
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import parse_pattern
from nodes.core.shapes.shape import Bindings, show_shape
from nodes.core.shapes.size_comparison import Match, same
from nodes.io.state_input import StateInput

SEQUENCE = parse_pattern("B T")
"""The first dimensions of a sequence that a loop runs over."""


def step_specs(
    body: Graph, specs: Mapping[str, TensorSpec], values: dict[str, int]
) -> dict[str, TensorSpec]:
    """Return the specs of one step; a state that is not connected has the spec of zeros.

    Raises:
        InputMismatch: a sequence has no steps, or others than another sequence.
    """
    dims, inner = Bindings({}, values), dict(specs)
    for name in body.step_inputs:
        if name not in specs:
            continue
        shape, kind = specs[name]
        try:
            dims.match(SEQUENCE, shape[:2], name)
        except ValueError as error:
            raise InputMismatch(name, error) from error
        inner[name] = TensorSpec((shape[0], *shape[2:]), kind)
    batch = dims.sizes.get("B")
    for name in body.states.values():
        if name not in inner and batch is not None:
            inner[name] = TensorSpec((batch, state_size(body, name)), Kind.FEATURES)
    return inner


def state_size(body: Graph, name: str) -> AnyDim:
    """Return the size of a state."""
    node = body.nodes[name]
    assert isinstance(node, StateInput), name
    return node.size


def sequence_specs(
    body: Graph, specs: Mapping[str, TensorSpec], results: Mapping[str, TensorSpec]
) -> dict[str, TensorSpec]:
    """Return the specs at the output ports: what each step gives, and the last states."""
    steps = specs[body.step_inputs[0]].shape[1]
    return {
        name: spec
        if body.output_nodes[name].is_state
        else TensorSpec((spec.shape[0], steps, *spec.shape[1:]), spec.kind)
        for name, spec in results.items()
    }


def body_problems(model: Model, graph: Graph, name: str) -> Iterator[Problem]:
    """Find states that are not passed on, or that no loop passes on."""
    inputs = [key for key, node in graph.input_nodes.items() if node.is_state]
    outputs = [key for key, node in graph.output_nodes.items() if node.is_state]
    if name == MAIN or not (inputs or outputs):
        return
    paired: set[str] = set()
    for key in outputs:
        context = NodeContext(model, graph, name, key, ())
        state = graph.states.get(key, "")
        ref = graph.sources[key].get("state")
        if ref is not None and state not in inputs:
            message = f"expected an edge from a StateInput, got one from {ref}"
            yield context.error(message, *_pairings(graph, name, key, inputs), port="state")
        elif state in paired:
            message = f"expected one StateOutput for {state}, got a second one"
            others = _pairings(graph, name, key, inputs)
            yield context.error(message, *others, RemoveNode(name, key), port="state")
        paired.add(state)
    unread = [key for key in inputs if key not in paired]
    for key in unread if len(unread) > len(outputs) - len(paired & {*inputs}) else ():
        message = "expected a StateOutput that gives it its next value, got none"
        yield NodeContext(model, graph, name, key, ()).error(message)
    if not graph.step_inputs:
        message = "expected a StepInput in a block with a state, got none"
        yield NodeContext(model, graph, name, (inputs or outputs)[0], ()).error(message)


def _pairings(graph: Graph, name: str, output: str, inputs: list[str]) -> Iterator[Connect]:
    """Propose the states that no other output passes on."""
    for state in inputs:
        if state not in graph.states.values():
            yield Connect(name, PortRef(state, "output"), PortRef(output, "state"))


def placement_problems(
    context: NodeContext,
    node: Block,
    inner: CheckedGraph,
    specs: Mapping[str, TensorSpec],
) -> Iterator[Problem]:
    """Find what keeps a block from being run as a loop where it is placed."""
    body = inner.graph
    if node.repeat != 1:
        expected = "expected repeat 1, as the block is a loop over steps; for a stack of loops"
        message = f"{expected}, repeat a block that contains it; got {node.repeat}"
        remedy = SetParameter(context.graph_name, context.node, "repeat", 1)
        yield context.error(message, remedy, parameter="repeat")
    starts = [name for name in body.states.values() if name not in specs]
    if starts and not any(spec.kind is Kind.FEATURES for spec in specs.values()):
        message = "expected an edge, as no input has features whose data type zeros could have"
        yield context.error(f"{message}, got none", port=starts[0])
    batch = next(specs[name].shape[0] for name in body.step_inputs if name in specs)
    for name, spec in inner.results.items():
        sizes = context.model.sizes
        if not spec.shape or same(spec.shape[0], batch, sizes) is Match.NO:
            expected = f"expected the batch {batch} as first dimension of each step"
            message = f"{expected}, got {show_shape(spec.shape)}"
            where = Location(inner.name, name, "input")
            yield Problem(Severity.ERROR, where, message)
