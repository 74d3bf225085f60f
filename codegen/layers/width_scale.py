"""Scaling by the size of the last dimension."""

from torch import Tensor


def scale_by_width(x: Tensor, power: float = 0.5) -> Tensor:
    """Multiply by a power of the last size. (..., C) -> (..., C)"""
    return x * x.shape[-1] ** power
