"""Moving a sequence along its time axis."""

import torch
from torch import Tensor


def shift_right(x: Tensor, steps: int = 1, fill: int = 0) -> Tensor:
    """Move each step to the right; the first ones become ``fill``. (B, T, ...)"""
    front = torch.full_like(x[:, :steps], fill)
    return torch.cat((front, x[:, :-steps]), dim=1)
