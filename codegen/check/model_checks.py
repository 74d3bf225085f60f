"""Problems of a model beyond its single nodes: inputs and outputs, tied weights, the recipe."""

from collections.abc import Iterable, Iterator

from codegen.check.bypass import BypassedGraph
from codegen.check.checked_graph import CheckedGraph
from codegen.check.fill_checks import fill_problems
from codegen.check.problem import Problem, Severity
from codegen.check.recipe_checks import recipe_names, recipe_problems
from codegen.check.remedy import AddNode, RemoveHyperparameter, RemoveNode, SetParameter
from codegen.check.tied_padding import padding_problems
from nodes.core.graphs.graph import MAIN, InputNode, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim
from nodes.core.shapes.shape import Shape
from nodes.core.shapes.size_comparison import Match, same
from nodes.io import BlockInput


def problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find the problems of a model whose graphs are checked."""
    yield from _block_problems(model)
    if not model.graph.input_nodes:
        remedy = AddNode(MAIN, "TokenInput")
        message = "expected at least one input, got none"
        yield Problem(Severity.ERROR, Location(), message, (remedy,))
    if not model.graph.output_nodes:
        yield _no_output(model, MAIN, main.order)
    yield from _tie_problems(model, main)
    yield from fill_problems(model, main)
    if model.recipe is not None:
        yield from recipe_problems(model, main)


def _block_problems(model: Model) -> Iterator[Problem]:
    for name, block in model.blocks.items():
        for node_name, node in block.nodes.items():
            if isinstance(node, InputNode) and not isinstance(node, BlockInput):
                message = "expected a block input in a block, got an input of the model"
                remedies = (RemoveNode(name, node_name),)
                yield Problem(Severity.ERROR, Location(name, node_name), message, remedies)
        if not block.output_nodes:
            yield _no_output(model, name, block.nodes)


def _no_output(model: Model, name: str, order: Iterable[str]) -> Problem:
    """Report a graph without outputs, and propose one for the last port that nothing reads."""
    graph = model.graphs[name]
    read = set(graph.edges.values())
    unread = [
        PortRef(node_name, port.name)
        for node_name in order
        for port in model.ports(graph.nodes[node_name])[1][:1]
        if PortRef(node_name, port.name) not in read
    ]
    remedy = AddNode(name, "GraphOutput", (), unread[-1] if unread else None)
    message = "expected at least one output, got none"
    return Problem(Severity.ERROR, Location(name), message, (remedy,))


def _tie_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Check that tied weights exist and have equal shapes."""
    for checked in _checked_graphs(main):
        for name in checked.order:
            other = checked.graph.nodes[name].tied_to
            message = _tie_message(checked, model, name, other) if other else ""
            if message:
                remedy = SetParameter(checked.name, name, "tie", "")
                where = Location(checked.name, name, parameter="tie")
                yield Problem(Severity.ERROR, where, message, (remedy,))
        yield from padding_problems(checked.graph.nodes, checked.name, model.sizes)


def _tie_message(checked: CheckedGraph, model: Model, name: str, other: str) -> str:
    """Describe what is wrong with the tie of one node's weight to another's; "" if nothing."""
    if isinstance(checked.graph, BypassedGraph) and other in checked.graph.replacements:
        return f"expected a node that is not bypassed, got {other}"
    if other not in checked.graph.nodes:
        return f"expected the name of a node, got {ascii(other)}"
    if other == name:
        return "expected another node, got the node itself"
    shape, tied = _weight(checked, name), _weight(checked, other)
    if shape is None or tied is None:
        return f"expected a node with a weight, got {other}"
    if len(shape) != len(tied) or any(
        same(a, b, model.sizes) is Match.NO for a, b in zip(shape, tied, strict=True)
    ):
        expected, actual = (" x ".join(map(str, sizes)) for sizes in (shape, tied))
        return f"expected a node with a weight of {expected}, got {other} with {actual}"
    return ""


def _weight(checked: CheckedGraph, name: str) -> Shape | None:
    """Look up the shape of the weight that a node owns and can share."""
    node = checked.graph.nodes[name]
    checked_node = checked.nodes.get(name)
    if not checked_node or not checked_node.inferred or checked_node.inner is not None:
        return None
    return node.weights(checked_node.inferred.dims).get("weight") if hasattr(node, "tie") else None


def _checked_graphs(main: CheckedGraph) -> Iterator[CheckedGraph]:
    """Iterate over a checked graph and those inside it, each once."""
    pending, seen = [main], set()
    while pending:
        checked = pending.pop()
        if id(checked) not in seen:
            seen.add(id(checked))
            yield checked
            pending += [node.inner for node in checked.nodes.values() if node.inner is not None]


def unused_hyperparameters(model: Model) -> Iterator[Problem]:
    """Find the hyperparameters that neither a node, bypassed or not, nor the recipe names."""
    used = set(recipe_names(model.recipe))
    for graph in model.graphs.values():
        for node in graph.nodes.values():
            used |= named_hyperparameters(node)
    for name in model.hyperparameters:
        if name not in used:
            where = Location(parameter=name)
            message = "expected a use of the hyperparameter, got none"
            yield Problem(Severity.HINT, where, message, (RemoveHyperparameter(name),))


def named_hyperparameters(node: Node) -> set[str]:
    """Return the hyperparameters that a node's parameters name."""
    names: set[str] = set()
    for key in node.open_fields:
        value = getattr(node, key)
        if isinstance(value, Dim):
            names |= value.hypers
        elif isinstance(value, Ref):
            names.add(value.name)
    return names
