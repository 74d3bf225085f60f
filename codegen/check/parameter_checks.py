"""Problems of a node's parameters, which need no shapes."""

import re
from collections.abc import Iterator
from math import isfinite

from pydantic import ValidationError

from codegen.check import ineffective, unknown_nodes
from codegen.check.model_remedies import SetHyperparameter
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem
from codegen.check.remedy import Remedy, RemoveNode, SetParameter
from nodes.core.graphs.graph import MAIN, MOST_REPEATS, Block, Composite, Model, OutputNode
from nodes.core.graphs.node import Node, NoNumber
from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.similar_names import closest, did_you_mean
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import AnyDim, Dim, show, substitute
from nodes.core.shapes.expression import rename
from nodes.core.shapes.size_limits import LARGEST, DimError

MOST_DETAILS = 5
"""The most problems that are reported of one node's validation."""

USUAL_SIZE = 128
"""The value of a hyperparameter that a remedy adds for a size."""

OTHER_SIZES = (64, 256, 32, 16, 8, 4, 2, 1, 48, 24, 12, 96, 6, 3, 512)
"""The other values that are tried for a size."""

MOST_BLOCKS = 3
"""The most blocks that are proposed for an unknown one."""

USUAL_NUMBER = 0.1
"""The value of a hyperparameter that a remedy adds for a number without a default."""


