"""T5

source -> embed -> encoder x num_layers -> encoder_norm -> decoder.memory
source_mask -> encoder.key_mask
target -> target_embed -> decoder x num_layers -> decoder_norm -> head -> logits
embed -> encoder_bias -> encoder.score_bias
target_embed -> decoder_bias -> decoder.score_bias
"""

import math
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
    head_dim: int = 32
    ffn_size: int = 256
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


def distances(query: Tensor, key: Tensor, start: int = 0) -> Tensor:
    """Key position minus query position: (B, T, C), (B, S, K) -> (T, start + S)

    The first query and the first of these keys are at position ``start``, after others.
    """
    t, s = start + query.shape[1], start + key.shape[1]
    steps = torch.arange(max(t, s), device=query.device)
    return steps[:s] - steps[start:t, None]


class RelativePositionBias(nn.Module):
    """A learned bias for each head and bucket of distances; buckets grow with distance.

    query (B, T, C), key (B, S, K) -> (H, T, start + S)
    """

    def __init__(
        self,
        num_heads: int,
        num_buckets: int = 32,
        max_distance: int = 128,
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        self.max_distance = max_distance
        self.bidirectional = bidirectional
        self.embedding = nn.Embedding(num_buckets, num_heads)

    def forward(self, query: Tensor, key: Tensor, start: int = 0) -> Tensor:
        buckets = self.bucket(distances(query, key, start))
        return self.embedding(buckets).permute(2, 0, 1)

    def bucket(self, distance: Tensor) -> Tensor:
        """Small distances have buckets of their own, larger ones share on a log scale."""
        buckets = self.embedding.num_embeddings
        first = torch.zeros_like(distance)
        if self.bidirectional:
            buckets //= 2
            first = (distance > 0) * buckets
            distance = distance.abs()
        else:
            distance = (-distance).clamp(min=0)
        exact = buckets // 2
        ratio = torch.log(distance.clamp(min=1) / exact) / math.log(
            self.max_distance / exact
        )
        far = (exact + (ratio * (buckets - exact)).long()).clamp(max=buckets - 1)
        return first + torch.where(distance < exact, distance, far)


def causal_mask(length: int, device: torch.device, start: int = 0) -> Tensor:
    """Causal boolean mask (T, start + T): each step attends to itself and earlier steps.

    The first step is at position ``start``.
    """
    mask = torch.ones(length, start + length, dtype=torch.bool, device=device)
    return mask.tril(start)


def check_mask(name: str, mask: Tensor) -> None:
    """Refuse a mask that is not boolean: an additive one says the opposite with 0."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            f"{name}: expected a boolean mask, True at valid steps, got {mask.dtype}. "
            f"Convert it, such as by {name} == 1."
        )


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
        self.dropout_p = config.dropout
        self.q = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.k = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.v = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.out = nn.Linear(
            config.num_heads * config.head_dim, config.d_model, bias=False
        )

    def forward(self, query: Tensor, key_mask: Tensor, score_bias: Tensor) -> Tensor:
        """query (B, S, d_model), key_mask (B, S), score_bias (num_heads, S, S) ->
        output (B, S, d_model)
        """
        q = self.q(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        heads = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=masked_bias(score_bias, key_mask[:, None, None, :]),
            dropout_p=self.dropout_p if self.training else 0.0,
            scale=1.0,
        )
        return self.out(heads.transpose(1, 2).flatten(-2))


class GatedFeedForward(nn.Module):
    """Gated feed-forward network, as SwiGLU: W_d (activation(W_g x) * W_u x)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate = nn.Linear(config.d_model, config.ffn_size, bias=False)
        self.up = nn.Linear(config.d_model, config.ffn_size, bias=False)
        self.dropout = nn.Dropout(config.dropout)
        self.down = nn.Linear(config.ffn_size, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, S, d_model) -> output (B, S, d_model)"""
        x = self.dropout(F.gelu(self.gate(x), approximate="tanh") * self.up(x))
        return self.down(x)


class EncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(config.d_model, eps=1e-06)
        self.self_attn = MultiHeadAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm2 = nn.RMSNorm(config.d_model, eps=1e-06)
        self.feed_forward = GatedFeedForward(config)
        self.dropout2 = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, key_mask: Tensor, score_bias: Tensor) -> Tensor:
        """x (B, S, d_model), key_mask (B, S), score_bias (num_heads, S, S) ->
        output (B, S, d_model)
        """
        x = x + self.dropout1(self.self_attn(self.norm1(x), key_mask, score_bias))
        return x + self.dropout2(self.feed_forward(self.norm2(x)))


class CausalSelfAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.dropout_p = config.dropout
        self.q = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.k = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.v = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.out = nn.Linear(
            config.num_heads * config.head_dim, config.d_model, bias=False
        )

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
            q,
            k,
            v,
            attn_mask=masked_bias(score_bias, attn_mask),
            dropout_p=self.dropout_p if self.training else 0.0,
            scale=1.0,
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class CrossAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.dropout_p = config.dropout
        self.q = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.k = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.v = nn.Linear(
            config.d_model, config.num_heads * config.head_dim, bias=False
        )
        self.out = nn.Linear(
            config.num_heads * config.head_dim, config.d_model, bias=False
        )

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
            q,
            k,
            v,
            attn_mask=key_mask[:, None, None, :],
            dropout_p=self.dropout_p if self.training else 0.0,
            scale=1.0,
        )
        return self.out(heads.transpose(1, 2).flatten(-2)), (k, v)


class DecoderLayer(nn.Module):
    """Transformer decoder layer: self-attention, cross-attention and feed-forward."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(config.d_model, eps=1e-06)
        self.self_attn = CausalSelfAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm2 = nn.RMSNorm(config.d_model, eps=1e-06)
        self.cross_attn = CrossAttention(config)
        self.dropout2 = nn.Dropout(config.dropout)
        self.norm3 = nn.RMSNorm(config.d_model, eps=1e-06)
        self.feed_forward = GatedFeedForward(config)
        self.dropout3 = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        memory_mask: Tensor,
        score_bias: Tensor,
        attn_mask: Tensor,
        past: tuple[Cache, MemoryCache] | None = None,
    ) -> tuple[Tensor, tuple[Cache, MemoryCache]]:
        """x (B, T, d_model), memory (B, S, d_model), memory_mask (B, S),
        score_bias (num_heads, T, T), attn_mask (T, S) -> output (B, T, d_model)
        """
        norm1 = self.norm1(x)
        self_attn, self_attn_present = self.self_attn(
            norm1, score_bias, attn_mask, None if past is None else past[0]
        )
        x = x + self.dropout1(self_attn)
        norm2 = self.norm2(x)
        cross_attn, cross_attn_present = self.cross_attn(
            norm2, memory, memory_mask, None if past is None else past[1]
        )
        x = x + self.dropout2(cross_attn)
        x = x + self.dropout3(self.feed_forward(self.norm3(x)))
        return x, (self_attn_present, cross_attn_present)


