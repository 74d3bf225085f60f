"""Problems of a model beyond its single nodes: inputs and outputs, ties, the recipe."""

from collections.abc import Iterator

from codegen.check import unknown_nodes
from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.fill_checks import fill_problems
from codegen.check.model_remedies import RemoveHyperparameter
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.recipe_checks import recipe_names, recipe_problems
from codegen.check.remedy import RemoveNode
from codegen.check.structure import places, running_graphs
from codegen.check.tied_padding import padding_problems
from codegen.check.tied_weights import tie_problems
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import MAIN, InputNode, Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim
from nodes.core.shapes.expression import NAME

NO_INPUT = "expected at least one input, got none"


def problems(drawn: Model, model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find the problems of a model whose graphs are checked.

    Args:
        drawn: the model as it was drawn.
        model: the model without the nodes that are bypassed.
        main: its checked graph.
    """
    yield from _block_problems(model)
    yield from _unchecked_problems(drawn, model, main)
    if not model.graph.input_nodes:
        yield Problem(Severity.ERROR, Location(), NO_INPUT)
    if not model.graph.output_nodes:
        yield _no_output(MAIN)
    yield from tie_problems(model, main)
    yield from padding_problems(model, main)
    yield from fill_problems(model, main)
    if model.recipe is not None:
        yield from recipe_problems(model, main)


def _block_problems(model: Model) -> Iterator[Problem]:
    for name, block in model.blocks.items():
        for node_name, node in block.nodes.items():
            if isinstance(node, InputNode) and not (node.blocks_only or isinstance(node, Unknown)):
                message = "expected a block input in a block, got an input of the model"
                remedies = (RemoveNode(name, node_name),)
                yield Problem(Severity.ERROR, Location(name, node_name), message, remedies)
        if not block.output_nodes:
            yield _no_output(name)


def _unchecked_problems(drawn: Model, model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find the nodes that break a rule where no check comes: in blocks, without what they read."""
    for name, block in model.blocks.items():
        broken = [key for key, node in block.nodes.items() if isinstance(node, Unknown)]
        broken = _that_matter(broken, name, drawn, model) if broken else []
        uses = [graph for graph in checked_graphs(main) if graph.name == name]
        for node_name in broken:
            node = block.nodes[node_name]
            if isinstance(node, Unknown) and not any(node_name in use.nodes for use in uses):
                context = NodeContext(model, block, name, node_name, ())
                yield from unknown_nodes.problems(context, node)


def _that_matter(broken: list[str], block: str, drawn: Model, model: Model) -> list[str]:
    """Leave out the broken nodes of a block that only bypassed nodes place.

    The inputs of a block are the ports of the nodes that place it, bypassed or not.
    """
    running = running_graphs(drawn, model)
    if block in running:
        return broken
    if not any(places(drawn.graphs[name], block) for name in running):
        return []
    types, nodes = node_types(), drawn.blocks[block].nodes
    of = {key: types.get(node.type) for key in broken if isinstance(node := nodes[key], Unknown)}
    return [key for key, one in of.items() if one is not None and issubclass(one, InputNode)]


def _no_output(name: str) -> Problem:
    """Report a graph without outputs."""
    return Problem(Severity.ERROR, Location(name), "expected at least one output, got none")


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
    if isinstance(node, Unknown):
        texts = (value for value in node.parameters.values() if isinstance(value, str))
        return names.union(*map(NAME.findall, texts))
    for key in node.open_fields:
        value = getattr(node, key)
        if isinstance(value, Dim):
            names |= value.hypers
        elif isinstance(value, Ref | NumberExpression):
            names |= value.names
    return names
