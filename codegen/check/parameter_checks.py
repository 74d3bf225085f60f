"""Problems of a node's parameters, which need no shapes."""

from collections.abc import Iterator

from pydantic import ValidationError

from codegen.check import ineffective
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem
from codegen.check.remedy import RemoveNode, SetHyperparameter, SetParameter
from nodes.core.graphs.graph import MAIN, MOST_REPEATS, Block, Composite
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import AnyDim, Dim, DimError, show, substitute
from nodes.io import BlockInput

LARGEST = 2**31 - 1
"""The largest size that PyTorch's layers take on every platform."""

MOST_DETAILS = 5
"""The most problems that are reported of one node's validation."""

USUAL_SIZE = 128
"""The value of a hyperparameter that a remedy adds for a size."""

USUAL_NUMBER = 0.1
"""The value of a hyperparameter that a remedy adds for a number without a default."""


def problems(context: NodeContext, node: Node) -> Iterator[Problem]:
    """Find unknown names, values out of bounds, and violated rules between parameters."""
    if isinstance(node, Unknown):
        expected = "expected an installed node type"
        message = f"{expected}, got {ascii(node.type)}; its parameters and edges are kept"
        yield context.error(message, RemoveNode(context.graph_name, context.node))
        return
    if isinstance(node, Block) and node.block not in context.model.blocks:
        message = f"expected the name of a block, got {ascii(node.block)}"
        yield context.error(message, parameter="block")
        return
    if isinstance(node, BlockInput) and context.graph_name == MAIN:
        message = "expected an input of tokens or features in the main graph, got a block input"
        yield context.error(message, RemoveNode(context.graph_name, context.node))
        return
    unknown = list(_unknown_hyperparameters(context, node))
    if unknown:
        yield from unknown
        return
    try:
        resolved = node.resolve(context.model.values)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False)[:MOST_DETAILS]:
            parameter = str(detail["loc"][0]) if detail["loc"] else ""
            message = _with_expression(node, parameter, validation_message(detail["msg"]))
            yield _invalid(context, parameter, message)
        return
    except DimError as error:
        yield _invalid(context, _undefined_size(context, node), str(error))
        return
    yield from _violated_rules(context, resolved)
    yield from ineffective.problems(context, resolved)


def validation_message(message: str) -> str:
    """Return the message of a ValueError without what pydantic puts before it."""
    return message.removeprefix("Value error, ")


def _violated_rules(context: NodeContext, resolved: Node) -> Iterator[Problem]:
    """Find the rules that a node without names in its parameters violates."""
    for name, choices in resolved.choice_fields.items():
        if (value := getattr(resolved, name)) not in choices:
            yield _invalid(context, name, f"expected {' or '.join(choices)}, got {value}")
    for name in resolved.size_fields:
        size = getattr(resolved, name)  # a Dim in a composite's graph if the size is free
        if isinstance(size, int) and size > LARGEST:
            yield _invalid(context, name, f"expected a size of at most {LARGEST}, got {size}")
    if isinstance(resolved, Composite) and _is_above(resolved.repeat, MOST_REPEATS):
        remedy = SetParameter(context.graph_name, context.node, "repeat", 1)
        message = f"expected at most {MOST_REPEATS} copies, got {resolved.repeat}"
        yield context.error(message, remedy, parameter="repeat")
    for error in resolved.parameter_errors():
        remedies = (
            SetParameter(context.graph_name, context.node, error.parameter, value)
            for value in error.fixes
        )
        yield context.error(error.text, *remedies, parameter=error.parameter)


def _is_above(size: AnyDim, bound: int) -> bool:
    return isinstance(size, int) and size > bound


def _unknown_hyperparameters(context: NodeContext, node: Node) -> Iterator[Problem]:
    """Find names of hyperparameters that the model does not have, and propose to add them."""
    for parameter in node.open_fields:
        value = getattr(node, parameter)
        names = [value.name] if isinstance(value, Ref) else sorted(getattr(value, "hypers", ()))
        default = type(node).model_fields[parameter].default
        initial = USUAL_SIZE if isinstance(value, Dim) else default
        if not isinstance(initial, int | float | str):
            initial = USUAL_NUMBER
        for name in names:
            if name not in context.model.hyperparameters:
                message = f"expected the name of a hyperparameter, got {name}"
                remedy = SetHyperparameter(name, initial)
                yield context.error(message, remedy, parameter=parameter)


def _invalid(context: NodeContext, parameter: str, message: str) -> Problem:
    """Report an invalid value, and propose the default."""
    info = type(context.graph.nodes[context.node]).model_fields.get(parameter)
    if info is None or info.is_required():
        return context.error(message, parameter=parameter)
    remedy = SetParameter(context.graph_name, context.node, parameter, info.default)
    return context.error(message, remedy, parameter=parameter)


def _undefined_size(context: NodeContext, node: Node) -> str:
    """Find the parameter whose expression has no value."""
    for name in node.size_fields:
        try:
            substitute(getattr(node, name) or 0, context.model.values)
        except DimError:
            return name
    return ""


def _with_expression(node: Node, parameter: str, message: str) -> str:
    """Add the expression of a parameter to a message that states its value."""
    value = getattr(node, parameter, None)
    if value is None or isinstance(value, int | float | str | bool):
        return message
    expression = getattr(value, "name", None) or show(value)
    expected, got, number = message.rpartition(", got ")
    return f"{expected}{got}{expression} = {number}" if got else f"{expression}: {message}"
