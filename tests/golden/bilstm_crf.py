"""BiLSTMCRF

tokens -> embed -> dropout -> lstm -> scores -> crf -> path
lengths -> valid -> crf.mask
tags -> crf.tags
crf -> log_likelihood
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256
    num_tags: int = 9
    width: int = 32
    hidden_size: int = 48
    dropout: float = 0.3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be a number from 0 to below 1")


class ConditionalRandomField(nn.Module):
    """Scores of tag sequences: of each tag at its step, and of each pair of neighbours.

    A step where the boolean mask (B, T) is False is passed over, as if it were not there.
    """

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.end = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.transitions = nn.Parameter(
            torch.empty(num_tags, num_tags).uniform_(-0.1, 0.1)
        )

    def log_likelihood(
        self, emissions: Tensor, tags: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Logarithm of the probability of the tags.

        emissions (B, T, K), tags (B, T) -> (B,), 0 for a row without valid steps
        """
        mask = torch.ones_like(tags, dtype=torch.bool) if mask is None else mask
        tags = tags.masked_fill(~mask, 0)
        total = torch.zeros_like(emissions[:, 0])
        score, before = total[:, 0], tags[:, 0]
        begun = torch.zeros_like(mask[:, 0])
        steps = zip(emissions.unbind(1), tags.unbind(1), mask.unbind(1), strict=True)
        for emission, tag, valid in steps:
            pairs = torch.logsumexp(total[:, :, None] + self.transitions, dim=1)
            into = torch.where(begun[:, None], pairs, self.start)
            total = torch.where(valid[:, None], into + emission, total)
            step = torch.where(begun, self.transitions[before, tag], self.start[tag])
            step = step + emission.gather(1, tag[:, None])[:, 0]
            score = torch.where(valid, score + step, score)
            before = torch.where(valid, tag, before)
            begun = begun | valid
        normalizer = torch.logsumexp(total + self.end, dim=1)
        return torch.where(begun, score + self.end[before] - normalizer, 0.0)

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Most probable tags, by the algorithm of Viterbi: (B, T, K) -> (B, T), 0 if masked"""
        mask = emissions.new_ones(emissions.shape[:2]).bool() if mask is None else mask
        best = torch.zeros_like(emissions[:, 0])
        begun = torch.zeros_like(mask[:, 0])
        stay = torch.arange(best.shape[1], device=best.device).expand_as(best)
        pointers = []
        for emission, valid in zip(emissions.unbind(1), mask.unbind(1), strict=True):
            pairs, pointer = (best[:, :, None] + self.transitions).max(dim=1)
            into = torch.where(begun[:, None], pairs, self.start)
            best = torch.where(valid[:, None], into + emission, best)
            pointers.append(torch.where(valid[:, None], pointer, stay))
            begun = begun | valid
        tag = (best + self.end).argmax(dim=1)
        path = []
        for pointer in reversed(pointers):
            path.append(tag)
            tag = pointer.gather(1, tag[:, None])[:, 0]
        return torch.stack(path[::-1], dim=1).masked_fill(~mask, 0)


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Boolean mask: lengths (B,) -> (B, T), True for the first ``lengths`` steps."""
    return torch.arange(length, device=lengths.device) < lengths[:, None]


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


class BiLSTMCRF(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width, padding_idx=0)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(
            config.width, config.hidden_size, bidirectional=True, batch_first=True
        )
        self.scores = nn.Linear(2 * config.hidden_size, config.num_tags)
        self.crf = ConditionalRandomField(config.num_tags)

    def forward(
        self, tokens: Tensor, lengths: Tensor, tags: Tensor
    ) -> tuple[Tensor, Tensor]:
        """tokens (B, T), lengths (B,), tags (B, T) -> log_likelihood (B,), path (B, T)"""
        x, _ = run_packed(self.lstm, self.dropout(self.embed(tokens)), lengths)
        x = self.scores(x)  # (B, T, num_tags)
        valid = length_mask(lengths, x.shape[1])  # (B, T)
        crf, log_likelihood = (
            self.crf.decode(x, valid),
            self.crf.log_likelihood(x, tags, valid),
        )
        return log_likelihood, crf
