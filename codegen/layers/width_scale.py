"""Scaling by the square root of the width."""

from torch import Tensor


def scale_by_width(x: Tensor) -> Tensor:
    """Multiply x (..., C) by the square root of C."""
    return x * x.shape[-1] ** 0.5


def divide_by_width(x: Tensor) -> Tensor:
    """Divide x (..., C) by the square root of C, which is 0 for a sequence of no steps."""
    return x / x.shape[-1] ** 0.5
