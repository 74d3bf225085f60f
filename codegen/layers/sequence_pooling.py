"""Pooling over the time axis of padded sequences; ``mask`` is False at the padding."""

import torch
from torch import Tensor


def mean_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the unmasked steps: x (B, T, C), mask (B, T) -> (B, C)"""
    mask = mask.unsqueeze(-1).to(x.dtype)
    return (x * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def max_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Maximum over the unmasked steps: x (B, T, C), mask (B, T) -> (B, C)"""
    return x.masked_fill(~mask.unsqueeze(-1), torch.finfo(x.dtype).min).amax(dim=1)


def last_step(x: Tensor, mask: Tensor) -> Tensor:
    """Select the last unmasked step: x (B, T, C), mask (B, T) -> (B, C)"""
    step = (mask * torch.arange(x.shape[1], device=x.device)).argmax(dim=1)
    return x[torch.arange(x.shape[0], device=x.device), step]
