"""Rotary position embedding: tables of cosines and sines, and the rotation by them."""

import torch
from torch import Tensor


def rotary_tables(
    positions: Tensor,
    frequencies: Tensor,
    factor: float = 1.0,
    interleaved: bool = False,
) -> tuple[Tensor, Tensor]:
    """Cosines and sines of positions (..., T) times frequencies (D / 2), times a factor.

    Each table is (..., T, D), with the angle of a pair of channels at both of them.
    """
    angles = positions[..., None] * frequencies
    if interleaved:
        angles = angles.repeat_interleave(2, dim=-1)
    else:
        angles = torch.cat((angles, angles), dim=-1)
    return angles.cos() * factor, angles.sin() * factor


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
