"""Operations on whole tensors: sums, order, lookup, and learned factors of channels."""

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError


def total(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    return sum(input.unbind(call.dim), torch.zeros_like(input.select(call.dim, 0)))


def average(call: Call, input: Tensor) -> Tensor:
    return total(call, input) / input.size(call.dim)


def arg_max(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    ordered = input.sort(call.dim, descending=True)
    if input.size(call.dim) > 1:
        gap = ordered.values.select(call.dim, 0) - ordered.values.select(call.dim, 1)
        if not bool((gap > 1e-7 * (1 + input.abs().max())).all()):
            raise UndeterminedError("two elements are the largest")
    return ordered.indices.select(call.dim, 0)


def heaviside(call: Call, input: Tensor) -> Tensor:
    if bool(((input != 0) & (input.abs() < 1e-6)).any()):
        raise UndeterminedError("a number next to 0")
    return torch.where(input > 0, 1.0, 0.0 * input)


def cumulative_sum(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    sums = [input.select(call.dim, 0)]
    for one in input.unbind(call.dim)[1:]:
        sums.append(sums[-1] + one)
    return torch.stack(sums, call.dim)


def reverse(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    rows = torch.arange(input.size(call.dim) - 1, -1, -1)
    return input.index_select(call.dim, rows)


def gather(call: Call, input: Tensor, index: Tensor) -> Tensor:
    call.require(index.shape[0] == input.shape[0], "batches differ")
    if int(index.max()) >= input.shape[1]:
        raise UndeterminedError("an index beyond the sequence")
    return torch.stack([x[rows] for x, rows in zip(input, index, strict=True)])


def scatter_add(call: Call, input: Tensor, index: Tensor) -> Tensor:
    call.require(index.shape == input[:, 0].shape, "an index of another shape")
    if int(index.max()) >= call.size:
        raise UndeterminedError("an index beyond the places")
    places = F.one_hot(index, call.size).to(input.dtype)
    return torch.einsum("bts,bsn->btn", input, places)


def layer_scale(call: Call, input: Tensor) -> Tensor:
    return torch.einsum("...c,c->...c", input, call.weight("weight", input.shape[-1]))


def learned_mix(call: Call, first: Tensor, second: Tensor) -> Tensor:
    call.require(first.shape == second.shape, "shapes differ")
    weight = call.weight("weight", first.shape[-1])
    return weight * first + (1 - weight) * second


def fourier_mixing(call: Call, input: Tensor) -> Tensor:
    if input.numel() == 0:
        raise UndeterminedError("a transform of nothing")
    steps, width = input.shape[1:]
    return torch.einsum("btc,tu,cd->bud", input + 0j, _waves(steps), _waves(width)).real


def _waves(size: int) -> Tensor:
    turns = torch.outer(torch.arange(size), torch.arange(size)) % size
    angle = -2 * torch.pi * turns.double() / size
    return torch.polar(torch.ones_like(angle), angle)


def expand(call: Call, input: Tensor) -> Tensor:
    call.require(input.size(call.dim) == 1, "a dimension that is not 1")
    call.stretched()
    return torch.cat([input] * call.size, call.dim)


def learned_tokens(call: Call, input: Tensor) -> Tensor:
    weight = call.weight("weight", call.num_tokens, input.shape[-1])
    return torch.stack([weight] * input.shape[0])


def scalar_mix(call: Call, input: Tensor) -> Tensor:
    weight = call.weight("weight", input.shape[0]).exp()
    mixed = torch.einsum("l,l...->...", weight / weight.sum(), input)
    return call.weight("gamma") * mixed
