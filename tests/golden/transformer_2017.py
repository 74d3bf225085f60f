"""Transformer

source -> embed -> positions -> dropout -> encoder x num_layers ->
    decoder.memory
source_mask -> encoder.key_mask
target -> target_embed -> target_positions -> target_dropout -> decoder x
    num_layers -> head -> logits
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.
Cache = tuple[Tensor, Tensor]
# Keys and values of the memory of a layer, each (B, H, S, D), the same at every call.
MemoryCache = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256
    d_model: int = 128
    num_layers: int = 4
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


def check_mask(name: str, mask: Tensor) -> None:
    """Refuse a mask that is not boolean: an additive one says the opposite with 0."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            f"{name}: expected a boolean mask, True at valid steps, got {mask.dtype}. "
            f"Convert it, such as by {name} == 1."
        )


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
        self.q = nn.Linear(config.d_model, config.d_model)
        self.k = nn.Linear(config.d_model, config.d_model)
        self.v = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(self, query: Tensor, key: Tensor, key_mask: Tensor) -> Tensor:
        """query (B, S, d_model), key (B, S, d_model), key_mask (B, S) ->
        output (B, S, d_model)
        """
        q = self.q(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(key).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(key).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        heads = F.scaled_dot_product_attention(
            q, k, v, attn_mask=key_mask[:, None, None, :]
        )
        return self.out(heads.transpose(1, 2).flatten(-2))


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, S, d_model) -> output (B, S, d_model)"""
        return self.down(F.relu(self.up(x)))


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

    def forward(self, x: Tensor, key_mask: Tensor) -> Tensor:
        """x (B, S, d_model), key_mask (B, S) -> output (B, S, d_model)"""
        x = self.norm1(x + self.dropout1(self.self_attn(x, x, key_mask)))
        return self.norm2(x + self.dropout2(self.feed_forward(x)))


class CausalSelfAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
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
            is_causal=past is None,
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class CrossAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.q = nn.Linear(config.d_model, config.d_model)
        self.k = nn.Linear(config.d_model, config.d_model)
        self.v = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        key_mask: Tensor,
        past: MemoryCache | None = None,
    ) -> tuple[Tensor, MemoryCache]:
        """query (B, T, d_model), key (B, S, d_model), key_mask (B, S) ->
        output (B, T, d_model)
        """
        if past is None:
            k = self.k(key).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            v = self.v(key).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        else:
            k, v = past
        q = self.q(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        heads = F.scaled_dot_product_attention(
            q, k, v, attn_mask=key_mask[:, None, None, :]
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class DecoderLayer(nn.Module):
    """Transformer decoder layer: self-attention, cross-attention and feed-forward."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self_attn = CausalSelfAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm1 = nn.LayerNorm(config.d_model)
        self.cross_attn = CrossAttention(config)
        self.dropout2 = nn.Dropout(config.dropout)
        self.norm2 = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config)
        self.dropout3 = nn.Dropout(config.dropout)
        self.norm3 = nn.LayerNorm(config.d_model)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        memory_mask: Tensor,
        past: tuple[Cache, MemoryCache] | None = None,
    ) -> tuple[Tensor, tuple[Cache, MemoryCache]]:
        """x (B, T, d_model), memory (B, S, d_model), memory_mask (B, S) ->
        output (B, T, d_model)
        """
        self_attn, self_attn_present = self.self_attn(
            x, None if past is None else past[0]
        )
        x = self.norm1(x + self.dropout1(self_attn))
        cross_attn, cross_attn_present = self.cross_attn(
            x, memory, memory_mask, None if past is None else past[1]
        )
        x = self.norm2(x + self.dropout2(cross_attn))
        x = self.norm3(x + self.dropout3(self.feed_forward(x)))
        return x, (self_attn_present, cross_attn_present)


class Transformer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
        self.target_embed = nn.Embedding(config.vocab_size, config.d_model)
        self.target_dropout = nn.Dropout(config.dropout)
        self.decoder = nn.ModuleList(
            DecoderLayer(config) for _ in range(config.num_layers)
        )
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.target_embed.weight = self.embed.weight
        self.head.weight = self.embed.weight
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def encode(self, source: Tensor, source_mask: Tensor) -> Tensor:
        """source (B, S), source_mask (B, S) -> memory (B, S, d_model)

        `source_mask` is boolean: True at valid steps, False at padding.
        """
        check_mask("source_mask", source_mask)
        memory = self.dropout(add_sinusoids(scale_by_width(self.embed(source))))
        for layer in self.encoder:
            memory = layer(memory, source_mask)
        return memory

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_mask: Tensor,
        past: list[tuple[Cache, MemoryCache]] | None = None,
    ) -> tuple[Tensor, list[tuple[Cache, MemoryCache]]]:
        """target (B, T), memory (B, S, d_model), source_mask (B, S) ->
        logits (B, T, vocab_size)

        `source_mask` is boolean: True at valid steps, False at padding.

        With `past`, the keys and values of the previous call, the sequence continues.
        """
        start = 0 if past is None else past[0][0][0].shape[2]
        target_positions = add_sinusoids(
            scale_by_width(self.target_embed(target)), start
        )  # (B, T, d_model)
        x = self.target_dropout(target_positions)
        present = []
        for i, layer in enumerate(self.decoder):
            x, layer_present = layer(
                x, memory, source_mask, None if past is None else past[i]
            )
            present.append(layer_present)
        return self.head(x), present

    def forward(self, source: Tensor, source_mask: Tensor, target: Tensor) -> Tensor:
        """source (B, S), source_mask (B, S), target (B, T) -> logits (B, T, vocab_size)

        `source_mask` is boolean: True at valid steps, False at padding.
        """
        memory = self.encode(source, source_mask)
        logits, _ = self.decode(target, memory, source_mask)
        return logits
