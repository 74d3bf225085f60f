"""Scaling by a power of the width."""

from torch import Tensor


def scale_by_width(x: Tensor, power: float = 0.5) -> Tensor:
    """Multiply x (..., C) by C^power."""
    return x * x.shape[-1] ** power