class T5(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder_bias = RelativePositionBias(config.num_heads)
        self.encoder = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
        self.encoder_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.target_embed = nn.Embedding(config.vocab_size, config.d_model)
        self.decoder_bias = RelativePositionBias(config.num_heads, bidirectional=False)
        self.decoder = nn.ModuleList(
            DecoderLayer(config) for _ in range(config.num_layers)
        )
        self.decoder_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.target_embed.weight = self.embed.weight
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
        x = self.embed(source)  # (B, S, d_model)
        encoder_bias = self.encoder_bias(x, x)  # (num_heads, S, S)
        for layer in self.encoder:
            x = layer(x, source_mask, encoder_bias)
        return self.encoder_norm(x)

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
        T = target.shape[1]
        start = 0 if past is None else past[0][0][0].shape[2]
        x = self.target_embed(target)  # (B, T, d_model)
        decoder_bias = self.decoder_bias(x, x, start)  # (num_heads, T, T)
        causal = causal_mask(T, target.device, start=start)
        present = []
        for i, layer in enumerate(self.decoder):
            x, layer_present = layer(
                x,
                memory,
                source_mask,
                decoder_bias,
                causal,
                None if past is None else past[i],
            )
            present.append(layer_present)
        return self.head(self.decoder_norm(x)), present

    def forward(self, source: Tensor, source_mask: Tensor, target: Tensor) -> Tensor:
        """source (B, S), source_mask (B, S), target (B, T) -> logits (B, T, vocab_size)

        `source_mask` is boolean: True at valid steps, False at padding.
        """
        memory = self.encode(source, source_mask)
        logits, _ = self.decode(target, memory, source_mask)
        return logits
