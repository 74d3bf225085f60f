"""EncoderClassifier

tokens -> embed -> sinusoidal_encoding -> layers x num_layers -> pool -> head ->
    logits
lengths -> mask -> layers.key_mask
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    num_classes: int = 2  # number of labels, set from the data
    width: int = 128  # of the embedding and the layers
    num_heads: int = 4
    ffn_size: int = 256
    num_layers: int = 2
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
        if self.width % 2:
            raise ValueError("width must be a multiple of 2")
        if self.width % self.num_heads:
            raise ValueError("width must be a multiple of num_heads")


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


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Boolean mask: lengths (B,) -> (B, T), True for the first ``lengths`` steps."""
    return torch.arange(length, device=lengths.device) < lengths[:, None]


def mean_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the unmasked steps, zero if there are none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    total = x.masked_fill(~mask[..., None], 0.0).sum(dim=1)
    return total / mask.sum(dim=1, keepdim=True).clamp(min=1)


class MultiHeadAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.dropout_p = config.dropout
        self.q = nn.Linear(config.width, config.width)
        self.k = nn.Linear(config.width, config.width)
        self.v = nn.Linear(config.width, config.width)
        self.out = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, key_mask: Tensor) -> Tensor:
        """x (B, T, width), key_mask (B, T) -> output (B, T, width)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        heads = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=key_mask[:, None, None, :],
            dropout_p=self.dropout_p if self.training else 0.0,
        )
        return self.out(heads.transpose(1, 2).flatten(-2))


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, config.ffn_size)
        self.dropout = nn.Dropout(config.dropout)
        self.down = nn.Linear(config.ffn_size, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, width) -> output (B, T, width)"""
        return self.down(self.dropout(F.relu(self.up(x))))


class EncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm1 = nn.LayerNorm(config.width)
        self.feed_forward = FeedForward(config)
        self.dropout2 = nn.Dropout(config.dropout)
        self.norm2 = nn.LayerNorm(config.width)

    def forward(self, x: Tensor, key_mask: Tensor) -> Tensor:
        """x (B, T, width), key_mask (B, T) -> output (B, T, width)"""
        x = self.norm1(x + self.dropout1(self.self_attn(x, key_mask)))
        return self.norm2(x + self.dropout2(self.feed_forward(x)))


class EncoderClassifier(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width, padding_idx=0)
        self.layers = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
        self.head = nn.Linear(config.width, config.num_classes)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """tokens (B, T), lengths (B,) -> logits (B, num_classes)"""
        x = add_sinusoids(self.embed(tokens))  # (B, T, width)
        mask = length_mask(lengths, x.shape[1])  # (B, T)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(mean_pool(x, mask))
