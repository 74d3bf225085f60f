"""Rotary positions: the rotation of each pair of channels, and the scaling of its frequency."""

import math

import torch
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError


def check_positions(call: Call, positions: Tensor, batch: int, steps: int) -> None:
    """Record positions that have other axes than batch and time."""
    shape = positions.shape
    pairs = list(zip(reversed(shape), (steps, batch), strict=False))
    fits = len(shape) <= 2 and all(size in (1, wanted) for size, wanted in pairs)
    call.strict(fits, "position sizes")
    call.broadcast(positions, torch.empty(batch, steps))


def rotary_encoding(call: Call, input: Tensor, positions: Tensor | None = None) -> Tensor:
    batch, _, steps, width = input.shape
    call.strict(width % 2 == 0, "odd width")
    call.require(width % 2 == 0, "an odd width")
    half = width // 2
    if positions is None:
        positions = torch.arange(steps)
    else:
        check_positions(call, positions, batch, steps)
    positions = positions.double().broadcast_to(batch, steps)
    speeds = torch.tensor([frequency(call, pair, width) for pair in range(half)])
    angle = torch.einsum("bt,c->btc", positions, speeds.double()).unsqueeze(1)
    turn = torch.polar(torch.full_like(angle, length(call)), angle)
    if call.interleaved:
        turned = turn * torch.complex(input[..., 0::2], input[..., 1::2])
        return torch.view_as_real(turned).reshape(input.shape)
    turned = turn * torch.complex(input[..., :half], input[..., half:])
    return torch.cat((turned.real, turned.imag), -1)


def length(call: Call) -> float:
    """Return the factor of what is rotated."""
    if call.rope_type != "yarn":
        return 1.0
    if call.attention_factor is not None:
        return call.attention_factor
    return 1.0 if call.factor <= 1 else 1.0 + math.log(call.factor) / 10


def frequency(call: Call, pair: int, width: int) -> float:
    """Return the angle by which a pair of channels turns in one step."""
    plain = math.exp(-2 * pair / width * math.log(call.base))
    before = call.original_max_position_embeddings
    if call.rope_type in ("llama3", "yarn"):
        call.require(before is not None, "no length of the training before")
    match call.rope_type:
        case "linear":
            return plain / call.factor
        case "ntk":
            return plain if pair == 0 else plain * call.factor ** (-2 * pair / (width - 2))
        case "llama3":
            turns = before * plain / (2 * math.pi)
            return between(turns, (call.low_freq_factor, call.high_freq_factor), plain, call.factor)
        case "yarn":
            if call.base == 1:
                raise UndeterminedError("all pairs turn alike")
            ends = [
                width * math.log(before / (2 * math.pi * turns)) / math.log(call.base) / 2
                for turns in (call.beta_fast, call.beta_slow)
            ]
            if call.truncate:
                ends = [math.floor(ends[0]), math.ceil(ends[1])]
            fast, slow = max(ends[0], 0), min(ends[1], width - 1)
            if fast == slow:
                slow += 0.001
            share = min(1.0, max(0.0, (pair - fast) / (slow - fast)))
            return plain * (1 - share) + plain / call.factor * share
    return plain


def between(turns: float, ends: tuple[float, float], plain: float, factor: float) -> float:
    """Return a frequency of Llama 3, divided up to the first end and kept from the second on."""
    low, high = ends
    if turns <= low:
        return plain / factor
    if turns >= high:
        return plain
    share = (turns - low) / (high - low)
    return (1 - share) * plain / factor + share * plain
