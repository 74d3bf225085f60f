"""Custom nodes: their faults as values, and the guard that turns exceptions into them.

A built-in node that fails is a bug of the program. A custom node that fails is a fault of its file,
which the check reports at the node, so that the rest of the program goes on.
"""

import functools
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nodes.core.graphs.graph import Composite, Graph
from nodes.core.graphs.node import (
    Inferred,
    InputMismatch,
    Node,
    NoNumber,
    ParameterError,
    Rule,
)
from nodes.core.graphs.port import KindMismatch
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import Dim
from nodes.core.shapes.shape import Bindings, ShapeMismatch
from nodes.core.shapes.size_limits import DimError
from nodes.core.time.field_builder import Support
from nodes.core.time.receptive_field import ReceptiveField

_Check = Callable[[object], bool]


class NodeFault(ValueError):
    """A method of a custom node raised what it must not raise, or returned what it must not return.

    Attributes:
        node_type: the class.
    """

    def __init__(self, node_type: type[Node], text: str) -> None:
        super().__init__(text)
        self.node_type = node_type


def guard(node_type: type[Node]) -> None:
    """Replace the methods of a custom node that the program calls by guarded ones.

    They do what they did, and raise `NodeFault` where they raised or returned something wrong.
    """
    methods = {**_RESULTS, "expand": ("a Graph", _is(Graph))} if _expands(node_type) else _RESULTS
    for name, (expected, fits) in methods.items():
        method = getattr(node_type, name)
        if method is Node.receptive_fields:  # by which a rule of the class is recognized
            continue
        if not hasattr(method, "__wrapped__"):
            setattr(node_type, name, _guarded(name, method, expected, fits))
    validate = node_type.model_validate
    type.__setattr__(node_type, "model_validate", _guarded_validation(node_type, validate))


def place_in(error: BaseException, file: str) -> int | None:
    """Return the line of a file at which an exception was raised or passed on, if any."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == file), None)


def describe_error(error: BaseException) -> str:
    """Write an exception on one line: its type, and the first line of its text."""
    text = str(error).strip().partition("\n")[0][:200]
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        text = f"{error.title}.{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _expands(node_type: type[Node]) -> bool:
    return issubclass(node_type, Composite)


def _guarded(name: str, method: Callable[..., Any], expected: str, fits: _Check) -> Any:
    @functools.wraps(method)
    def call(self: Node, *arguments: Any, **named: Any) -> Any:
        try:
            result = method(self, *arguments, **named)
            if isinstance(result, Iterator):
                result = [*result]
        except NodeFault:
            raise
        except Exception as error:
            if isinstance(error, _MEANT) and name in _MAY_REFUSE:
                raise
            raise _fault(type(self), name, error) from error
        if not fits(result):
            got = type(result).__name__
            message = f"expected {name} of {type(self).__name__} to return {expected}, got {got}"
            raise NodeFault(type(self), f"{message}; correct {_file(type(self))}")
        return iter(result) if isinstance(result, list) else result

    return call


def _guarded_validation(node_type: type[Node], validate: Callable[..., Node]) -> Any:
    @functools.wraps(validate)
    def call(*arguments: Any, **named: Any) -> Node:
        try:
            return validate(*arguments, **named)
        except ValidationError:
            raise
        except Exception as error:
            fault = _fault(node_type, "a validator", error)
            detail: Any = {"type": "value_error", "loc": (), "input": None, "ctx": {"error": fault}}
            raise ValidationError.from_exception_data(node_type.__name__, [detail]) from error

    return call


def _fault(node_type: type[Node], method: str, error: Exception) -> NodeFault:
    file = _file(node_type)
    line = place_in(error, str(_module_file(node_type)))
    place = f"line {line} of {file}" if line else file
    if isinstance(error, KeyError) and line is None:
        got = f"no size for the word {error.args[0]}" if error.args else "no size for a word"
        advice = "give it in sizes or derive, or use a word of an input"
    else:
        got, advice = describe_error(error), f"correct {place}"
    message = f"expected {method} of {node_type.__name__} to succeed, got {got}; {advice}"
    return NodeFault(node_type, message)


def _module_file(node_type: type[Node]) -> Path:
    return Path(getattr(sys.modules.get(node_type.__module__), "__file__", None) or "")


def _file(node_type: type[Node]) -> str:
    return _module_file(node_type).name or node_type.__module__


def _is(*types: type | None) -> _Check:
    known = tuple(type(None) if one is None else one for one in types)
    return lambda result: isinstance(result, known)


def _all(*types: type) -> _Check:
    return lambda result: isinstance(result, list) and all(isinstance(one, types) for one in result)


def _named(*types: type) -> _Check:
    def fits(result: object) -> bool:
        return isinstance(result, Mapping) and all(
            isinstance(key, str) and isinstance(value, types) for key, value in result.items()
        )

    return fits


def _is_shape(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(size, int | Dim) for size in value)


def _are_shapes(result: object) -> bool:
    return (
        _named(tuple)(result)
        and isinstance(result, Mapping)
        and all(_is_shape(value) for value in result.values())
    )


_MEANT = (ShapeMismatch, KindMismatch, InputMismatch, DimError, NoNumber, ValidationError)
"""What a rule raises to refuse its inputs or parameters."""

_MAY_REFUSE = frozenset({"sizes", "derive", "derive_spread", "bind", "infer", "expand"})
"""The rules whose callers handle that."""

_RESULTS: Mapping[str, tuple[str, _Check]] = {
    "rules": ("an iterator of Rule", _all(Rule)),
    "parameter_errors": ("an iterator of ParameterError", _all(ParameterError)),
    "parameter_warnings": ("an iterator of ParameterError", _all(ParameterError)),
    "sizes": ("sizes by word", _named(int, Dim)),
    "derive": ("sizes by word", _named(int, Dim)),
    "derive_spread": ("a tuple of sizes or None", lambda r: r is None or _is_shape(r)),
    "bind": ("sizes and a kind", lambda r: isinstance(r, tuple) and isinstance(r[0], Bindings)),
    "infer": ("an Inferred", _is(Inferred)),
    "support": ("a Support", _is(Support)),
    "receptive_fields": ("a ReceptiveField by output", _named(ReceptiveField)),
    "weights": ("shapes by name", _are_shapes),
    "flops": ("a size", _is(int, Dim)),
    "module": ("an Expr or None", _is(Expr, None)),
    "forward": ("an Expr", _is(Expr)),
}
