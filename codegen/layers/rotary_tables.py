"""Rotary position embedding: tables of cosines and sines, and the rotation by them."""

import torch
from torch import Tensor


def rotary_tables(steps: Tensor, width: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines of step * base^(-2i / width): steps (..., T) -> (..., T, width)

    The angle of the pair of channels (i, i + width / 2) is at both of them.
    """
    frequencies = base ** (-torch.arange(0, width, 2, device=steps.device) / width)
    angles = steps[..., None] * frequencies.repeat(2)
    return angles.cos(), angles.sin()


def frequency_tables(positions: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines as by `rotary_tables`, of other frequencies (width / 2)."""
    angles = positions[..., None] * frequencies.repeat(2)
    return angles.cos(), angles.sin()


def interleaved_tables(positions: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines as by `frequency_tables`, for the pairs (2i, 2i + 1)."""
    angles = positions[..., None] * frequencies.repeat_interleave(2)
    return angles.cos(), angles.sin()


def scaled_tables(rope: tuple[Tensor, Tensor], factor: float) -> tuple[Tensor, Tensor]:
    """Multiply the cosines and sines, so that a rotation scales by the factor."""
    return rope[0] * factor, rope[1] * factor


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the pairs (i, i + D / 2) of x (B, H, T, D) by the angles of each step."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def rotate_interleaved(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the pairs (2i, 2i + 1) of x (B, H, T, D) by the angles of each step."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    turned = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)
    return x * cos + turned * sin
