"""Seq2SeqBahdanau

source -> embed -> encoder -> backward -> start -> start_tanh -> decoder.state
source_lengths -> mask -> decoder.mask
target -> target_embed -> decoder -> alignment
encoder -> keys -> decoder.keys
decoder -> dropout -> head -> logits
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256
    d_model: int = 128
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


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension where the boolean mask is True, and 0 elsewhere.

    A row that is masked as a whole is 0.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores.softmax(dim=-1) * mask


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


class Step(nn.Module):
    """word -> cell_input -> cell -> next_state
    memory -> weighted.right
    keys -> sum
    mask -> weights.mask
    state -> query -> row -> sum -> tanh -> score -> scores -> weights -> alignment
    cell -> all -> output
    weights -> weights_row -> weighted -> context -> cell_input
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.query = nn.Linear(config.d_model, config.d_model, bias=False)
        self.score = nn.Linear(config.d_model, 1, bias=False)
        self.cell = nn.GRUCell(3 * config.d_model, config.d_model)

    def forward(
        self, word: Tensor, memory: Tensor, keys: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """word (B, d_model), memory (B, S, 2 * d_model), keys (B, S, d_model),
        mask (B, S), state (B, d_model) -> output (B, 4 * d_model), alignment (B, S),
        next_state (B, d_model)
        """
        x = self.score(torch.tanh(self.query(state).unsqueeze(1) + keys))  # (B, S, 1)
        weights = masked_softmax(x.squeeze(2), mask)  # (B, S)
        context = (weights.unsqueeze(1) @ memory).squeeze(1)  # (B, 2 * d_model)
        cell = self.cell(torch.cat((word, context), dim=-1), state)  # (B, d_model)
        return torch.cat((cell, context, word), dim=-1), weights, cell


class Seq2SeqBahdanau(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = nn.GRU(
            config.d_model, config.d_model, bidirectional=True, batch_first=True
        )
        self.keys = nn.Linear(2 * config.d_model, config.d_model, bias=False)
        self.start = nn.Linear(config.d_model, config.d_model)
        self.target_embed = nn.Embedding(config.vocab_size, config.d_model)
        self.decoder = Step(config)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(4 * config.d_model, config.vocab_size)
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every matrix from Normal(0, 0.02)."""
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def encode(
        self, source: Tensor, source_lengths: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """source (B, S), source_lengths (B,) -> memory (B, S, 2 * d_model),
        keys (B, S, d_model), mask (B, S), initial_state (B, d_model)
        """
        memory, hidden = run_packed(self.encoder, self.embed(source), source_lengths)
        initial_state = torch.tanh(self.start(hidden[1]))  # (B, d_model)
        keys = self.keys(memory)  # (B, S, d_model)
        mask = length_mask(source_lengths, memory.shape[1])  # (B, S)
        return memory, keys, mask, initial_state

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        keys: Tensor,
        mask: Tensor,
        initial_state: Tensor,
        state: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """target (B, T), memory (B, S, 2 * d_model), keys (B, S, d_model), mask (B, S),
        initial_state (B, d_model) -> logits (B, T, vocab_size), alignment (B, T, S)

        `mask` is boolean: True at valid steps, False at padding.

        With `state`, the state that the previous call returned, the sequence continues.
        """
        x = self.target_embed(target)  # (B, T, d_model)
        state = initial_state if state is None else state
        outputs = []
        alignments = []
        for step in x.unbind(1):
            output, alignment, state = self.decoder(step, memory, keys, mask, state)
            outputs.append(output)
            alignments.append(alignment)
        x = self.head(self.dropout(torch.stack(outputs, dim=1)))  # (B, T, vocab_size)
        return x, torch.stack(alignments, dim=1), state

    def forward(
        self, source: Tensor, source_lengths: Tensor, target: Tensor
    ) -> tuple[Tensor, Tensor]:
        """source (B, S), source_lengths (B,), target (B, T) ->
        logits (B, T, vocab_size), alignment (B, T, S)
        """
        memory, keys, mask, initial_state = self.encode(source, source_lengths)
        logits, alignment, _ = self.decode(target, memory, keys, mask, initial_state)
        return logits, alignment
