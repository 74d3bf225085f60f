"""Problems of a node's parameters, found before anything is built."""

from collections.abc import Iterator

from pydantic import ValidationError

from codegen.check.arrival import Place
from codegen.check.problem import Problem
from codegen.check.remedy import RemoveNode, SetHyperparameter, SetParameter
from nodes.core.dim import DimError, show
from nodes.core.graph import MOST_REPEATS, Block, Composite
from nodes.core.node import Node
from nodes.core.unknown import Unknown

LARGEST = 2**31 - 1
"""The largest size that PyTorch's layers take on every platform."""


def problems(place: Place, node: Node) -> Iterator[Problem]:
    """Find unknown hyperparameters, values out of bounds, and rules between parameters broken."""
    if isinstance(node, Unknown):
        text = f"there is no node type {ascii(node.type)} here; its parameters and edges are kept"
        yield place.error(text, RemoveNode(place.name, place.node))
        return
    if isinstance(node, Block) and node.block not in place.model.blocks:
        yield place.error(f"there is no block {ascii(node.block)}", parameter="block")
        return
    try:
        resolved = node.resolve(place.model.values)
    except KeyError as error:
        yield from _unknown(place, node, error.args[0])
        return
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False)[:5]:
            parameter = str(one["loc"][0]) if one["loc"] else ""
            message = one["msg"].removeprefix("Value error, ")
            yield place.error(_written(node, parameter, message), parameter=parameter)
        return
    except DimError as error:
        yield place.error(str(error))
        return
    yield from _broken_rules(place, resolved)


def _broken_rules(place: Place, resolved: Node) -> Iterator[Problem]:
    """Find the rules that a node breaks whose parameters are all numbers."""
    for name in resolved.size_fields:
        if (size := getattr(resolved, name)) is not None and size > LARGEST:
            yield place.error(f"{size} is larger than any layer can be", parameter=name)
    if isinstance(resolved, Composite) and resolved.repeat > MOST_REPEATS:
        mend = SetParameter(place.name, place.node, "repeat", 1)
        text = f"at most {MOST_REPEATS} copies are expected, not {resolved.repeat}"
        yield place.error(text, mend, parameter="repeat")
    for mistake in resolved.mistakes():
        mends = (
            SetParameter(place.name, place.node, mistake.parameter, value) for value in mistake.mend
        )
        yield place.error(mistake.text, *mends, parameter=mistake.parameter)


def _unknown(place: Place, node: Node, missing: str) -> Iterator[Problem]:
    for name, value in node:
        names = getattr(value, "hypers", None) or {getattr(value, "name", None)}
        if missing in names:
            fresh = 0.1 if hasattr(value, "name") else 128
            text = f"there is no hyperparameter {missing}"
            yield place.error(text, SetHyperparameter(missing, fresh), parameter=name)


def _written(node: Node, parameter: str, message: str) -> str:
    """Add the expression to a message about its value."""
    value = getattr(node, parameter, None)
    if value is None or isinstance(value, int | float | str | bool):
        return message
    text = getattr(value, "name", None) or show(value)
    return f"{text}: {message}"
