"""Position encodings; ``start`` is the position of the first step."""

import torch
from torch import Tensor


def count_positions(x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence: x (B, T, ...) -> (T,)"""
    return torch.arange(start, start + x.shape[1], device=x.device)


def positions_within(limit: int, x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence that ends at ``limit`` or before: x (B, T, ...) -> (T,)"""
    end = start + x.shape[1]
    if end > limit:
        raise ValueError(f"expected at most {limit} time steps, got {end}")
    return torch.arange(start, end, device=x.device)


def padded_positions(mask: Tensor, offset: int = 0, padding: int = 0) -> Tensor:
    """Position ids of the valid steps alone: mask (B, T) -> (B, T)

    The first valid step has the position ``offset``, all padding ``padding``.
    """
    return torch.where(mask, mask.cumsum(dim=1) + (offset - 1), padding)


def padded_positions_on(
    mask: Tensor, count: Tensor | None, offset: int = 0, padding: int = 0
) -> tuple[Tensor, Tensor]:
    """Position ids as by `padded_positions`, after ``count`` valid steps (B, 1).

    Returns the ids (B, T) and the number of valid steps so far (B, 1).
    """
    counts = mask.cumsum(dim=1) + (0 if count is None else count)
    return torch.where(mask, counts + (offset - 1), padding), counts[:, -1:]


def pair_frequencies(width: int, base: float, device: torch.device) -> Tensor:
    """Angles per step, base^(-2i / width) for the pair of channels i -> (width / 2)"""
    return base ** (-torch.arange(0, width, 2, device=device) / width)


def angles_at(position: Tensor, frequency: Tensor) -> Tensor:
    """Products of positions (..., T) and frequencies (C / 2) -> (..., T, C / 2)"""
    return position[..., None] * frequency


def add_waves(x: Tensor, angle: Tensor) -> Tensor:
    """Add sine and cosine of angles (..., T, C / 2), interleaved, to x (B, T, C)."""
    waves = torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(-2)
    return x + waves.to(x.dtype)


def add_sinusoids(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Add the sinusoidal position encoding, sine and cosine interleaved. x (B, T, C)"""
    steps = torch.arange(start, start + x.shape[1], device=x.device)
    return add_waves(x, angles_at(steps, pair_frequencies(x.shape[-1], base, x.device)))
