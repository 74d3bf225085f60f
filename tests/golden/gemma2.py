"""Gemma2

tokens -> embed -> layers x num_pairs -> norm -> head -> cap -> logits
"""

import math
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.
Cache = tuple[Tensor, Tensor]
# Cosines and sines of rotary positions, each (T, D) for D rotated channels.
Rope = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 128
    num_heads: int = 4
    num_kv_heads: int = 2
    ffn_size: int = 352
    rope_theta: float = 10000.0
    norm_eps: float = 1e-06
    num_pairs: int = 2
    head_dim: int = 32
    window: int = 16
    attn_scale: float = 0.17677669529663687

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 < self.rope_theta < math.inf:
            raise ValueError("rope_theta must be a number above 0")
        if not 0 < self.norm_eps < math.inf:
            raise ValueError("norm_eps must be a number above 0")
        if not 0 < self.attn_scale < math.inf:
            raise ValueError("attn_scale must be a number above 0")
        if self.num_heads % self.num_kv_heads:
            raise ValueError("num_heads must be a multiple of num_kv_heads")
        if self.head_dim % 2:
            raise ValueError("head_dim must be a multiple of 2")


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension where the boolean mask is True, and 0 elsewhere.

    A row that is masked as a whole is 0.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) * mask


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


def attention_scores(query: Tensor, key: Tensor, scale: float | None = None) -> Tensor:
    """Scaled products of queries (B, H, T, D) and keys (B, K, S, D) -> (B, H, T, S)"""
    key = key.repeat_interleave(query.shape[1] // key.shape[1], 1)
    query = query * scale if scale else query / query.shape[-1] ** 0.5
    return query @ key.transpose(-2, -1)


def causal_mask(length: int, device: torch.device, start: int = 0) -> Tensor:
    """Causal boolean mask (T, start + T): each step attends to itself and earlier steps.

    The first step is at position ``start``.
    """
    mask = torch.ones(length, start + length, dtype=torch.bool, device=device)
    return mask.tril(start)


def rotary_tables(steps: Tensor, width: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines of step * base^(-2i / width): steps (..., T) -> (..., T, width)

    The angle of the pair of channels (i, i + width / 2) is at both of them.
    """
    frequencies = base ** (-torch.arange(0, width, 2, device=steps.device) / width)
    angles = steps[..., None] * frequencies.repeat(2)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the pairs (i, i + D / 2) of x (B, H, T, D) by the angles of each step."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def scale_by_width(x: Tensor) -> Tensor:
    """Multiply x (..., C) by the square root of C."""
    return x * x.shape[-1] ** 0.5


def soft_cap(x: Tensor, cap: float) -> Tensor:
    """Bound x smoothly to values between -cap and cap."""
    return torch.tanh(x / cap) * cap


def window_mask(
    length: int,
    window: int,
    device: torch.device,
    causal: bool = True,
    start: int = 0,
) -> Tensor:
    """Sliding-window boolean mask (T, start + T): True for distances below ``window``.

    The first step is at position ``start``.
    """
    steps = torch.arange(start + length, device=device)
    distance = steps[start:, None] - steps
    if not causal:
        distance = distance.abs()
    return (distance >= 0) & (distance < window)


class MultiHeadAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.num_kv_heads = config.num_kv_heads
        self.attn_scale = config.attn_scale
        self.softcap = 50.0
        self.q = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.k = nn.Linear(
            config.d_model, config.num_kv_heads * config.head_dim, bias=False
        )
        self.v = nn.Linear(
            config.d_model, config.num_kv_heads * config.head_dim, bias=False
        )
        self.out = nn.Linear(
            config.num_heads * config.head_dim, config.d_model, bias=False
        )

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(x).unflatten(-1, (self.num_kv_heads, -1)).transpose(1, 2)
        q = rotate(q, rope)  # (B, num_heads, T, head_dim)
        k = rotate(k, rope)  # (B, num_kv_heads, T, head_dim)
        v = self.v(x).unflatten(-1, (self.num_kv_heads, -1)).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        heads = attend(
            soft_cap(attention_scores(q, k, scale=self.attn_scale), self.softcap),
            v,
            attn_mask=attn_mask,
        )[0]  # (B, num_heads, T, head_dim)
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class GatedFeedForward(nn.Module):
    """Gated feed-forward network, as SwiGLU: W_d (activation(W_g x) * W_u x)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate = nn.Linear(config.d_model, config.ffn_size, bias=False)
        self.up = nn.Linear(config.d_model, config.ffn_size, bias=False)
        self.down = nn.Linear(config.ffn_size, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(F.gelu(self.gate(x), approximate="tanh") * self.up(x))


class LocalLayer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> attn_post_norm -> add
    add -> ffn_norm -> ffn -> ffn_post_norm -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.attn = MultiHeadAttention(config)
        self.attn_post_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn = GatedFeedForward(config)
        self.ffn_post_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, attn_mask, past)
        x = x + self.attn_post_norm(attn)
        return x + self.ffn_post_norm(self.ffn(self.ffn_norm(x))), present


class GlobalLayer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> attn_post_norm -> add
    add -> ffn_norm -> ffn -> ffn_post_norm -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.attn = MultiHeadAttention(config)
        self.attn_post_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn = GatedFeedForward(config)
        self.ffn_post_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, attn_mask, past)
        x = x + self.attn_post_norm(attn)
        return x + self.ffn_post_norm(self.ffn(self.ffn_norm(x))), present


class Pair(nn.Module):
    """x -> local -> wide -> output"""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.local = LocalLayer(config)
        self.wide = GlobalLayer(config)

    def forward(
        self,
        x: Tensor,
        rope: Rope,
        in_window: Tensor,
        causal: Tensor,
        past: tuple[Cache, Cache] | None = None,
    ) -> tuple[Tensor, tuple[Cache, Cache]]:
        """x (B, T, d_model), in_window (T, S), causal (T, S) -> output (B, T, d_model)"""
        x, local_present = self.local(
            x, rope, in_window, None if past is None else past[0]
        )
        x, wide_present = self.wide(x, rope, causal, None if past is None else past[1])
        return x, (local_present, wide_present)


class Gemma2(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Pair(config) for _ in range(config.num_pairs))
        self.norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.head.weight = self.embed.weight
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(
        self, tokens: Tensor, past: list[tuple[Cache, Cache]] | None = None
    ) -> tuple[Tensor, list[tuple[Cache, Cache]]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `past`, the keys and values of the previous call, the sequence continues.
        """
        T = tokens.shape[1]
        start = 0 if past is None else past[0][0][0].shape[2]
        steps = torch.arange(start, start + T, device=tokens.device)
        rope = rotary_tables(steps, self.config.head_dim, self.config.rope_theta)
        in_window = window_mask(T, self.config.window, tokens.device, start=start)
        causal = causal_mask(T, tokens.device, start=start)
        x = scale_by_width(self.embed(tokens))  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_present = layer(
                x, rope, in_window, causal, None if past is None else past[i]
            )
            present.append(layer_present)
        return soft_cap(self.head(self.norm(x)), 30.0), present
