"""Valid files with one value changed, and the error that a file is refused with."""

import json
from copy import deepcopy
from typing import Any

import pytest

from nodes.core.files.model_file import loads
from nodes.core.files.strict_json import FileError

Steps = tuple[str, ...]


def with_change(valid: dict[str, Any], path: Steps, value: object) -> bytes:
    """Write a valid file with another value at a path."""
    top = deepcopy(valid)
    inside = top
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return json.dumps(top).encode()


def read_error(data: bytes) -> tuple[str, str]:
    """Return the pointer and the message of the error that a file is refused with."""
    with pytest.raises(FileError) as caught:
        loads(data)
    assert len(str(caught.value)) <= 600
    assert str(caught.value).isprintable()
    return caught.value.pointer, caught.value.message
