"""One call of an operation: its parameters, its weights and the rules it records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from benchmarks.campaign.reference.outcome import ImpossibleError


class Value(NamedTuple):
    """A tensor, and the meaning of its numbers."""

    tensor: Tensor
    kind: str


class Weights(Protocol):
    """The source of weights by their path: names of nodes, numbers of copies, and a name."""

    def get(
        self,
        path: tuple[str | int, ...],
        shape: tuple[int, ...],
        tied: tuple[str | int, ...] | None = None,
    ) -> Tensor:
        """Return a weight, that of another node if it is tied to that.

        Raises:
            ImpossibleError: it has another shape.
        """

    def fix(self, path: tuple[str | int, ...], size: int) -> None:
        """Fix a size that a layer is made with.

        Raises:
            ImpossibleError: another run had another size.
        """


@dataclass(frozen=True)
class Call:
    """What an operation may read besides its inputs.

    Attributes:
        parameters: the parameters, with hyperparameters replaced.
        path: the path of its weights.
        weights: the source of weights.
        rule: records a rule by which the product is stricter than PyTorch.
        stretched: records that a size of 1 was broadcast.
        tied: the path of the node whose weight it uses, if it is tied.
        zero: the row of its weight that is zero and gets no gradient.
    """

    parameters: Mapping[str, object]
    path: tuple[str | int, ...]
    weights: Weights
    rule: Callable[[str], None]
    stretched: Callable[[], None]
    tied: tuple[str | int, ...] | None = None
    zero: int | None = None

    def __getattr__(self, name: str):
        try:
            return self.parameters[name]
        except KeyError:
            raise AttributeError(name) from None

    def weight(self, name: str, *shape: int) -> Tensor:
        """Return a weight of the node, or of the node that it is tied to."""
        if name != "weight" or (self.tied is None and self.zero is None):
            return self.weights.get((*self.path, name), shape)
        tied = None if self.tied is None else (*self.tied, name)
        weight = self.weights.get((*self.path, name), shape, tied)
        if self.zero is None or self.zero >= shape[0]:
            return weight
        kept = torch.arange(shape[0]) != self.zero
        return torch.where(kept[:, None], weight, 0.0)

    def fix(self, width: int) -> None:
        """Fix the width that the layer is made with."""
        self.weights.fix(self.path, width)

    def inside(self, name: str, **parameters: object) -> "Call":
        """Return the call of a part of a composite, with parameters of its own."""
        return replace(self, parameters=parameters, path=(*self.path, name), tied=None, zero=None)

    def broadcast(self, *tensors: Tensor) -> None:
        """Record whether the tensors fit because a size of 1 is broadcast."""
        for axis in range(1, max(x.dim() for x in tensors) + 1):
            sizes = {x.shape[-axis] for x in tensors if x.dim() >= axis}
            if 1 in sizes and len(sizes) > 1:
                self.stretched()

    def require(self, holds: bool, message: str) -> None:
        """Stop where a rule of the manual is broken.

        Raises:
            ImpossibleError: the rule does not hold.
        """
        if not holds:
            raise ImpossibleError(message)

    def strict(self, holds: bool, rule: str) -> None:
        """Record a rule that PyTorch does not have, if it is broken."""
        if not holds:
            self.rule(rule)


def rounded(results: tuple[Tensor, ...], by: float) -> list[Tensor]:
    """Return results that are off by a relative error."""
    return [
        x * (1 + by * torch.randn_like(x)) if by and x.is_floating_point() else x for x in results
    ]
