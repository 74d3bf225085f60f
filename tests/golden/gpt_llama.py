"""Llama

tokens -> embed -> dropout -> blocks x num_layers -> norm -> head -> logits
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
    num_layers: int = 4
    num_heads: int = 4
    num_kv_heads: int = 2  # heads that share keys and values
    ffn_size: int = 352
    rope_theta: float = 10000.0
    norm_eps: float = 1e-06
    dropout: float = 0.0

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
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be a number from 0 to below 1")
        if self.num_heads % self.num_kv_heads:
            raise ValueError("num_heads must be a multiple of num_kv_heads")
        if self.d_model % (2 * self.num_heads):
            raise ValueError("d_model must be a multiple of 2 * num_heads")

    @property
    def head_dim(self) -> int:
        return self.d_model // self.num_heads


def last_steps_mask(query: Tensor, key: Tensor) -> Tensor | None:
    """Causal boolean mask (T, S) of the last T of S steps; None if T is 1: it sees all.

    query (B, H, T, D), key (B, K, S, D)
    """
    t, s = query.shape[2], key.shape[2]
    return None if t == 1 else query.new_ones(t, s, dtype=torch.bool).tril(s - t)


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


class MultiHeadAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.num_kv_heads = config.num_kv_heads
        self.dropout_p = config.dropout
        self.q = nn.Linear(config.d_model, config.d_model, bias=False)
        self.k = nn.Linear(
            config.d_model, config.num_kv_heads * config.head_dim, bias=False
        )
        self.v = nn.Linear(
            config.d_model, config.num_kv_heads * config.head_dim, bias=False
        )
        self.out = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(x).unflatten(-1, (self.num_kv_heads, -1)).transpose(1, 2)
        q = rotate(q, rope)  # (B, num_heads, T, head_dim)
        k = rotate(k, rope)  # (B, num_kv_heads, T, head_dim)
        v = self.v(x).unflatten(-1, (self.num_kv_heads, -1)).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        heads = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=None if past is None else last_steps_mask(q, k),
            dropout_p=self.dropout_p if self.training else 0.0,
            is_causal=past is None,
            enable_gqa=True,
        )  # (B, num_heads, T, head_dim)
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
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> attn_dropout -> add
    add -> ffn_norm -> ffn -> ffn_dropout -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.attn = MultiHeadAttention(config)
        self.attn_dropout = nn.Dropout(config.dropout)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn = GatedFeedForward(config)
        self.ffn_dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, past)
        x = x + self.attn_dropout(attn)
        return x + self.ffn_dropout(self.ffn(self.ffn_norm(x))), present


class Llama(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
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
        self, tokens: Tensor, past: list[Cache] | None = None
    ) -> tuple[Tensor, list[Cache]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `past`, the keys and values of the previous call, the sequence continues.
        """
        T = tokens.shape[1]
        start = 0 if past is None else past[0][0].shape[2]
        steps = torch.arange(start, start + T, device=tokens.device)
        rope = rotary_tables(steps, self.config.head_dim, self.config.rope_theta)
        x = self.dropout(self.embed(tokens))  # (B, T, d_model)
        present = []
        for i, block in enumerate(self.blocks):
            x, block_present = block(x, rope, None if past is None else past[i])
            present.append(block_present)
        return self.head(self.norm(x)), present
