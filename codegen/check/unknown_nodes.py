"""Problems of a node that is kept as it is written: its type, or rules that it breaks."""

from collections.abc import Iterator

from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem
from codegen.check.remedy import Remedy, RemoveParameter, SetParameter, SetType
from nodes.core.files.node_entries import Path, broken_rules, plain, rules_broken_by
from nodes.core.graphs.catalog import node_types, unavailable_types
from nodes.core.graphs.node import Node
from nodes.core.graphs.similar_names import closest, did_you_mean
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.expression import NAME

MOST_VALUES = 2
"""The most values that the remedies of a parameter propose."""


class NotLoaded(ValueError):
    """The type of a node is available, but not loaded."""


def problems(context: NodeContext, node: Unknown) -> Iterator[Problem]:
    """Report that the type is not installed, or each parameter that breaks one of its rules."""
    if node.declared is None:
        if where := unavailable_types().get(node.type):
            message = f"expected a loaded node type, got {repr(node.type)}: {where}"
            yield context.error(message, cause=NotLoaded(message))
            return
        similar = closest(node.type, node_types())
        question = did_you_mean(similar) or "; its parameters and edges are kept"
        message = f"expected an installed node type, got {repr(node.type)}{question}"
        remedies = [SetType(context.graph_name, context.node, similar)] if similar else []
        yield context.error(message, *remedies)
        return
    for parameter, (path, message) in rules_broken_by(node).items():
        fixes = _remedies(context, node, node.declared, parameter)
        text = _message(node, parameter, path, message)
        yield context.error(text, *fixes, parameter=parameter)


def _message(node: Unknown, parameter: str, path: Path, message: str) -> str:
    """Add what was written to the message of a rule."""
    if node.declared is not None and parameter not in node.declared.model_fields:
        return f"expected a parameter of {node.type}, got {repr(parameter)}"
    written = node.parameters.get(parameter)
    expected, got, number = message.rpartition(", got ")
    if isinstance(written, str) and got and number.lstrip("-").isdecimal():
        return f"{expected}{got}{written} = {number}"
    inside = "".join(f"[{step}]" for step in path[1:])
    return f"{inside}: {message}" if inside else message


def _remedies(
    context: NodeContext, node: Unknown, declared: type[Node], parameter: str
) -> Iterator[Remedy]:
    place = context.graph_name, context.node, parameter
    if parameter not in declared.model_fields:
        free = [name for name in declared.model_fields if name not in node.parameters]
        name = closest(parameter, free)
        if name and name not in broken_rules(declared, {name: node.parameters[parameter]}):
            yield RemoveParameter(*place, name)
        yield RemoveParameter(*place)
        return
    valid = [
        value
        for value in (*_candidates(context, node, declared, parameter), 1)
        if parameter not in broken_rules(declared, {parameter: plain(value)})
    ]
    # The least size is proposed where nothing else is known.
    for value in [*dict.fromkeys(valid[:-1] or valid)][:MOST_VALUES]:
        yield SetParameter(*place, value)


def _candidates(
    context: NodeContext, node: Unknown, declared: type[Node], parameter: str
) -> Iterator[object]:
    """Yield the values that may have been meant, the likeliest first, then the default."""
    written, info = node.parameters.get(parameter), declared.model_fields[parameter]
    if isinstance(written, str):
        known = context.model.hyperparameters if parameter in declared.open_fields else {}
        yield from (name for name in NAME.findall(written) if name in known)
        words = [*declared.choice_fields.get(parameter, ()), *known]
        if similar := closest(written, words):
            yield similar
    if isinstance(written, int | float) and not isinstance(written, bool):
        yield abs(written)
    if isinstance(written, float) and written.is_integer():
        yield int(written)
    if not info.is_required():
        yield info.get_default(call_default_factory=True)
    if parameter == "block":
        yield from context.model.blocks
