"""Sums of numbers by their index."""

from torch import Tensor


def scatter_add(x: Tensor, index: Tensor, size: int) -> Tensor:
    """Add up x (B, T, S) by index (B, S) -> (B, T, size)"""
    total = x.new_zeros(*x.shape[:2], size)
    return total.scatter_add(2, index[:, None].expand_as(x), x)
