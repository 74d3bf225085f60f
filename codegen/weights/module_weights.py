"""The weights of a generated model: their names, shapes and types, without any memory for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Self

import torch
from torch import Tensor

SCRIPT = "list_weights.py"


@dataclass(frozen=True)
class ModuleWeights:
    """The weights of a generated model.

    Attributes:
        tensors: each parameter and saved buffer once, on the device "meta".
        tied: the other names by which the model knows one of them, with its name among them.
    """

    tensors: Mapping[str, Tensor]
    tied: Mapping[str, str]

    @classmethod
    def of(cls, tensors: Mapping[str, tuple[list[int], str]], tied: Mapping[str, str]) -> Self:
        """Make them of shapes and types, as the script `SCRIPT` prints them."""
        made = {
            name: torch.empty(shape, dtype=getattr(torch, dtype), device="meta")
            for name, (shape, dtype) in tensors.items()
        }
        return cls(made, tied)


def script() -> str:
    """Return the script that lists the weights of the model in the same folder."""
    file = resources.files("codegen.project.training") / SCRIPT
    return file.read_text(encoding="utf-8")
