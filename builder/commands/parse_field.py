"""The text of a field, parsed as a value of the parameter."""

import re
from collections.abc import Iterator

from pydantic import ValidationError

from builder.document.document import Refused
from nodes.core.files import node_entries
from nodes.core.files.node_entries import first_error
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown, node_type
from nodes.core.shapes.size_limits import LARGEST

Scalar = int | float | bool | str

MAX_LENGTH = 10_000
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "none": None, "": None}


def parse_candidates(text: str) -> Iterator[Scalar | None]:
    """Yield the values that a text can stand for, the likeliest first and the text itself last."""
    plain = text.strip()
    if _INTEGER.fullmatch(plain):
        yield int(plain)
    if _FLOAT.fullmatch(plain):
        yield float(plain)
    if plain.lower() in _LITERALS:
        yield _LITERALS[plain.lower()]
    yield plain


def clean_text(text: str) -> str:
    """Replace what UTF-8 cannot encode.

    Raises:
        Refused: the text is too long for a file.
    """
    if len(text) > MAX_LENGTH:
        raise Refused(f"expected a text of at most {MAX_LENGTH:,} characters, got {len(text):,}")
    return text.encode("utf-8", "replace").decode("utf-8")


def with_parameter(node: Node, parameter: str, value: object) -> Node:
    """Set a parameter of a node to a value, or to one that a text stands for.

    Raises:
        Refused: the parameter does not exist, or the value is invalid.
    """
    if isinstance(node, Unknown) and node.declared is None:
        raise Refused(f"the node type {node.type} is not installed; its parameters are read-only")
    if parameter not in node_type(node).model_fields:
        raise Refused(f"{node_type(node).__name__} has no parameter {parameter}")
    value = clean_text(value) if isinstance(value, str) else value
    reason = ""
    for candidate in parse_candidates(value) if isinstance(value, str) else (value,):
        try:
            changed = node_entries.with_parameter(node, parameter, candidate)
        except ValidationError as error:
            reason = reason or first_error(error)[1]
            continue
        broken = node_entries.rules_broken_by(changed)
        if parameter not in broken:
            return changed
        reason = reason or broken[parameter][1]
    empty = isinstance(value, str) and not value.strip()
    raise Refused(f"{parameter}: {'expected a value, got nothing' if empty else reason}")


def parse_hyperparameter(value: object) -> Scalar:
    """Return the value of a hyperparameter, or the one that a text stands for.

    Raises:
        Refused: it is no valid value.
    """
    found = next(parse_candidates(clean_text(value))) if isinstance(value, str) else value
    if found is None:
        raise Refused("expected a number, true, false or a word, got nothing")
    if not isinstance(found, bool | int | float | str):
        raise Refused(f"expected a number, true, false or a word, got {repr(found)}")
    if not isinstance(found, str) and not abs(found) <= LARGEST:
        raise Refused(f"expected a number of magnitude below 2**53, got {found}; use a smaller one")
    return found
