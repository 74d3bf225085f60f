"""What is imported: the object that makes the model, its arguments, and examples of its inputs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from nodes.core.graphs.node import Node
from nodes.io.feature_input import FeatureInput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput

SYMBOLS = ("B", "T", "S")
"""The sizes that a run chooses: sequences, steps, and steps of a second sequence."""

_DTYPES = ("float", "int", "bool")
_INPUT = re.compile(r"\s*([A-Za-z_]\w*)\s*:\s*(.*?)\s*")
_EXPECTED = 'expected a name and sizes, such as "tokens: B T" or "x: B T 16"'


class NotImported(ValueError):
    """The module cannot be imported; the message says why, and what to do."""


class FixedSizeError(NotImported):
    """The code of the module works for one batch size or one length only."""


@dataclass(frozen=True)
class ExampleInput:
    """The shape of an input of the model.

    Attributes:
        name: the parameter of ``forward``.
        dims: its sizes, in the order in which ``forward`` takes them.
        dtype: "float", "int" or "bool".
    """

    name: str
    dims: tuple[str | int, ...]
    dtype: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``name: B T 16 float``; the type follows from the sizes if it is not given.

        Raises:
            NotImported: the text has another form, or no input node has the shape.
        """
        match = _INPUT.fullmatch(text)
        if match is None:
            raise NotImported(f"--example-input: {_EXPECTED}, got {text!r:.80}")
        *words, last = match[2].split() or [""]
        given = last if last in _DTYPES else ""
        dims = tuple(
            int(word) if word.isdecimal() else word
            for word in [*words, last][: len(words) + (not given)]
        )
        has_size = any(isinstance(size, int) for size in dims)
        found = cls(match[1], dims, given or ("float" if has_size else "int"))
        found.node()
        return found

    @property
    def order(self) -> tuple[int, ...]:
        """Where each size of the input node, batch first, is among those of ``forward``."""
        rank = {symbol: position for position, symbol in enumerate(SYMBOLS)}
        return tuple(
            sorted(range(len(self.dims)), key=lambda i: rank.get(str(self.dims[i]), len(rank)))
        )

    def node(self) -> Node:
        """Make the input node.

        Raises:
            NotImported: no input node has the shape.
        """
        sizes = [self.dims[i] for i in self.order]
        length = sizes[1] if len(sizes) > 1 else ""
        match sizes:
            case ["B", "T" | "S"] if self.dtype == "int":
                return TokenInput.model_validate({"length": length})
            case ["B", "T" | "S"] if self.dtype == "bool":
                return MaskInput.model_validate({"length": length})
            case ["B", "T" | "S", int(features)] if self.dtype == "float" and features > 0:
                return FeatureInput.model_validate({"length": length, "features": features})
            case ["B"] if self.dtype == "int":
                return LengthInput()
        shown = " ".join(map(str, (*self.dims, self.dtype)))
        raise NotImported(
            f"--example-input {self.name}: expected token ids (B T int), features (B T 16 float), "
            f"a mask (B T bool) or lengths (B int), with S for T in a second sequence, got {shown}"
        )


@dataclass(frozen=True)
class ImportRequest:
    """What is imported.

    Attributes:
        target: ``module:name`` or ``file.py:name`` of a module, its class, or a function.
        arguments: the arguments of the class or function, by name.
        inputs: the inputs of ``forward``; guessed if there are none.
        folder: where modules are looked for, besides the installed ones.
    """

    target: str
    arguments: Mapping[str, Any]
    inputs: Sequence[ExampleInput]
    folder: str

    def as_data(self) -> dict[str, Any]:
        """Return the request as plain data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the request that `as_data` wrote."""
        inputs = [
            ExampleInput(one["name"], tuple(one["dims"]), one["dtype"]) for one in data["inputs"]
        ]
        return cls(data["target"], data["arguments"], inputs, data["folder"])
