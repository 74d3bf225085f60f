"""Masks: True where something may be seen."""

import torch
from torch import Tensor


def causal_mask(length: int, device: torch.device) -> Tensor:
    """Let each step see itself and those before it. -> (T, T)"""
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def window_mask(
    length: int, window: int, device: torch.device, causal: bool = True
) -> Tensor:
    """Let each step see those less than ``window`` steps away. -> (T, T)"""
    steps = torch.arange(length, device=device)
    distance = steps[:, None] - steps
    if not causal:
        distance = distance.abs()
    return (distance >= 0) & (distance < window)


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Mark the first ``lengths`` of ``length`` steps. lengths (B,) -> (B, T)"""
    return torch.arange(length, device=lengths.device) < lengths[:, None]
