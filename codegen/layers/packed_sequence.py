"""Recurrent layers on padded sequences."""

from torch import Tensor, nn


def run_packed(
    rnn: nn.RNNBase,
    x: Tensor,
    lengths: Tensor,
    state: Tensor | tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
    """Run a recurrent layer on padded sequences; its output is zero at the padding.

    x (B, T, C), lengths (B,) -> output (B, T, features) and the state after the last
    step of each sequence.
    """
    packed = nn.utils.rnn.pack_padded_sequence(
        x, lengths.cpu(), batch_first=True, enforce_sorted=False
    )
    packed, state = rnn(packed, state)
    output, _ = nn.utils.rnn.pad_packed_sequence(
        packed, batch_first=True, total_length=x.shape[1]
    )
    return output, state
