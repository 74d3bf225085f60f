"""Problems of a node's parameters, found before anything is built."""

from collections.abc import Iterator

from pydantic import ValidationError

from codegen.check.input_checks import NodeContext
from codegen.check.problem import Problem
from codegen.check.remedy import RemoveNode, SetHyperparameter, SetParameter
from nodes.core.graphs.graph import MAIN, MOST_REPEATS, Block, Composite
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim, DimError, show, substitute
from nodes.io import BlockInput

LARGEST = 2**31 - 1
"""The largest size that PyTorch's layers take on every platform."""


def problems(place: NodeContext, node: Node) -> Iterator[Problem]:
    """Find unknown hyperparameters, values out of bounds, and rules between parameters broken."""
    if isinstance(node, Unknown):
        text = f"there is no node type {ascii(node.type)} here; its parameters and edges are kept"
        yield place.error(text, RemoveNode(place.name, place.node))
        return
    if isinstance(node, Block) and node.block not in place.model.blocks:
        yield place.error(f"there is no block {ascii(node.block)}", parameter="block")
        return
    if isinstance(node, BlockInput) and place.name == MAIN:
        text = "this input belongs into a block; the model itself takes tokens or features"
        yield place.error(text, RemoveNode(place.name, place.node))
        return
    unknown = list(_unknown(place, node))
    if unknown:
        yield from unknown
        return
    try:
        resolved = node.resolve(place.model.values)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False)[:5]:
            parameter = str(one["loc"][0]) if one["loc"] else ""
            message = one["msg"].removeprefix("Value error, ")
            yield _wrong(place, parameter, _written(node, parameter, message))
        return
    except DimError as error:
        yield _wrong(place, _uncountable(place, node), str(error))
        return
    yield from _broken_rules(place, resolved)


def _broken_rules(place: NodeContext, resolved: Node) -> Iterator[Problem]:
    """Find the rules that a node breaks whose parameters are all numbers."""
    for name, names in resolved.choice_fields.items():
        if getattr(resolved, name) not in names:
            told = " or ".join(names)
            yield _wrong(place, name, f"{told} is expected, not {getattr(resolved, name)}")
    for name in resolved.size_fields:
        size = getattr(resolved, name)  # no number where a composite made it of one that is free
        if type(size) is int and size > LARGEST:
            yield _wrong(place, name, f"a size of at most {LARGEST} is expected, not {size}")
    if isinstance(resolved, Composite) and resolved.repeat > MOST_REPEATS:
        mend = SetParameter(place.name, place.node, "repeat", 1)
        text = f"at most {MOST_REPEATS} copies are expected, not {resolved.repeat}"
        yield place.error(text, mend, parameter="repeat")
    for mistake in resolved.parameter_errors():
        mends = (
            SetParameter(place.name, place.node, mistake.parameter, value)
            for value in mistake.fixes
        )
        yield place.error(mistake.text, *mends, parameter=mistake.parameter)


def _unknown(place: NodeContext, node: Node) -> Iterator[Problem]:
    for parameter in node.open_fields:
        value = getattr(node, parameter)
        names = [value.name] if isinstance(value, Ref) else sorted(getattr(value, "hypers", ()))
        for name in names:
            if name not in place.model.hyperparameters:
                default = type(node).model_fields[parameter].default
                usual = 128 if isinstance(value, Dim) else default
                fresh = usual if isinstance(usual, int | float | str) else 0.1
                text = f"there is no hyperparameter {name}"
                yield place.error(text, SetHyperparameter(name, fresh), parameter=parameter)


def _wrong(place: NodeContext, parameter: str, text: str) -> Problem:
    """Propose the default for a value that cannot be."""
    info = type(place.graph.nodes[place.node]).model_fields.get(parameter)
    if info is None or info.is_required():
        return place.error(text, parameter=parameter)
    mend = SetParameter(place.name, place.node, parameter, info.default)
    return place.error(text, mend, parameter=parameter)


def _uncountable(place: NodeContext, node: Node) -> str:
    """Find the parameter whose expression has no value."""
    for name in node.size_fields:
        try:
            substitute(getattr(node, name) or 0, place.model.values)
        except DimError:
            return name
    return ""


def _written(node: Node, parameter: str, message: str) -> str:
    """Show the expression in a message about its value."""
    value = getattr(node, parameter, None)
    if value is None or isinstance(value, int | float | str | bool):
        return message
    text = getattr(value, "name", None) or show(value)
    expected, got, actual = message.rpartition(", got ")
    return f"{expected}, got {text} = {actual}" if got else f"{text}: {message}"
