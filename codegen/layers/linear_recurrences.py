"""Recurrences that are linear in their state, computed without a loop where possible."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


class MultiHeadSelectiveScan(nn.Module):
    """State space model with one decay for each head, as in Mamba-2.

    x (B, T, C), delta (B, T, num_heads), b, c (B, T, N), state (B, C, N) -> output (B, T, C), last
    state
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.head_dim = width // num_heads
        decays = torch.arange(1, num_heads + 1, dtype=torch.get_default_dtype())
        self.A_log = nn.Parameter(decays.log())
        self.D = nn.Parameter(torch.ones(num_heads))

    def forward(
        self,
        x: Tensor,
        delta: Tensor,
        b: Tensor,
        c: Tensor,
        state: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        decay = torch.exp(-delta * self.A_log.exp())
        decay = decay.repeat_interleave(self.head_dim, dim=-1)[
            ..., None
        ]  # (B, T, C, 1)
        added = delta.repeat_interleave(self.head_dim, dim=-1) * x
        added = added[..., None] * b[:, :, None]  # (B, T, C, N)
        states, last = linear_scan(added, decay.expand_as(added), state)
        skip = self.D.repeat_interleave(self.head_dim)
        return (states * c[:, :, None]).sum(dim=-1) + skip * x, last


class WKV(nn.Module):
    """Averages of values, weighted by exp(key) and a decay for each channel, as in RWKV.

    key, value (B, T, C), state (3, B, C) -> output (B, T, C), last state
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        spread = torch.linspace(0, 1, width) ** 1.35
        self.time_decay = nn.Parameter(8 * spread - 5)
        self.time_first = nn.Parameter(torch.full((width,), math.log(0.3)))

    def forward(
        self, key: Tensor, value: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        if state is None:
            zero = torch.zeros_like(key[:, 0] if key.shape[1] else key.sum(dim=1))
            state = torch.stack((zero, zero, zero - 1e38))
        total, weight, most = state.unbind()  # the sums are divided by exp(most)
        decay, outputs = -self.time_decay.exp(), []
        for k, v in zip(key.unbind(dim=1), value.unbind(dim=1), strict=True):
            top = torch.maximum(most, k + self.time_first)
            old, new = (most - top).exp(), (k + self.time_first - top).exp()
            outputs.append((old * total + new * v) / (old * weight + new))
            top = torch.maximum(most + decay, k)
            old, new = (most + decay - top).exp(), (k - top).exp()
            total, weight, most = old * total + new * v, old * weight + new, top
        output = torch.stack(outputs, dim=1) if outputs else torch.zeros_like(value)
        return output, torch.stack((total, weight, most))


class RGLRU(nn.Module):
    """Real-gated linear recurrent unit: a linear recurrence whose gates read the input.

    x (B, T, C), state (B, C) -> states (B, T, C), last state
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        size = width // num_heads
        kept = torch.empty(width).uniform_(0.9, 0.999)  # of the state, at a gate of 1
        self.decay = nn.Parameter(torch.expm1(-kept.log() / 8).log())
        self.input_gate_weight = nn.Parameter(torch.empty(num_heads, size, size))
        self.input_gate_bias = nn.Parameter(torch.zeros(num_heads, size))
        self.recurrent_gate_weight = nn.Parameter(torch.empty(num_heads, size, size))
        self.recurrent_gate_bias = nn.Parameter(torch.zeros(num_heads, size))
        nn.init.normal_(self.input_gate_weight, std=size**-0.5)
        nn.init.normal_(self.recurrent_gate_weight, std=size**-0.5)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        heads = x.reshape(*x.shape[:-1], *self.input_gate_bias.shape)
        gate = torch.einsum("bthi,hij->bthj", heads, self.input_gate_weight)
        gated = x * (gate + self.input_gate_bias).flatten(-2).sigmoid()
        gate = torch.einsum("bthi,hij->bthj", heads, self.recurrent_gate_weight)
        gate = (gate + self.recurrent_gate_bias).flatten(-2).sigmoid()
        log_decay = -8 * F.softplus(self.decay) * gate
        scale = torch.sqrt(-torch.expm1(2 * log_decay))
        if state is None:  # the first step of a sequence
            scale = torch.cat((torch.ones_like(scale[:, :1]), scale[:, 1:]), dim=1)
        return linear_scan(scale * gated, log_decay.exp(), state)
