"""The recurrences that are computed from all steps at once are those of their formulas."""

import pytest
import torch
from torch import nn

from codegen.layers.linear_recurrences import (
    WKV,
    MultiHeadSelectiveScan,
    SelectiveScan,
    linear_scan,
)

B, C, N = 2, 3, 4
LENGTHS = pytest.mark.parametrize("length", [0, 1, 2, 5, 8, 13])


def numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def close(ours: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-9)


@LENGTHS
def test_a_linear_scan_is_the_loop(length):
    x, decay, state = numbers(B, length, C), torch.rand(B, length, C).double(), numbers(B, C)
    states, last = linear_scan(x, decay, state)
    for t in range(length):
        state = decay[:, t] * state + x[:, t]
        close(states[:, t], state)
    close(last, state)


@LENGTHS
def test_a_selective_scan_is_the_loop_of_the_paper(length):
    layer = SelectiveScan(C, N).double()
    x, delta, b, c = numbers(B, length, C), numbers(B, length, C).abs(), *numbers(2, B, length, N)
    state = numbers(B, C, N)
    output, last = layer(x, delta, b, c, state)
    matrix = -layer.A_log.exp()
    for t in range(length):
        decay = (delta[:, t, :, None] * matrix).exp()
        state = decay * state + (delta[:, t] * x[:, t])[..., None] * b[:, t, None]
        close(output[:, t], (state * c[:, t, None]).sum(-1) + layer.D * x[:, t])
    close(last, state)
    assert layer.A_log.exp()[0].tolist() == pytest.approx([1, 2, 3, 4])


@LENGTHS
def test_a_scan_in_heads_is_the_loop_of_the_paper(length):
    heads, size = 3, 2
    layer = MultiHeadSelectiveScan(heads * size, heads).double()
    nn.init.normal_(layer.D)
    x, delta = numbers(B, length, heads * size), numbers(B, length, heads).abs()
    b, c = numbers(2, B, length, N)
    state = numbers(B, heads * size, N)
    output, last = layer(x, delta, b, c, state)
    states = [state[:, h * size : (h + 1) * size] for h in range(heads)]
    for t in range(length):
        for h, channels in enumerate(x[:, t].split(size, -1)):
            decay = (-delta[:, t, h] * layer.A_log[h].exp()).exp()[:, None, None]
            added = channels[..., None] * b[:, t, None] * delta[:, t, h, None, None]
            states[h] = decay * states[h] + added
            read = (states[h] * c[:, t, None]).sum(-1) + layer.D[h] * channels
            close(output[:, t, h * size : (h + 1) * size], read)
    close(last, torch.cat(states, 1))


@LENGTHS
def test_weighted_averages_have_the_weights_of_the_paper(length):
    layer = WKV(C).double()
    key, value = 30 * numbers(B, length, C), numbers(B, length, C)
    output, _ = layer(key, value)
    decay, first = layer.time_decay.exp(), layer.time_first
    for t in range(length):
        exponents = [key[:, i] - (t - 1 - i) * decay for i in range(t)] + [first + key[:, t]]
        weights = torch.stack(exponents).softmax(0)
        close(output[:, t], (weights * value[:, : t + 1].transpose(0, 1)).sum(0))


def test_a_recurrence_goes_on_from_its_state():
    key, value = numbers(B, 7, C), numbers(B, 7, C)
    layer = WKV(C).double()
    whole, end = layer(key, value)
    first, state = layer(key[:, :3], value[:, :3])
    second, last = layer(key[:, 3:], value[:, 3:], state)
    close(torch.cat((first, second), 1), whole)
    close(last, end)


def test_gradients_of_a_scan_are_those_of_the_loop():
    x = numbers(1, 5, 2).requires_grad_()
    decay = torch.rand(1, 5, 2).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: linear_scan(a, b)[0], (x, decay))
