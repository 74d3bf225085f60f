"""What a person types into a field, as the value that the field takes."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from builder.document.document import Refused
from nodes.core.files.model_reader import objection
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown

LONGEST = 10_000
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "none": None, "": None}


def parse_candidates(text: str) -> Iterator[Any]:
    """Tell what a text may stand for, the likeliest first, and last the text itself."""
    plain = text.strip()
    if _WHOLE.fullmatch(plain):
        yield int(plain)
    if _REAL.fullmatch(plain):
        yield float(plain)
    if plain.lower() in _WORDS:
        yield _WORDS[plain.lower()]
    yield plain


def clean_text(text: str) -> str:
    """Make a text that a file can hold: without half characters, and not too long.

    Raises:
        Refused: it is too long.
    """
    if len(text) > LONGEST:
        raise Refused(f"a text of at most {LONGEST:,} characters is expected, not {len(text):,}")
    return text.encode("utf-8", "replace").decode("utf-8")


def with_parameter(node: Node, parameter: str, value: object) -> Node:
    """Give a parameter another value, typed or made.

    Raises:
        Refused: the value does not fit, which the message explains.
    """
    if isinstance(node, Unknown):
        raise Refused(f"{node.type} is not installed here, so it stays as it is")
    if parameter not in type(node).model_fields:
        raise Refused(f"there is no parameter {parameter}")
    value = clean_text(value) if isinstance(value, str) else value
    wrong = ""
    for reading in parse_candidates(value) if isinstance(value, str) else (value,):
        try:
            return type(node).model_validate({**dict(node), parameter: reading})
        except ValidationError as error:
            wrong = wrong or objection(error)[1]
    empty = isinstance(value, str) and not value.strip()
    raise Refused(f"{parameter}: {'a value is expected' if empty else wrong}")


def parse_hyperparameter(value: object) -> int | float | bool | str:
    """Read the value of a hyperparameter, typed or made.

    Raises:
        Refused: it is none.
    """
    found = next(parse_candidates(clean_text(value))) if isinstance(value, str) else value
    if found is None or found == "":
        raise Refused("a number, true, false or a word is expected")
    if not isinstance(found, bool | int | float | str):
        raise Refused(f"a number, true, false or a word is expected, not {ascii(found)}")
    if not isinstance(found, str) and not abs(found) < 2**53:
        raise Refused("a number less than 2**53 is expected; write a smaller one")
    return found
