"""Shifting along the time axis."""

import torch
from torch import Tensor


def shift_right(x: Tensor, steps: int = 1, fill: int = 0) -> Tensor:
    """Shift x (B, T, ...) right by ``steps``; the first steps become ``fill``."""
    front = torch.full_like(x[:, :steps], fill)
    return torch.cat((front, x[:, :-steps]), dim=1)


def shift_on(
    x: Tensor, earlier: Tensor | None, steps: int = 1, fill: int = 0
) -> tuple[Tensor, Tensor]:
    """Shift x (B, T, ...) right by ``steps``, after the last steps of earlier calls.

    Returns the shifted sequence (B, T, ...) and the last steps (B, steps, ...); the
    first steps of the first call become ``fill``.
    """
    if earlier is None:
        earlier = x.new_full((x.shape[0], steps, *x.shape[2:]), fill)
    x = torch.cat((earlier, x), dim=1)
    return x[:, :-steps], x[:, -steps:]
