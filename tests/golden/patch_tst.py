"""PatchTST

series -> columns -> each_column -> patches -> embed -> positions -> layers x
    num_layers -> flat -> head -> rows -> forecast
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    num_features: int = 3
    window: int = 64
    horizon: int = 16
    patch_length: int = 8
    patch_stride: int = 4
    d_model: int = 32
    num_layers: int = 2
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
        if self.window < self.patch_length:
            raise ValueError("window must be at least patch_length")
        if (self.window - self.patch_length) // self.patch_stride < 0:
            raise ValueError(
                "(window - patch_length) // patch_stride must be at least 0"
            )
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


def check_steps(name: str, x: Tensor, steps: int) -> None:
    """Refuse a sequence of another length. x (B, T, ...)"""
    if x.shape[1] != steps:
        raise ValueError(f"{name}: expected {steps} time steps, got {x.shape[1]}")


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

    def forward(self, x: Tensor) -> Tensor:
        """x (num_features * B, (window - patch_length) // patch_stride + 1, d_model) ->
        output (num_features * B, (window - patch_length) // patch_stride + 1,
        d_model)
        """
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        heads = F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout_p if self.training else 0.0
        )
        return self.out(heads.transpose(1, 2).flatten(-2))


class FeedForward(nn.Module):
    """Position-wise feed-forward network: two linear layers around an activation."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 2 * config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.down = nn.Linear(2 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (num_features * B, (window - patch_length) // patch_stride + 1, d_model) ->
        output (num_features * B, (window - patch_length) // patch_stride + 1,
        d_model)
        """
        return self.down(self.dropout(F.gelu(self.up(x))))


class EncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.d_model)
        self.self_attn = MultiHeadAttention(config)
        self.dropout1 = nn.Dropout(config.dropout)
        self.norm2 = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config)
        self.dropout2 = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """x (num_features * B, (window - patch_length) // patch_stride + 1, d_model) ->
        output (num_features * B, (window - patch_length) // patch_stride + 1,
        d_model)
        """
        x = x + self.dropout1(self.self_attn(self.norm1(x)))
        return x + self.dropout2(self.feed_forward(self.norm2(x)))


class PatchTST(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(config.patch_length, config.d_model)
        self.positions = nn.Embedding(
            (config.window - config.patch_length) // config.patch_stride + 1,
            config.d_model,
        )
        self.layers = nn.ModuleList(
            EncoderLayer(config) for _ in range(config.num_layers)
        )
        self.head = nn.Linear(
            config.d_model
            * ((config.window - config.patch_length) // config.patch_stride)
            + config.d_model,
            config.horizon,
        )
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, series: Tensor) -> Tensor:
        """series (B, window, num_features) -> forecast (B, horizon, num_features)"""
        check_steps("series", series, self.config.window)
        each_column = series.transpose(1, 2).flatten(0, 1).unsqueeze(-1)
        patches = each_column.unfold(
            1, self.config.patch_length, self.config.patch_stride
        ).flatten(-2)
        x = self.embed(patches)
        x = x + self.positions(positions_within(self.positions.num_embeddings, x))
        for layer in self.layers:
            x = layer(x)
        head = self.head(x.flatten(1, 2))  # (num_features * B, horizon)
        return head.unflatten(0, (-1, self.config.num_features)).permute(0, 2, 1)
