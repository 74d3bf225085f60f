"""UniversalTransformer

tokens -> embed -> steps x num_steps -> head -> logits
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.
Cache = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 128
    num_steps: int = 4
    num_heads: int = 4
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be a number from 0 to below 1")
        if self.d_model % 2:
            raise ValueError("d_model must be a multiple of 2")
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


def add_waves(x: Tensor, angle: Tensor) -> Tensor:
    """Add sine and cosine of angles (..., T, C / 2), interleaved, to x (B, T, C)."""
    waves = torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(-2)
    return x + waves.to(x.dtype)


def angles_at(position: Tensor, frequency: Tensor) -> Tensor:
    """Products of positions (..., T) and frequencies (C / 2) -> (..., T, C / 2)"""
    return position[..., None] * frequency


def pair_frequencies(width: int, base: float, device: torch.device) -> Tensor:
    """Angles per step, base^(-2i / width) for the pair of channels i -> (width / 2)"""
    return base ** (-torch.arange(0, width, 2, device=device) / width)


def add_sinusoids(x: Tensor, start: int = 0, base: float = 10_000.0) -> Tensor:
    """Add the sinusoidal position encoding, sine and cosine interleaved. x (B, T, C)"""
    steps = torch.arange(start, start + x.shape[1], device=x.device)
    return add_waves(x, angles_at(steps, pair_frequencies(x.shape[-1], base, x.device)))


def last_steps_mask(query: Tensor, key: Tensor) -> Tensor | None:
    """Causal boolean mask (T, S) of the last T of S steps; None if T is 1: it sees all.

    query (B, H, T, D), key (B, K, S, D)
    """
    t, s = query.shape[2], key.shape[2]
    return None if t == 1 else query.new_ones(t, s, dtype=torch.bool).tril(s - t)


def scale_by_width(x: Tensor) -> Tensor:
    """Multiply x (..., C) by the square root of C."""
    return x * x.shape[-1] ** 0.5


class MultiHeadAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.dropout_p = config.dropout
        self.q = nn.Linear(config.d_model, config.d_model)
        self.k = nn.Linear(config.d_model, config.d_model)
        self.v = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(self, x: Tensor, past: Cache | None = None) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        heads = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=None if past is None else last_steps_mask(q, k),
            dropout_p=self.dropout_p if self.training else 0.0,
            is_causal=past is None,
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(self.dropout(F.relu(self.up(x))))


class EncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm1 = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config)
        self.dropout2 = nn.Dropout(config.dropout)
        self.norm2 = nn.LayerNorm(config.d_model)

    def forward(self, x: Tensor, past: Cache | None = None) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        self_attn, present = self.self_attn(x, past)
        x = self.norm1(x + self.dropout1(self_attn))
        return self.norm2(x + self.dropout2(self.feed_forward(x))), present


class Step(nn.Module):
    """x -> positions -> layer -> output"""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = EncoderLayer(config)

    def forward(self, x: Tensor, past: Cache | None = None) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        start = 0 if past is None else past[0].shape[2]
        x, present = self.layer(add_sinusoids(x, start), past)
        return x, present


class UniversalTransformer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.steps = Step(config)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)

    def forward(
        self, tokens: Tensor, past: list[Cache] | None = None
    ) -> tuple[Tensor, list[Cache]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `past`, the keys and values of the previous call, the sequence continues.
        """
        x = scale_by_width(self.embed(tokens))  # (B, T, d_model)
        present = []
        for i in range(self.config.num_steps):
            x, step_present = self.steps(x, None if past is None else past[i])
            present.append(step_present)
        return self.head(x), present
