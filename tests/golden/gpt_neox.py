"""GPTNeoX

tokens -> embed -> layers x num_layers -> norm -> head -> logits
"""

from dataclasses import dataclass

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
    rotary_dim: int = 8

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")
        if self.d_model // self.num_heads <= self.rotary_dim:
            raise ValueError("d_model // num_heads must be greater than rotary_dim")
        if self.rotary_dim % 2:
            raise ValueError("rotary_dim must be a multiple of 2")
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


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
        self.rotary_dim = config.rotary_dim
        self.q = nn.Linear(config.d_model, config.d_model)
        self.k = nn.Linear(config.d_model, config.d_model)
        self.v = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        q_parts, q_parts_second = q.tensor_split((self.rotary_dim,), dim=-1)
        k = self.k(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k_parts, k_parts_second = k.tensor_split((self.rotary_dim,), dim=-1)
        q_joined = torch.cat((rotate(q_parts, rope), q_parts_second), dim=-1)
        k_joined = torch.cat((rotate(k_parts, rope), k_parts_second), dim=-1)
        v = self.v(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        if past is not None:
            k_joined, v = (
                torch.cat((past[0], k_joined), dim=2),
                torch.cat((past[1], v), dim=2),
            )
        heads = F.scaled_dot_product_attention(
            q_joined,
            k_joined,
            v,
            attn_mask=None if past is None else last_steps_mask(q_joined, k_joined),
            is_causal=past is None,
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k_joined, v)


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(F.gelu(self.up(x)))


class Layer(nn.Module):
    """x -> add -> output
    x -> attn_norm -> attn -> add
    x -> ffn_norm -> ffn -> add
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.LayerNorm(config.d_model)
        self.attn = MultiHeadAttention(config)
        self.ffn_norm = nn.LayerNorm(config.d_model)
        self.ffn = FeedForward(config)

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, past)
        return x + attn + self.ffn(self.ffn_norm(x)), present


class GPTNeoX(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
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
        rope = rotary_tables(steps, self.config.rotary_dim, 10000.0)
        x = self.embed(tokens)  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_present = layer(x, rope, None if past is None else past[i])
            present.append(layer_present)
        return self.head(self.norm(x)), present
