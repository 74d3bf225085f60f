"""Problems of composites: their graph, its outputs, and the chain of its copies."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from codegen.check.checked_graph import CheckedGraph
from codegen.check.input_checks import unconnected_problem
from codegen.check.mismatch import mismatch_problem
from codegen.check.node_context import NodeContext
from codegen.check.parameter_checks import validation_message
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter, join_words
from nodes.core.graphs.graph import Block, Composite, Graph, InputNode, Model
from nodes.core.graphs.node import InputMismatch, Node
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch, show_shape


def bind(model: Model, node: Composite, specs: Mapping[str, TensorSpec]) -> Bindings:
    """Bind the sizes at a composite's own ports.

    Raises:
        InputMismatch: a spec does not fit its port.
    """
    if isinstance(node, Block):
        return Bindings({}, model.sizes)
    return node.bind(specs, model.sizes)[0]


class ExpansionError(ValueError):
    """The graph of a composite cannot be built.

    Attributes:
        cause: what `Composite.expand` raised.
    """

    def __init__(self, cause: ValueError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def expand(node: Composite, dims: Bindings) -> Graph:
    """Build the graph that a composite stands for.

    Raises:
        ExpansionError: its sizes do not allow it.
    """
    try:
        return node.expand(dims)
    except ValueError as error:
        raise ExpansionError(error) from error


def size_problem(context: NodeContext, node: Node, error: ValueError) -> Problem:
    """Report a size that cannot be computed, or a graph that cannot be built from its sizes."""
    cause = error.cause if isinstance(error, ExpansionError) else error
    port = ""
    if isinstance(cause, InputMismatch):
        port, cause = cause.port, cause.cause
    elif isinstance(cause, ShapeMismatch):
        port = cause.origin or ""
    if port in context.graph.sources[context.node]:
        return mismatch_problem(context, node, InputMismatch(port, cause))
    if isinstance(cause, ShapeMismatch):
        return context.error(str(cause), cause=cause)
    if isinstance(cause, ValidationError):
        detail = cause.errors(include_url=False, include_input=False)[0]
        path = ".".join(map(str, (cause.title, *detail["loc"])))
        return context.error(f"in {path}: {validation_message(detail['msg'])}")
    return context.error(str(cause), cause=error)


def inner_problems(
    context: NodeContext, node: Composite, inner: CheckedGraph, specs: Mapping[str, TensorSpec]
) -> tuple[Problem, ...]:
    """Locate the problems of a composite's graph at the node, but those of a block in the block.

    What does not fit an input of the graph is a problem of the node's own port.
    """
    if isinstance(node, Block):
        return tuple(_at_boundary(context, node, problem, inner) for problem in inner.problems)
    return tuple(
        _at_port(context, node, problem, inner, specs)
        for problem in inner.problems
        if problem.severity is not Severity.WARNING
    )


def _at_boundary(
    context: NodeContext, node: Block, problem: Problem, inner: CheckedGraph
) -> Problem:
    """Locate what does not fit an input of a block at the node that places the block."""
    where, cause = problem.location, problem.cause
    at_input = where.graph == inner.name and where.node in inner.graph.input_nodes
    if at_input and isinstance(cause, InputMismatch):
        return mismatch_problem(context, node, InputMismatch(where.node, cause.cause))
    return problem


def _at_port(
    context: NodeContext,
    node: Composite,
    problem: Problem,
    inner: CheckedGraph,
    specs: Mapping[str, TensorSpec],
) -> Problem:
    """Locate a problem inside a composite at the port of the node that it comes from."""
    text = f"in {problem.location}: {problem.message}"
    cause, name = problem.cause, problem.location.node
    port = cause.port if isinstance(cause, InputMismatch) else ""
    source = inner.sources.get(name, {}).get(port)
    if source is None or not isinstance(cause, InputMismatch):
        return Problem(problem.severity, context.location(), text)
    entries = _inputs_before(inner, source.node)
    if len(entries) != 1:
        return Problem(problem.severity, context.location(), text)
    entry = entries[0]
    as_it_comes = source.node == entry or inner.spec(source) == specs.get(entry)
    declared = node.find_input(entry)
    while declared is not None and entry not in context.graph.sources[context.node]:
        entry = declared.default
        declared = node.find_input(entry)
    mismatch = InputMismatch(entry, cause.cause)
    if as_it_comes:
        return mismatch_problem(context, node, mismatch)
    return context.error(text, port=entry, cause=mismatch)


def _inputs_before(inner: CheckedGraph, name: str) -> list[str]:
    """List the input nodes that a node of a composite's graph depends on."""
    pending, seen = [name], {name}
    while pending:
        before = {ref.node for ref in inner.sources.get(pending.pop(), {}).values()} - seen
        seen |= before
        pending += before
    return [node for node in inner.graph.input_nodes if node in seen]


def missing_outputs(
    context: NodeContext, node: Composite, graph: Graph, present: Container[str]
) -> Iterator[Problem]:
    """Find outputs that depend on an optional input without an edge.

    Args:
        context: the node's context.
        node: the composite.
        graph: the graph it stands for.
        present: the nodes of the graph that have all their required sources.
    """
    outputs_of: dict[str, list[str]] = {}
    for output in graph.output_nodes:
        name = output
        while name not in present and not isinstance(graph.nodes[name], InputNode):
            refs = graph.sources[name].values()
            name = next(r.node for r in refs if r.node in graph.nodes and r.node not in present)
        if name not in present:
            outputs_of.setdefault(name, []).append(output)
    for name, outputs in outputs_of.items():
        port = next(port for port in context.model.ports(node)[0] if port.name == name)
        several = len(outputs) > 1
        which = (
            f"outputs {join_words(outputs)} depend" if several else f"output {outputs[0]} depends"
        )
        message = f"expected an edge, as the {which} on it, got none"
        yield replace(unconnected_problem(context, port), message=message)


def chain_problems(
    context: NodeContext,
    node: Composite,
    specs: Mapping[str, TensorSpec],
    outputs: Mapping[str, TensorSpec],
    dims: Bindings,
) -> tuple[Problem, ...]:
    """Check that the outputs of each copy of a repeated node fit the inputs of the next."""
    if node.repeat == 1:
        return ()
    remedy = SetParameter(context.graph_name, context.node, "repeat", 1)
    if not specs or not outputs:
        message = "expected a connected input and an output to repeat the node, got none"
        return (context.error(message, remedy),)
    for source, target in chained_ports(specs, outputs).items():
        spec, expected = outputs[source], specs[target]
        same_kind = spec.kind is expected.kind
        if not same_kind or not _equal(spec.shape, expected.shape, dims):
            needed, actual = show_shape(expected.shape), show_shape(spec.shape)
            if not same_kind:
                needed, actual = f"{expected.kind.value} {needed}", f"{spec.kind.value} {actual}"
            message = f"expected {needed} at {source}, as at {target}, to repeat the node"
            return (context.error(f"{message}, got {actual}", remedy),)
    return ()


def chained_ports(inputs: Mapping[str, object], outputs: Mapping[str, object]) -> dict[str, str]:
    """Return which output of a copy feeds which input of the next: the first feeds the first."""
    return {next(iter(outputs)): next(iter(inputs))}


def _equal(a: Shape, b: Shape, dims: Bindings) -> bool:
    return len(a) == len(b) and all(dims.agree(x, y) for x, y in zip(a, b, strict=True))
