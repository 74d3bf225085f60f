"""Causal convolution of a sequence that comes in pieces."""

import torch
from torch import Tensor, nn


def causal_conv(
    conv: nn.Conv1d, x: Tensor, earlier: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Convolve x (B, T, C) along time, after the last steps of earlier calls.

    Returns the output (B, T, O) and the steps (B, S, C) that later outputs read; in the
    first call zeros come before x.
    """
    if earlier is None:
        steps = conv.dilation[0] * (conv.kernel_size[0] - 1)
        earlier = x.new_zeros(x.shape[0], steps, x.shape[2])
    padded = torch.cat((earlier, x), dim=1)
    return conv(padded.transpose(1, 2)).transpose(1, 2), padded[:, x.shape[1] :]
