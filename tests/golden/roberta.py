"""RoBERTa

tokens -> embed -> positions -> embed_norm -> layers x num_layers -> transform
    -> activation -> norm -> head -> logits
mask -> layers.key_mask
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256
    d_model: int = 128
    num_layers: int = 4
    num_heads: int = 4
    context: int = 64
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
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


def check_mask(name: str, mask: Tensor) -> None:
    """Refuse a mask that is not boolean: an additive one says the opposite with 0."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            f"{name}: expected a boolean mask, True at valid steps, got {mask.dtype}. "
            f"Convert it, such as by {name} == 1."
        )


def positions_within(limit: int, x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence that ends at ``limit`` or before: x (B, T, ...) -> (T,)"""
    end = start + x.shape[1]
    if end > limit:
        raise ValueError(f"expected at most {limit} time steps, got {end}")
    return torch.arange(start, end, device=x.device)


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

    def forward(self, x: Tensor, key_mask: Tensor) -> Tensor:
        """x (B, T, d_model), key_mask (B, T) -> output (B, T, d_model)"""
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
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(self.dropout(F.gelu(self.up(x))))


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
        """x (B, T, d_model), key_mask (B, T) -> output (B, T, d_model)"""
        x = self.norm1(x + self.dropout1(self.self_attn(x, key_mask)))
        return self.norm2(x + self.dropout2(self.feed_forward(x)))


class RoBERTa(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = nn.Embedding(config.context, config.d_model)
        self.embed_norm = nn.LayerNorm(config.d_model)
        self.layers = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
        self.transform = nn.Linear(config.d_model, config.d_model)
        self.norm = nn.LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size)
        self.head.weight = self.embed.weight
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """tokens (B, T), mask (B, T) -> logits (B, T, vocab_size)

        `mask` is boolean: True at valid steps, False at padding.
        """
        check_mask("mask", mask)
        x = self.embed(tokens)  # (B, T, d_model)
        x = x + self.positions(positions_within(self.positions.num_embeddings, x))
        x = self.embed_norm(x)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(self.norm(F.gelu(self.transform(x))))
