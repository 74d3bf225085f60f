"""Cumulative sum of a sequence that comes in pieces."""

from torch import Tensor


def sum_on(x: Tensor, total: Tensor | None, dim: int) -> tuple[Tensor, Tensor]:
    """Sum x cumulatively along a dimension, on top of the total of earlier calls.

    Returns the sums, of the shape of x, and the last of them along the dimension.
    """
    sums = x.cumsum(dim=dim)
    if total is not None:
        sums = sums + total
    return sums, sums.narrow(dim, -1, 1)
