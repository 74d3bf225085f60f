"""Where a step stands in its sequence; ``start`` is the position of the first one."""

import torch
from torch import Tensor


def positions(x: Tensor, start: int = 0) -> Tensor:
    """Number the steps of a sequence. x (B, T, ...) -> (T,)"""
    return torch.arange(start, start + x.shape[1], device=x.device)


def angles(x: Tensor, start: int, base: float) -> Tensor:
    """Multiply positions by falling frequencies. (..., T, D) -> (T, D / 2)"""
    length, width = x.shape[-2:]
    position = torch.arange(start, start + length, device=x.device)
    frequency = base ** (-torch.arange(0, width, 2, device=x.device) / width)
    return torch.outer(position, frequency)


def add_sinusoids(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Add sines and cosines of the position, in turns. (B, T, C) -> (B, T, C)"""
    angle = angles(x, start, base)
    waves = torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)
    return x + waves.to(x.dtype)


def rotate(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Rotate the pairs (i, i + D / 2) by angles that grow with time. (B, H, T, D)"""
    angle = angles(x, start, base)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)
