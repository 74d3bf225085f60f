"""Scaled dot-product attention that PyTorch's fused kernel does not compute."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def attention_scores(query: Tensor, key: Tensor, scale: float | None = None) -> Tensor:
    """Scaled products of queries (B, H, T, D) and keys (B, K, S, D) -> (B, H, T, S)"""
    key = key.repeat_interleave(query.shape[1] // key.shape[1], 1)
    query = query * scale if scale else query / query.shape[-1] ** 0.5
    return query @ key.transpose(-2, -1)


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension where the boolean mask is True, and 0 elsewhere.

    A row that is masked as a whole is 0.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) * mask


def soft_cap(x: Tensor, cap: float) -> Tensor:
    """Bound x smoothly to values between -cap and cap."""
    return torch.tanh(x / cap) * cap


def weighted_values(weights: Tensor, value: Tensor, dropout_p: float = 0.0) -> Tensor:
    """Sums of the values (B, K, S, E) by weights (B, H, T, S) -> (B, H, T, E)"""
    value = value.repeat_interleave(weights.shape[1] // value.shape[1], 1)
    return F.dropout(weights, dropout_p) @ value


def attend(
    scores: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Attention from its scores: output (B, H, T, E) and weights (B, H, T, S).

    scores (B, H, T, S), value (B, K, S, E); the boolean attn_mask (..., T, S) is True
    where attention is allowed. A fully masked query has zero output and weights.
    """
    weights = masked_softmax(scores, attn_mask)
    return weighted_values(weights, value, dropout_p), weights


class AttentionWithSinks(nn.Module):
    """Attention as in `attend`, where each head may also attend to a learned nothing.

    The softmax of a head has one more score, ``weight``, whose probability is dropped.
    """

    def __init__(self, num_heads: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_heads))

    def forward(
        self,
        scores: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
    ) -> tuple[Tensor, Tensor]:
        if attn_mask is not None:
            scores = scores.masked_fill(~attn_mask, float("-inf"))
        sinks = self.weight[:, None, None].expand(*scores.shape[:-1], 1)
        weights = torch.cat((scores, sinks), dim=-1).softmax(dim=-1)[..., :-1]
        return weighted_values(weights, value, dropout_p), weights


class KeyValueBias(nn.Module):
    """A learned key and a learned value of each head, which follow those of the steps."""

    def __init__(self, num_heads: int, key_size: int, value_size: int) -> None:
        super().__init__()
        self.bias_k = nn.Parameter(torch.empty(num_heads, 1, key_size))
        self.bias_v = nn.Parameter(torch.empty(num_heads, 1, value_size))
        for bias in (self.bias_k, self.bias_v):
            nn.init.normal_(bias, std=(num_heads * bias.shape[-1]) ** -0.5)

    def append_key(self, key: Tensor) -> Tensor:
        """Append the learned key: (B, K, S, D) -> (B, K, S + 1, D)"""
        return torch.cat((key, self.bias_k.expand(len(key), -1, -1, -1)), dim=2)

    def append_value(self, value: Tensor) -> Tensor:
        """Append the learned value: (B, K, S, E) -> (B, K, S + 1, E)"""
        return torch.cat((value, self.bias_v.expand(len(value), -1, -1, -1)), dim=2)


def more_columns(mask: Tensor | None, key: Tensor, count: int) -> Tensor | None:
    """Extend a mask or a bias (..., T, S) by keys that all may attend to, without bias.

    key (B, K, S, D)
    """
    if mask is None:
        return None
    mask = mask.expand(*mask.shape[:-1], key.shape[2])
    return F.pad(mask, (0, count), value=float(mask.dtype is torch.bool))


def fewer_columns(pair: tuple[Tensor, Tensor], count: int) -> tuple[Tensor, Tensor]:
    """Leave out the last keys: output, weights (..., S + count) -> the same, (..., S)"""
    output, weights = pair
    return output, weights[..., :-count]


def masked_bias(bias: Tensor, mask: Tensor | None) -> Tensor:
    """Additive mask: the bias where the boolean mask is True, else negative infinity."""
    if mask is None:
        return bias
    return torch.where(mask, bias, float("-inf"))
