"""BiLSTMClassifier

tokens -> embed -> lstm -> pool -> dropout -> head -> logits
lengths -> lstm.lengths
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    num_classes: int = 2  # number of labels, set from the data
    width: int = 64  # of the embedding
    hidden_size: int = 128  # in each direction
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


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Boolean mask: lengths (B,) -> (B, T), True for the first ``lengths`` steps."""
    return torch.arange(length, device=lengths.device) < lengths[:, None]


def mean_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the unmasked steps, zero if there are none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    total = x.masked_fill(~mask[..., None], 0.0).sum(dim=1)
    return total / mask.sum(dim=1, keepdim=True).clamp(min=1)


def run_packed(
    rnn: nn.RNNBase,
    x: Tensor,
    lengths: Tensor,
    state: Tensor | tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
    """Run a recurrent layer on padded sequences; its output is zero at the padding.

    x (B, T, C), lengths (B,) -> output (B, T, features) and the state after the last
    step of each sequence; a sequence of length 0 keeps the state that it began with.
    """
    counts, most = lengths.clamp(min=1).cpu(), x.shape[1]
    if counts.max() > most:
        raise ValueError(
            f"expected lengths of at most {most} steps, got {counts.max()}"
        )
    packed = nn.utils.rnn.pack_padded_sequence(
        x, counts, batch_first=True, enforce_sorted=False
    )
    packed, last = rnn(packed, state)
    output, _ = nn.utils.rnn.pad_packed_sequence(
        packed, batch_first=True, total_length=most
    )
    empty = (lengths < 1)[:, None]
    output = output.masked_fill(empty[..., None], 0.0)
    if isinstance(last, Tensor):
        initial = state if isinstance(state, Tensor) else torch.zeros_like(last)
        return output, torch.where(empty, initial, last)
    begun = state if isinstance(state, tuple) else tuple(map(torch.zeros_like, last))
    hidden, cell = (torch.where(empty, a, b) for a, b in zip(begun, last, strict=True))
    return output, (hidden, cell)


class BiLSTMClassifier(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width, padding_idx=0)
        self.lstm = nn.LSTM(
            config.width, config.hidden_size, bidirectional=True, batch_first=True
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(2 * config.hidden_size, config.num_classes)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """tokens (B, T), lengths (B,) -> logits (B, num_classes)"""
        x, _ = run_packed(self.lstm, self.embed(tokens), lengths)
        return self.head(self.dropout(mean_pool(x, length_mask(lengths, x.shape[1]))))
