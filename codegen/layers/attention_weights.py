"""Scaled dot-product attention that also returns its weights."""

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
    """Scaled dot-product attention: output (B, H, T, E) and weights (B, H, T, S).

    query (B, H, T, D), key (B, K, S, D), value (B, K, S, E); the boolean attn_mask
    (..., T, S) is True where attention is allowed. A fully masked query has zero output
    and weights.
    """
    if query.shape[1] != key.shape[1]:  # grouped-query attention
        group = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
    scores = query @ key.transpose(-2, -1) * (scale or query.shape[-1] ** -0.5)
    if attn_mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~attn_mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * attn_mask
    return F.dropout(weights, dropout_p) @ value, weights
