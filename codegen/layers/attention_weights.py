"""Attention that tells where it looks."""

import torch
import torch.nn.functional as F
from torch import Tensor


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    scale: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Attend by scaled dot products, and tell how much each step attends to each.

    query (B, H, T, D), key (B, K, S, D), value (B, K, S, E), attn_mask (..., T, S)
    -> (B, H, T, E), (B, H, T, S); a step that may attend to nothing gets zeros.
    """
    if query.shape[1] != key.shape[1]:  # each key head serves a group of query heads
        group = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
    scores = query @ key.transpose(-2, -1) * (scale or query.shape[-1] ** -0.5)
    if attn_mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~attn_mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * attn_mask
    return F.dropout(weights, dropout_p) @ value, weights
