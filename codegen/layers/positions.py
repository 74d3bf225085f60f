"""Position encodings; ``start`` is the position of the first step."""

import torch
from torch import Tensor


def positions(x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence: x (B, T, ...) -> (T,)"""
    return torch.arange(start, start + x.shape[1], device=x.device)


def positions_within(limit: int, x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence that ends at ``limit`` or before: x (B, T, ...) -> (T,)"""
    end = start + x.shape[1]
    if end > limit:
        raise ValueError(f"expected at most {limit} time steps, got {end}")
    return torch.arange(start, end, device=x.device)


def angles(x: Tensor, start: int, base: float) -> Tensor:
    """Products of position and frequency base^(-2i / D): x (..., T, D) -> (T, D / 2)"""
    length, width = x.shape[-2:]
    frequency = base ** (-torch.arange(0, width, 2, device=x.device) / width)
    return torch.outer(torch.arange(start, start + length, device=x.device), frequency)


def add_sinusoids(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Add the sinusoidal position encoding, sine and cosine interleaved. x (B, T, C)"""
    angle = angles(x, start, base)
    waves = torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)
    return x + waves.to(x.dtype)


def rotate_interleaved(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Rotary position encoding: rotate the pairs (2i, 2i + 1) of x (B, H, T, D)."""
    angle = angles(x, start, base)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., ::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, b * cos + a * sin), dim=-1).flatten(-2)


def rotate(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Rotary position encoding: rotate the pairs (i, i + D / 2) of x (B, H, T, D)."""
    angle = angles(x, start, base)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)
