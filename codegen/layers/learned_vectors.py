"""Trained vectors that no input decides."""

import torch
from torch import Tensor, nn


class LearnedTokens(nn.Module):
    """Trained vectors, the same for each row of a batch: (B, ..., C) -> (B, N, C)"""

    def __init__(self, num_tokens: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(num_tokens, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.expand(x.shape[0], -1, -1)
