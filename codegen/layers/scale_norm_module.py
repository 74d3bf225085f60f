"""Normalization layers that ``torch.nn`` lacks."""

import torch
from torch import Tensor, nn


class ScaleNorm(nn.Module):
    """Scale normalization: g * x / |x|, with one learned scale g. (..., C) -> (..., C)"""

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(width**0.5))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        length = x.norm(dim=-1, keepdim=True).clamp(min=self.eps)
        return self.scale * x / length
