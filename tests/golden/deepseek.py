"""DeepSeek

tokens -> embed -> layers x num_layers -> norm -> head -> logits
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
    q_rank: int = 48
    kv_rank: int = 32
    nope_dim: int = 16
    rope_dim: int = 8
    value_dim: int = 24
    ffn_size: int = 256
    norm_eps: float = 1e-06

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 < self.norm_eps < math.inf:
            raise ValueError("norm_eps must be a number above 0")
        if self.rope_dim % 2:
            raise ValueError("rope_dim must be a multiple of 2")


def interleaved_tables(positions: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines as by `frequency_tables`, for the pairs (2i, 2i + 1)."""
    angles = positions[..., None] * frequencies.repeat_interleave(2)
    return angles.cos(), angles.sin()


def last_steps_mask(query: Tensor, key: Tensor) -> Tensor | None:
    """Causal boolean mask (T, S) of the last T of S steps; None if T is 1: it sees all.

    query (B, H, T, D), key (B, K, S, D)
    """
    t, s = query.shape[2], key.shape[2]
    return None if t == 1 else query.new_ones(t, s, dtype=torch.bool).tril(s - t)


def pair_frequencies(width: int, base: float, device: torch.device) -> Tensor:
    """Angles per step, base^(-2i / width) for the pair of channels i -> (width / 2)"""
    return base ** (-torch.arange(0, width, 2, device=device) / width)


def rotate_interleaved(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the pairs (2i, 2i + 1) of x (B, H, T, D) by the angles of each step."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    turned = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)
    return x * cos + turned * sin


class LatentAttention(nn.Module):
    """x -> kv_down -> latent -> kv_norm -> kv_up -> kv_heads -> kv_parts -> key ->
        attention.key
    x -> q_down -> q_norm -> q_up -> q_heads -> q_parts -> query -> attention ->
        merged -> out -> output
    latent -> k_head -> k_rotary -> k_shared -> key
    q_parts -> q_rotary -> query
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.nope_dim = config.nope_dim
        self.kv_rank = config.kv_rank
        self.q_down = nn.Linear(config.d_model, config.q_rank, bias=False)
        self.q_norm = nn.RMSNorm(config.q_rank, eps=config.norm_eps)
        self.q_up = nn.Linear(
            config.q_rank,
            config.num_heads * (config.nope_dim + config.rope_dim),
            bias=False,
        )
        self.kv_down = nn.Linear(
            config.d_model, config.kv_rank + config.rope_dim, bias=False
        )
        self.kv_norm = nn.RMSNorm(config.kv_rank, eps=config.norm_eps)
        self.kv_up = nn.Linear(
            config.kv_rank,
            config.num_heads * (config.nope_dim + config.value_dim),
            bias=False,
        )
        self.out = nn.Linear(
            config.num_heads * config.value_dim, config.d_model, bias=False
        )

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        q_up = self.q_up(self.q_norm(self.q_down(x)))
        q_heads = q_up.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        q_parts, q_rotary = q_heads.tensor_split((self.nope_dim,), dim=-1)
        latent, k_head = self.kv_down(x).tensor_split((self.kv_rank,), dim=-1)
        k_rotary = rotate_interleaved(k_head.unsqueeze(1), rope)  # (B, 1, T, rope_dim)
        kv_up = self.kv_up(self.kv_norm(latent))
        kv_heads = kv_up.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        kv_parts, value = kv_heads.tensor_split((self.nope_dim,), dim=-1)
        k_shared = k_rotary.expand(-1, self.num_heads, -1, -1)
        query = torch.cat((q_parts, rotate_interleaved(q_rotary, rope)), dim=-1)
        key = torch.cat((kv_parts, k_shared), dim=-1)
        if past is not None:
            key, value = (
                torch.cat((past[0], key), dim=2),
                torch.cat((past[1], value), dim=2),
            )
        attention = F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=None if past is None else last_steps_mask(query, key),
            is_causal=past is None,
        )  # (B, num_heads, T, value_dim)
        return self.out(attention.transpose(1, 2).flatten(-2)), (key, value)


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


class Layer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> add
    add -> ffn_norm -> ffn -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.attn = LatentAttention(config)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
        self.ffn = GatedFeedForward(config)

    def forward(
        self, x: Tensor, rope: Rope, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, past)
        x = x + attn
        return x + self.ffn(self.ffn_norm(x)), present


class DeepSeek(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.norm = nn.RMSNorm(config.d_model, eps=config.norm_eps)
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
        rope = interleaved_tables(
            steps, pair_frequencies(self.config.rope_dim, 10000.0, tokens.device)
        )
        x = self.embed(tokens)  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_present = layer(x, rope, None if past is None else past[i])
            present.append(layer_present)
        return self.head(self.norm(x)), present
