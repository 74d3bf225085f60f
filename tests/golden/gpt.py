"""GPT

tokens -> position -> position_embed -> add
tokens -> embed -> add -> dropout -> blocks x num_layers -> norm -> head ->
    logits
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
    context: int = 64  # longest sequence
    d_model: int = 128
    num_layers: int = 4
    num_heads: int = 4
    dropout: float = 0.0

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


def count_positions(x: Tensor, start: int = 0) -> Tensor:
    """Position ids of a sequence: x (B, T, ...) -> (T,)"""
    return torch.arange(start, start + x.shape[1], device=x.device)


def last_steps_mask(query: Tensor, key: Tensor) -> Tensor | None:
    """Causal boolean mask (T, S) of the last T of S steps; None if T is 1: it sees all.

    query (B, H, T, D), key (B, K, S, D)
    """
    t, s = query.shape[2], key.shape[2]
    return None if t == 1 else query.new_ones(t, s, dtype=torch.bool).tril(s - t)


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
        return self.down(self.dropout(F.gelu(self.up(x))))


class Block(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> add
    add -> ffn_norm -> ffn -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.LayerNorm(config.d_model)
        self.attn = MultiHeadAttention(config)
        self.ffn_norm = nn.LayerNorm(config.d_model)
        self.ffn = FeedForward(config)

    def forward(self, x: Tensor, past: Cache | None = None) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), past)
        x = x + attn
        return x + self.ffn(self.ffn_norm(x)), present


class GPT(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.position_embed = nn.Embedding(config.context, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.d_model)
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
        start = 0 if past is None else past[0][0].shape[2]
        x = self.embed(tokens) + self.position_embed(count_positions(tokens, start))
        x = self.dropout(x)
        present = []
        for i, block in enumerate(self.blocks):
            x, block_present = block(x, None if past is None else past[i])
            present.append(block_present)
        return self.head(self.norm(x)), present