def problems(context: NodeContext, node: Node) -> Iterator[Problem]:
    """Find unknown names, values out of bounds, and violated rules between parameters."""
    if isinstance(node, Unknown):
        yield from unknown_nodes.problems(context, node)
        return
    if isinstance(node, Block) and node.block not in context.model.blocks:
        yield _unknown_block(context, node)
        return
    if node.blocks_only and context.graph_name == MAIN:
        end = "an output" if isinstance(node, OutputNode) else "an input of tokens or features"
        got = re.sub("(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()
        message = f"expected {end} in the main graph, got a {got}"
        yield context.error(message, RemoveNode(context.graph_name, context.node))
    unknown = list(_unknown_hyperparameters(context, node))
    yield from unknown or _wrong_values(context, node)


def _wrong_values(context: NodeContext, node: Node) -> Iterator[Problem]:
    """Find values that their parameters do not take, and violated rules between parameters."""
    try:
        resolved = node.resolve(context.model.values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        # The last of the details of a union is that of the number.
        messages = {str(one["loc"][0]) if one["loc"] else "": one["msg"] for one in details}
        for parameter, text in [*messages.items()][:MOST_DETAILS]:
            message = _with_expression(node, parameter, validation_message(text))
            yield _invalid(context, parameter, message)
        return
    except NoNumber as error:
        yield _invalid(context, error.parameter, str(error))
        return
    except DimError as error:
        yield _invalid(context, _undefined_size(context, node), str(error))
        return
    yield from _violated_rules(context, resolved)
    yield from ineffective.problems(context, resolved)


def _unknown_block(context: NodeContext, node: Block) -> Problem:
    """Report the name of a block that does not exist, and propose those that do."""
    similar = closest(node.block, context.model.blocks)
    message = f"expected the name of a block, got {ascii(node.block)}{did_you_mean(similar)}"
    blocks = [*context.model.blocks][:MOST_BLOCKS]
    remedies = [
        SetParameter(context.graph_name, context.node, "block", block)
        for block in dict.fromkeys([similar, *blocks] if similar else blocks)
    ]
    return context.error(message, *remedies, parameter="block")


def validation_message(message: str) -> str:
    """Return the message of a ValueError without what pydantic puts before it."""
    return message.removeprefix("Value error, ")


def _violated_rules(context: NodeContext, resolved: Node) -> Iterator[Problem]:
    """Find the rules that a node without names in its parameters violates."""
    for name, choices in resolved.choice_fields.items():
        if (value := getattr(resolved, name)) not in choices:
            yield _invalid(context, name, f"expected {' or '.join(choices)}, got {value}")
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
    """Find names of hyperparameters that the model does not have."""
    for parameter in node.open_fields:
        value = getattr(node, parameter)
        names = _names(value)
        for name in names:
            if name not in context.model.hyperparameters:
                yield _unknown_hyperparameter(context, node, parameter, name)


def _names(value: object) -> list[str]:
    """List the hyperparameters that a value names."""
    if isinstance(value, Ref | NumberExpression):
        return sorted(value.names)
    return sorted(value.hypers) if isinstance(value, Dim) else []


def _unknown_hyperparameter(context: NodeContext, node: Node, parameter: str, name: str) -> Problem:
    """Report an unknown name; propose the name or choice that it may stand for, or to add it."""
    value = getattr(node, parameter)
    choices = node.choice_fields.get(parameter, ())
    similar = closest(name, [*choices, *context.model.hyperparameters])
    message = f"expected the name of a hyperparameter, got {name}{did_you_mean(similar)}"
    renamed: object = similar
    if isinstance(value, Dim) and similar:
        renamed = rename(value, name, similar)
    elif isinstance(value, NumberExpression) and similar:
        renamed = value.renamed(name, similar)
    remedies: list[Remedy] = []
    if similar:
        remedies = [SetParameter(context.graph_name, context.node, parameter, renamed)]
    default = type(node).model_fields[parameter].default
    if isinstance(value, Dim):
        remedies += [SetHyperparameter(name, size) for size in usual_sizes(context.model)]
    elif isinstance(default, int | float | str):
        remedies.append(SetHyperparameter(name, default))
    else:
        remedies.append(SetHyperparameter(name, USUAL_NUMBER))
    return context.error(message, *remedies, parameter=parameter)


def usual_sizes(model: Model) -> list[int]:
    """List values for a size of a model: a usual one, those of its hyperparameters, and others."""
    known = (value for value in model.sizes.values() if 0 < value <= LARGEST)
    return [*dict.fromkeys((USUAL_SIZE, *known, *OTHER_SIZES))]


def _invalid(context: NodeContext, parameter: str, message: str) -> Problem:
    """Report an invalid value; propose other values of its hyperparameters, and the default."""
    node = context.graph.nodes[context.node]
    info = type(node).model_fields.get(parameter)
    remedies: list[Remedy] = []
    if info is not None and not info.is_required():
        remedies.append(SetParameter(context.graph_name, context.node, parameter, info.default))
        remedies += _valid_hyperparameters(context, node, parameter)
    return context.error(message, *remedies, parameter=parameter)


def _valid_hyperparameters(
    context: NodeContext, node: Node, parameter: str
) -> Iterator[SetHyperparameter]:
    """Propose values for the hyperparameters that an invalid parameter names."""
    value, default = getattr(node, parameter), type(node).model_fields[parameter].default
    names = _names(value)
    for name in names:
        present = context.model.values.get(name)
        values: list[int | float | str] = []
        if isinstance(value, Dim):
            whole = [round(present)] if isinstance(present, float) and isfinite(present) else []
            values = [*whole, *usual_sizes(context.model)]
        elif isinstance(default, int | float | str):
            values = [default]
        yield from (SetHyperparameter(name, one) for one in values if one != present)


def _undefined_size(context: NodeContext, node: Node) -> str:
    """Find the parameter whose expression has no value."""
    for name in node.open_fields:
        value = getattr(node, name)
        try:
            substitute(value if isinstance(value, Dim) else 0, context.model.values)
        except DimError:
            return name
    return ""


def _with_expression(node: Node, parameter: str, message: str) -> str:
    """Add the expression of a parameter to a message that states its value."""
    value = getattr(node, parameter, None)
    if value is None or isinstance(value, int | float | str | bool):
        return message
    expression = show(value) if isinstance(value, Dim) else str(value)
    expected, got, number = message.rpartition(", got ")
    return f"{expected}{got}{expression} = {number}" if got else f"{expression}: {message}"
