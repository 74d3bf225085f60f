"""A linear layer that shares the weight of an embedding."""

import torch.nn.functional as F
from torch import Tensor, nn


class PaddedLinear(nn.Linear):
    """Linear layer whose row ``padding_idx`` is zero and gets no gradient.

    It shares its weight with an embedding of that ``padding_idx``.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        padding_idx: int,
    ) -> None:
        super().__init__(in_features, out_features, bias)
        self.padding_idx = padding_idx
        nn.init.zeros_(self.weight[padding_idx])

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.clone()
        weight[self.padding_idx] = 0.0
        return F.linear(x, weight, self.bias)
