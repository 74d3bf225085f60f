"""Recurrences that are linear in their state, step by step."""

import torch
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError


def _steps(x: Tensor) -> range:
    return range(x.shape[1])


def _joined(outputs: list[Tensor], like: Tensor) -> Tensor:
    return torch.stack(outputs, 1) if outputs else torch.zeros_like(like)


def _check(call: Call, first: Tensor, *others: Tensor) -> None:
    for other in others:
        call.require(other.shape[:2] == first.shape[:2], "sequences of other steps")


def linear_recurrence(
    call: Call, input: Tensor, decay: Tensor, initial_state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    call.require(input.shape == decay.shape, "decays of another shape")
    state = input.new_zeros(input.shape[0], input.shape[2])
    if initial_state is not None:
        call.require(initial_state.shape == state.shape, "a state of another shape")
        state = initial_state
        if not decay[:, 0].any():
            raise UndeterminedError("a state that the first step forgets")
    outputs = []
    for t in _steps(input):
        state = torch.addcmul(input[:, t], decay[:, t], state)
        outputs.append(state)
    return _joined(outputs, input), state


def selective_scan(
    call: Call,
    input: Tensor,
    delta: Tensor,
    b: Tensor,
    c: Tensor,
    initial_state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    _check(call, input, delta, b, c)
    call.require(delta.shape == input.shape and b.shape == c.shape, "shapes differ")
    width, size = input.shape[-1], b.shape[-1]
    matrix = -torch.exp(call.weight("A_log", width, size))
    skip = call.weight("D", width)
    state = input.new_zeros(input.shape[0], width, size)
    if initial_state is not None:
        call.require(initial_state.shape == state.shape, "a state of another shape")
        state = initial_state
    outputs = []
    for t in _steps(input):
        step = delta[:, t]
        kept = torch.exp(torch.einsum("bc,cn->bcn", step, matrix)) * state
        state = kept + torch.einsum("bc,bc,bn->bcn", step, input[:, t], b[:, t])
        outputs.append(torch.einsum("bcn,bn->bc", state, c[:, t]) + skip * input[:, t])
    return _joined(outputs, input), state


def multi_head_selective_scan(
    call: Call,
    input: Tensor,
    delta: Tensor,
    b: Tensor,
    c: Tensor,
    initial_state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    _check(call, input, delta, b, c)
    width, heads = input.shape[-1], call.num_heads
    call.require(heads > 0 and width % heads == 0, "heads do not divide the width")
    call.require(delta.shape[-1] == heads and b.shape == c.shape, "shapes differ")
    rate, skip = torch.exp(call.weight("A_log", heads)), call.weight("D", heads)
    shape = (input.shape[0], heads, width // heads, b.shape[-1])
    state = input.new_zeros(shape)
    if initial_state is not None:
        call.require(initial_state.shape == (shape[0], width, shape[3]), "a state of another shape")
        state = initial_state.reshape(shape)
    outputs = []
    for t in _steps(input):
        x = input[:, t].reshape(shape[:3])
        kept = torch.einsum("bh,bhdn->bhdn", torch.exp(-delta[:, t] * rate), state)
        state = kept + torch.einsum("bh,bhd,bn->bhdn", delta[:, t], x, b[:, t])
        read = torch.einsum("bhdn,bn->bhd", state, c[:, t]) + torch.einsum("h,bhd->bhd", skip, x)
        outputs.append(read.reshape(shape[0], width))
    return _joined(outputs, input), state.reshape(shape[0], width, shape[3])


def wkv(
    call: Call, key: Tensor, value: Tensor, initial_state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    call.require(key.shape == value.shape, "keys and values of different shapes")
    width = key.shape[-1]
    decay = torch.exp(call.weight("time_decay", width))
    bonus = call.weight("time_first", width)
    zero = key.new_zeros(key.shape[0], width)
    total, weight, scale = zero, zero, torch.full_like(zero, -1e38)
    if initial_state is not None:
        call.require(initial_state.shape == (3, *zero.shape), "a state of another shape")
        total, weight, scale = initial_state
    outputs = []
    for t in _steps(key):
        pair = torch.stack((scale, bonus + key[:, t]))
        now = torch.exp(pair - pair.amax(0))
        outputs.append((now[0] * total + now[1] * value[:, t]) / (now[0] * weight + now[1]))
        pair = torch.stack((scale - decay, key[:, t]))
        scale = pair.amax(0)
        kept = torch.exp(pair - scale)
        total, weight = kept[0] * total + kept[1] * value[:, t], kept[0] * weight + kept[1]
    return _joined(outputs, value), torch.stack((total, weight, scale))


def rglru(call: Call, input: Tensor, initial_state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    width, heads = input.shape[-1], call.num_heads
    call.require(heads > 0 and width % heads == 0, "heads do not divide the width")
    size = width // heads
    gates = {}
    for name in ("input_gate", "recurrent_gate"):
        blocks = torch.block_diag(*call.weight(f"{name}_weight", heads, size, size))
        bias = call.weight(f"{name}_bias", heads, size).reshape(width)
        gates[name] = 1 / (1 + torch.exp(-(input @ blocks + bias)))
    decay = torch.log(1 + torch.exp(call.weight("decay", width)))
    exponent = -8 * decay * gates["recurrent_gate"]
    kept, scale = torch.exp(exponent), torch.sqrt(-torch.expm1(2 * exponent))
    state = initial_state
    if state is not None:
        call.require(state.shape == (input.shape[0], width), "a state of another shape")
    outputs = []
    for t in _steps(input):
        added = gates["input_gate"][:, t] * input[:, t]
        state = added if state is None else kept[:, t] * state + scale[:, t] * added
        outputs.append(state)
    return _joined(outputs, input), state
