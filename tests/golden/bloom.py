"""Bloom

tokens -> embed -> embed_norm -> layers x num_layers -> norm -> head -> logits
embed_norm -> alibi -> layers.score_bias
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.
Cache = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 128
    num_layers: int = 4
    num_heads: int = 4

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


def distances(query: Tensor, key: Tensor, start: int = 0) -> Tensor:
    """Key position minus query position: (B, T, C), (B, S, K) -> (T, start + S)

    The first query and the first of these keys are at position ``start``, after others.
    """
    t, s = start + query.shape[1], start + key.shape[1]
    steps = torch.arange(max(t, s), device=query.device)
    return steps[:s] - steps[start:t, None]


def alibi(query: Tensor, key: Tensor, num_heads: int, start: int = 0) -> Tensor:
    """Attention with linear biases: -slope * distance, a slope for each head.

    query (B, T, C), key (B, S, K) -> (H, T, start + S)
    """
    power = 2 ** math.floor(math.log2(num_heads))
    slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)]
    slopes += [2 ** (-4 * (2 * i + 1) / power) for i in range(num_heads - power)]
    slope = query.new_tensor(slopes)
    return -slope[:, None, None] * distances(query, key, start).abs()


def causal_mask(length: int, device: torch.device, start: int = 0) -> Tensor:
    """Causal boolean mask (T, start + T): each step attends to itself and earlier steps.

    The first step is at position ``start``.
    """
    mask = torch.ones(length, start + length, dtype=torch.bool, device=device)
    return mask.tril(start)


def masked_bias(bias: Tensor, mask: Tensor | None) -> Tensor:
    """Additive mask: the bias where the boolean mask is True, else negative infinity."""
    if mask is None:
        return bias
    return torch.where(mask, bias, float("-inf"))


class MultiHeadAttention(nn.Module):
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
        score_bias: Tensor,
        attn_mask: Tensor,
        past: Cache | None = None,
    ) -> tuple[Tensor, Cache]:
        """query (B, T, d_model), score_bias (num_heads, T, T), attn_mask (T, S) ->
        output (B, T, d_model)
        """
        q = self.q(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        heads = F.scaled_dot_product_attention(
            q, k, v, attn_mask=masked_bias(score_bias, attn_mask)
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class EncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.d_model)
        self.self_attn = MultiHeadAttention(config)
        self.norm2 = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config)

    def forward(
        self,
        x: Tensor,
        score_bias: Tensor,
        attn_mask: Tensor,
        past: Cache | None = None,
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), score_bias (num_heads, T, T), attn_mask (T, S) ->
        output (B, T, d_model)
        """
        self_attn, present = self.self_attn(self.norm1(x), score_bias, attn_mask, past)
        x = x + self_attn
        return x + self.feed_forward(self.norm2(x)), present


class Bloom(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.embed_norm = nn.LayerNorm(config.d_model)
        self.layers = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
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
        T = tokens.shape[1]
        start = 0 if past is None else past[0][0].shape[2]
        x = self.embed_norm(self.embed(tokens))  # (B, T, d_model)
        alibi_value = alibi(x, x, self.config.num_heads, start)  # (num_heads, T, T)
        causal = causal_mask(T, tokens.device, start=start)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_present = layer(
                x, alibi_value, causal, None if past is None else past[i]
            )
            present.append(layer_present)
        return self.head(self.norm(x)), present
