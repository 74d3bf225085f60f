"""Recurrent layers on padded sequences."""

import torch
from torch import Tensor, nn


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
