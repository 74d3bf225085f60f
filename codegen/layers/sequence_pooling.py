"""Pooling over the time axis of padded sequences; ``mask`` is False at the padding."""

import torch
from torch import Tensor


def mean_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the unmasked steps, zero if there are none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    total = x.masked_fill(~mask[..., None], 0.0).sum(dim=1)
    return total / mask.sum(dim=1, keepdim=True).clamp(min=1)


def max_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Maximum over the unmasked steps, zero if there are none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    lowest = torch.finfo(x.dtype).min
    maximum = x.masked_fill(~mask[..., None], lowest).amax(dim=1)
    return maximum.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)


def last_step(x: Tensor, mask: Tensor) -> Tensor:
    """Select the last unmasked step, zero if there is none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    step = (mask * torch.arange(x.shape[1], device=x.device)).argmax(dim=1)
    last = x[torch.arange(x.shape[0], device=x.device), step]
    return last.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)
