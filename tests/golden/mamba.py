"""Mamba

tokens -> embed -> layers x num_layers -> norm -> head -> logits
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 128
    num_layers: int = 4
    state_size: int = 16
    dt_rank: int = 8

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")


def linear_scan(
    x: Tensor, decay: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """States h_t = decay_t * h_(t-1) + x_t, and the last one, in log2(T) parallel steps.

    x, decay (B, T, ...), state (B, ...) before the first step; zero if it is None.
    """
    length = x.shape[1]
    if state is None:
        state = x.new_zeros(x.shape[:1] + x.shape[2:])
    x = torch.cat((state[:, None], x), dim=1)
    decay = torch.cat((torch.ones_like(state)[:, None], decay), dim=1)
    step = 1
    while step <= length:
        earlier = decay[:, step:] * x[:, :-step]
        x = torch.cat((x[:, :step], x[:, step:] + earlier), dim=1)
        product = decay[:, step:] * decay[:, :-step]
        decay = torch.cat((decay[:, :step], product), dim=1)
        step *= 2
    return x[:, 1:], x[:, -1]


class SelectiveScan(nn.Module):
    """State space model whose step size and matrices depend on the input, as in Mamba.

    x, delta (B, T, C), b, c (B, T, N), state (B, C, N) -> output (B, T, C), last state
    """

    def __init__(self, width: int, state_size: int) -> None:
        super().__init__()
        decays = torch.arange(1, state_size + 1, dtype=torch.get_default_dtype())
        self.A_log = nn.Parameter(decays.log().repeat(width, 1))
        self.D = nn.Parameter(torch.ones(width))

    def forward(
        self,
        x: Tensor,
        delta: Tensor,
        b: Tensor,
        c: Tensor,
        state: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        decay = torch.exp(-delta[..., None] * self.A_log.exp())  # (B, T, C, N)
        added = (delta * x)[..., None] * b[:, :, None]
        states, last = linear_scan(added, decay, state)
        return (states * c[:, :, None]).sum(dim=-1) + self.D * x, last


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


class Layer(nn.Module):
    """x -> add -> output
    x -> norm -> in_proj -> parts -> gate -> gated
    parts -> conv -> activation -> scan -> gated -> out_proj -> add
    activation -> x_proj -> steps -> dt_proj -> delta -> scan.delta
    steps -> matrices -> scan.b
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.dt_rank = config.dt_rank
        self.norm = nn.RMSNorm(config.d_model, eps=1e-05)
        self.in_proj = nn.Linear(config.d_model, 4 * config.d_model, bias=False)
        self.conv = nn.Conv1d(
            2 * config.d_model, 2 * config.d_model, 4, groups=2 * config.d_model
        )
        self.x_proj = nn.Linear(
            2 * config.d_model, config.dt_rank + 2 * config.state_size, bias=False
        )
        self.dt_proj = nn.Linear(config.dt_rank, 2 * config.d_model)
        self.scan = SelectiveScan(2 * config.d_model, config.state_size)
        self.out_proj = nn.Linear(2 * config.d_model, config.d_model, bias=False)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        parts, gate = self.in_proj(self.norm(x)).chunk(2, dim=-1)  # (B, T, 2 * d_model)
        conv, conv_state = causal_conv(
            self.conv, parts, None if state is None else state[0]
        )
        activation = F.silu(conv)
        steps, matrices = self.x_proj(activation).tensor_split((self.dt_rank,), dim=-1)
        b, c = matrices.chunk(2, dim=-1)  # (B, T, state_size)
        delta = F.softplus(self.dt_proj(steps))  # (B, T, 2 * d_model)
        scan, scan_state = self.scan(
            activation, delta, b, c, None if state is None else state[1]
        )
        return x + self.out_proj(scan * F.silu(gate)), (conv_state, scan_state)


class Mamba(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.norm = nn.RMSNorm(config.d_model, eps=1e-05)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)

    def forward(
        self, tokens: Tensor, state: list[tuple[Tensor, Tensor]] | None = None
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `state`, the state that the previous call returned, the sequence continues.
        """
        x = self.embed(tokens)  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_state = layer(x, None if state is None else state[i])
            present.append(layer_state)
        return self.head(self.norm(x)), present
