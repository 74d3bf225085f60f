"""Draws example inputs of a model, and runs it on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from builder.importing.exchange.request import ExampleInput

Sizes = Mapping[str, int]

SIZES: Sequence[Sizes] = ({"B": 3, "T": 6, "S": 4}, {"B": 2, "T": 9, "S": 7})
"""The sizes of the examples; a size that the model fixes or confuses with another one shows."""


@dataclass
class Returned:
    """What a model returned last.

    Attributes:
        names: the names of the tensors.
        left_out: what it returned besides tensors.
    """

    names: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Entrance(nn.Module):
    """Calls a model with inputs that are batch first, and returns its tensors.

    Attributes:
        model: the model.
        examples: its inputs.
        returned: what it returned last.
    """

    def __init__(self, model: nn.Module, examples: Sequence[ExampleInput]) -> None:
        super().__init__()
        self.model, self.examples = model, examples
        self.returned = Returned()

    def forward(self, *inputs: Tensor) -> list[Tensor]:
        """Call the model."""
        given = {}
        for example, value in zip(self.examples, inputs, strict=True):
            order = example.order
            swapped = order[:2] == (1, 0)
            given[example.name] = value.transpose(0, 1) if swapped else value
        found: dict[str, Tensor] = {}
        self.returned.left_out.clear()
        self._collect("output", self.model(**given), found)
        self.returned.names[:] = found
        return list(found.values())

    def _collect(self, name: str, value: Any, found: dict[str, Tensor]) -> None:
        if isinstance(value, Tensor):
            found[name if name not in found else f"{name}_{len(found) + 1}"] = value
        elif isinstance(value, Mapping):
            for key, part in value.items():
                self._collect(str(key), part, found)
        elif isinstance(value, tuple | list):
            for part in value:
                self._collect(name, part, found)
        elif value is not None:
            self.returned.left_out.append(f"{name} ({type(value).__name__})")


def draw(
    example: ExampleInput,
    sizes: Sizes,
    limit: int = 2,
    ids: Sequence[int] = (),
    flipped: bool = False,
) -> Tensor:
    """Draw one input, batch first.

    Args:
        example: its shape.
        sizes: the sizes that a run chooses.
        limit: token ids are below it.
        ids: token ids that occur at the end of the last sequence, and nowhere else.
        flipped: masks are true where they would be false.
    """
    dims = [example.dims[i] for i in example.order]
    shape = [size if isinstance(size, int) else sizes[size] for size in dims]
    if example.dtype == "float":
        return torch.randn(shape)
    if example.dtype == "bool":
        mask = torch.rand(shape) < 0.6
        mask[:, 0], mask[:, -1] = True, False
        return mask != flipped
    if len(shape) == 1:
        lengths = torch.randint(1, sizes["T"] + 1, shape)
        lengths[0] = sizes["T"]
        return lengths
    tokens = torch.randint(0, limit, shape)
    for number, one in enumerate(ids):
        tokens[tokens == one] = (one + 1) % limit
        tokens[-1, shape[1] - 1 - number] = one
    return tokens


def perturb(model: nn.Module) -> None:
    """Add noise to all weights, so that no initial value, such as 0, hides a difference."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.is_floating_point():
                weight.add_(torch.randn_like(weight), alpha=0.1)
