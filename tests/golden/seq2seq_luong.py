"""Seq2SeqLuong

source -> embed -> encoder -> value -> attention.value
source_mask -> allowed -> attention.mask
target -> target_embed -> decoder -> query -> attention -> alignment
encoder -> score -> key -> attention.key
attention -> context -> both -> combine -> activation -> head -> logits
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Hidden state and cell state of an LSTM, each (num_layers, B, hidden_size).
State = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256
    d_model: int = 128
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


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension where the boolean mask is True, and 0 elsewhere.

    A row that is masked as a whole is 0.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) * mask


def weighted_values(weights: Tensor, value: Tensor, dropout_p: float = 0.0) -> Tensor:
    """Sums of the values (B, K, S, E) by weights (B, H, T, S) -> (B, H, T, E)"""
    value = value.repeat_interleave(weights.shape[1] // value.shape[1], 1)
    return F.dropout(weights, dropout_p) @ value


def attend(
    scores: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Attention from its scores: output (B, H, T, E) and weights (B, H, T, S).

    scores (B, H, T, S), value (B, K, S, E); the boolean attn_mask (..., T, S) is True
    where attention is allowed. A fully masked query has zero output and weights.
    """
    weights = masked_softmax(scores, attn_mask)
    return weighted_values(weights, value, dropout_p), weights


def attention_scores(query: Tensor, key: Tensor, scale: float | None = None) -> Tensor:
    """Scaled products of queries (B, H, T, D) and keys (B, K, S, D) -> (B, H, T, S)"""
    key = key.repeat_interleave(query.shape[1] // key.shape[1], 1)
    query = query * scale if scale else query / query.shape[-1] ** 0.5
    return query @ key.transpose(-2, -1)


def check_mask(name: str, mask: Tensor) -> None:
    """Refuse a mask that is not boolean: an additive one says the opposite with 0."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            f"{name}: expected a boolean mask, True at valid steps, got {mask.dtype}. "
            f"Convert it, such as by {name} == 1."
        )


class Seq2SeqLuong(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = nn.LSTM(
            config.d_model,
            config.d_model,
            num_layers=config.num_layers,
            dropout=config.dropout,
            batch_first=True,
        )
        self.score = nn.Linear(config.d_model, config.d_model, bias=False)
        self.target_embed = nn.Embedding(config.vocab_size, config.d_model)
        self.decoder = nn.LSTM(
            config.d_model,
            config.d_model,
            num_layers=config.num_layers,
            dropout=config.dropout,
            batch_first=True,
        )
        self.combine = nn.Linear(2 * config.d_model, config.d_model, bias=False)
        self.head = nn.Linear(config.d_model, config.vocab_size)
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def encode(
        self, source: Tensor, source_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """source (B, S), source_mask (B, S) -> initial_hidden (num_layers, B, d_model),
        initial_cell (num_layers, B, d_model), memory (B, 1, S, d_model),
        value (B, 1, S, d_model), allowed (B, 1, 1, S)

        `source_mask` is boolean: True at valid steps, False at padding.
        """
        check_mask("source_mask", source_mask)
        x, (initial_hidden, initial_cell) = self.encoder(self.embed(source))
        memory = self.score(x).unsqueeze(1)  # (B, 1, S, d_model)
        value = x.unsqueeze(1)
        allowed = source_mask[:, None, None, :]  # (B, 1, 1, S)
        return initial_hidden, initial_cell, memory, value, allowed

    def decode(
        self,
        target: Tensor,
        initial_hidden: Tensor,
        initial_cell: Tensor,
        memory: Tensor,
        value: Tensor,
        allowed: Tensor,
        state: State | None = None,
    ) -> tuple[Tensor, Tensor, State]:
        """target (B, T), initial_hidden (num_layers, B, d_model),
        initial_cell (num_layers, B, d_model), memory (B, 1, S, d_model),
        value (B, 1, S, d_model), allowed (B, 1, 1, S) -> logits (B, T, vocab_size),
        alignment (B, 1, T, S)

        `allowed` is boolean: True at valid steps, False at padding.

        With `state`, the state that the previous call returned, the sequence continues.
        """
        x = self.target_embed(target)  # (B, T, d_model)
        x, state = self.decoder(
            x, (initial_hidden, initial_cell) if state is None else state
        )
        query = x.unsqueeze(1)  # (B, 1, T, d_model)
        attention, alignment = attend(
            attention_scores(query, memory, scale=1.0), value, attn_mask=allowed
        )
        activation = torch.tanh(
            self.combine(torch.cat((attention.squeeze(1), x), dim=-1))
        )  # (B, T, d_model)
        return self.head(activation), alignment, state

    def forward(
        self, source: Tensor, source_mask: Tensor, target: Tensor
    ) -> tuple[Tensor, Tensor]:
        """source (B, S), source_mask (B, S), target (B, T) ->
        logits (B, T, vocab_size), alignment (B, 1, T, S)

        `source_mask` is boolean: True at valid steps, False at padding.
        """
        initial_hidden, initial_cell, memory, value, allowed = self.encode(
            source, source_mask
        )
        logits, alignment, _ = self.decode(
            target, initial_hidden, initial_cell, memory, value, allowed
        )
        return logits, alignment
