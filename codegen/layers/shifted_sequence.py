"""Shifting along the time axis."""

import torch
from torch import Tensor


def shift_right(x: Tensor, steps: int = 1, fill: int = 0) -> Tensor:
    """Shift x (B, T, ...) right by ``steps``; the first steps become ``fill``."""
    front = torch.full_like(x[:, :steps], fill)
    return torch.cat((front, x[:, :-steps]), dim=1)
