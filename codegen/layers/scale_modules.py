"""Layers with learned scales that ``torch.nn`` lacks."""

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


class LayerScale(nn.Module):
    """A learned factor for each channel. (..., C) -> (..., C)"""

    def __init__(self, width: int, init_value: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(init_value * torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class LearnedMix(nn.Module):
    """A learned interpolation for each channel. 2 x (..., C) -> (..., C)"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), 0.5))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return torch.lerp(second, first, self.weight)


class ScalarMix(nn.Module):
    """A learned weighted average of layers. (L, ...) -> (...)"""

    def __init__(self, num_layers: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_layers))
        self.gamma = nn.Parameter(torch.ones(()))

    def forward(self, layers: Tensor) -> Tensor:
        return self.gamma * torch.tensordot(self.weight.softmax(dim=0), layers, 1)
