"""Make nodes and settings of the entries of a file, and say in plain words what is wrong."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nodes.core.files.json_cursor import describe, suggestion
from nodes.core.files.strict_json import Json
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.node import Node
from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown, stand_in
from nodes.core.shapes.dim import Dim, show

Path = tuple[int | str, ...]

_WORDS = {
    "be greater": "be a value greater",
    "be less": "be a value less",
    "a valid boolean": "true or false",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "a text",
    "a valid tuple": "a list",
}


def make_node(name: str, parameters: Mapping[str, Json]) -> Node:
    """Make a node of a type; one whose parameters break a rule is kept as it is written."""
    node_type = node_types().get(name)
    if node_type is None:
        return stand_in(name, dict(parameters), None)
    try:
        return node_type.model_validate(frozen(parameters))
    except ValidationError:
        return stand_in(name, dict(parameters), node_type)


def with_parameter(node: Node, parameter: str, value: object) -> Node:
    """Set a parameter of a node.

    Raises:
        pydantic.ValidationError: the value breaks a rule; a node that is kept as it is written
            takes any value.
    """
    if isinstance(node, Unknown):
        return make_node(node.type, {**node.parameters, parameter: plain(value)})
    return type(node).model_validate({**node.as_written(), parameter: value})


def without_parameter(node: Node, parameter: str, new: str = "") -> Node:
    """Remove a parameter of a node that is kept as it is written, or rename it.

    Raises:
        KeyError: the node has no such parameter.
    """
    if not isinstance(node, Unknown):
        raise KeyError(parameter)
    parameters = dict(node.parameters)
    value = parameters.pop(parameter)
    return make_node(node.type, {**parameters, new: value} if new else parameters)


def broken_rules(
    settings: type[BaseModel], parameters: Mapping[str, Json]
) -> dict[str, tuple[Path, str]]:
    """Find the parameters that break a rule, each with the location in it and the message."""
    try:
        settings.model_validate(frozen(parameters))
    except ValidationError as error:
        errors = error.errors(include_url=False)
    else:
        return {}
    found: dict[str, tuple[Path, str]] = {}
    for detail in errors:
        path = _path(detail)
        parameter = str(path[0]) if path else ""
        if detail["type"] == "extra_forbidden":
            message = f"unknown parameter{suggestion(parameter, settings.model_fields)}"
        else:
            # Each member of a union reports an error at the same location.
            message = "; or ".join(_message(other) for other in errors if _path(other) == path)
        found.setdefault(parameter, (path, message))
    return found


def rules_broken_by(node: Node) -> dict[str, tuple[Path, str]]:
    """Find the rules that a node breaks; one that is not kept as it is written breaks none."""
    if not isinstance(node, Unknown) or node.declared is None:
        return {}
    return broken_rules(node.declared, node.parameters)


def first_error(error: ValidationError) -> tuple[Path, str]:
    """Return the location and the message of the first error of pydantic, in plain words."""
    errors = error.errors(include_url=False)
    path = _path(errors[0])
    return path, "; or ".join(_message(other) for other in errors if _path(other) == path)


def frozen(parameters: Mapping[str, Json]) -> dict[str, Any]:
    """Return parameters with tuples in place of lists."""
    return {key: _frozen(value) for key, value in parameters.items()}


def plain(value: object) -> Any:
    """Return the value of a parameter as a file has it."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Dim):
        return show(value)
    return str(value) if isinstance(value, Ref | NumberExpression) else value


def _frozen(value: Json) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _path(error: ErrorDetails) -> Path:
    """Return the parameter and the indices in it, without the names of pydantic's own branches."""
    first, *inner = error["loc"] or ("",)
    return (first, *(step for step in inner if isinstance(step, int))) if first else ()


def _message(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "expected a value, as it has no default; add it"
    message = error["msg"].removeprefix("Value error, ")
    subject, should, rest = message.partition(" should ")
    if not should or subject not in ("Input", "String"):
        return message
    for theirs, ours in _WORDS.items():
        rest = rest.replace(theirs, ours)
    expected = rest.removeprefix("be ") if rest.startswith("be ") else f"a value to {rest}"
    return f"expected {expected}, got {describe(error['input'])}"
