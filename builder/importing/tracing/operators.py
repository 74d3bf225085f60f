"""The operators of a traced model: their names and arguments."""

from typing import Any

import torch
from torch import fx

CONVERSIONS = frozenset({"_to_copy", "to", "type_as"})
"""Operators that change the type of the elements."""


def op(node: object) -> str:
    """Return the name of an operator without its overload; "" for what is none."""
    if not isinstance(node, fx.Node) or node.op != "call_function":
        return ""
    if isinstance(node.target, torch._ops.OpOverload):
        return str(node.target._opname)
    return str(getattr(node.target, "__name__", node.target))


def arg(node: Any, position: int) -> Any:
    """Return an argument of an operator by its position; None if it has fewer."""
    return node.args[position] if position < len(node.args) else None


def argument(node: Any, name: str) -> Any:
    """Return an argument of an operator by the name in its schema."""
    if name in node.kwargs:
        return node.kwargs[name]
    schema = node.target._schema
    for position, declared in enumerate(schema.arguments):
        if declared.name == name:
            return node.args[position] if position < len(node.args) else declared.default_value
    return None
