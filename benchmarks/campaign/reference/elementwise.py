"""Operations on single elements, channels and tensors as a whole."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError


def linear(call: Call, input: Tensor) -> Tensor:
    width = input.shape[-1]
    out = width if call.out_features is None else call.out_features
    bias = call.weight("bias", out) if call.bias else None
    return F.linear(input, call.weight("weight", out, width), bias)


def embedding(call: Call, input: Tensor) -> Tensor:
    table, padding = call.num_embeddings, call.padding_idx
    if padding is not None:
        call.require(padding < table, "the id of padding is no row of the table")
    weight = call.weight("weight", table, call.embedding_dim)
    if input.is_floating_point() or input.dtype == torch.bool:
        return F.embedding(input, weight)  # PyTorch says why not
    if input.numel() and (int(input.max()) >= table or int(input.min()) < 0):
        raise UndeterminedError("an id is no row of the table")
    vectors = weight[input]
    factor = math.sqrt(call.embedding_dim) if call.scale == "sqrt" else call.scale
    return factor * vectors


def matmul(call: Call, left: Tensor, right: Tensor) -> Tensor:
    if call.transpose_right:
        right = right.mT
    call.strict(left.shape[:-2] == right.shape[:-2], "leading sizes")
    call.strict(left.shape[-1] > 0, "empty")
    factor = 1 / math.sqrt(max(left.shape[-1], 1)) if call.scale == "sqrt" else call.scale
    return torch.matmul(left, right) * factor


def layer_norm(call: Call, input: Tensor) -> Tensor:
    call.fix(input.shape[-1])
    mean = input.mean(-1, keepdim=True)
    variance = (input - mean).square().mean(-1, keepdim=True)
    normal = (input - mean) / torch.sqrt(variance + call.eps)
    if not call.elementwise_affine:
        return normal
    scaled = normal * call.weight("weight", input.shape[-1])
    return scaled + call.weight("bias", input.shape[-1]) if call.bias else scaled


def batch_norm(call: Call, input: Tensor) -> Tensor:
    call.fix(input.shape[-1])  # in evaluation, before any training: mean 0 and variance 1
    normal = input / math.sqrt(1 + call.eps)
    if not call.affine:
        return normal
    scaled = normal * call.weight("weight", input.shape[-1])
    return scaled + call.weight("bias", input.shape[-1])


def rms_norm(call: Call, input: Tensor) -> Tensor:
    call.fix(input.shape[-1])
    eps = torch.finfo(input.dtype).eps if call.eps is None else call.eps
    normal = input / torch.sqrt(input.square().mean(-1, keepdim=True) + eps)
    return normal * call.weight("weight", input.shape[-1]) if call.elementwise_affine else normal


def scale_norm(call: Call, input: Tensor) -> Tensor:
    call.fix(input.shape[-1])
    length = torch.linalg.vector_norm(input, dim=-1, keepdim=True)
    return call.weight("scale") * input / length.clamp_min(call.eps)


def l2_norm(call: Call, input: Tensor) -> Tensor:
    length = torch.linalg.vector_norm(input, dim=-1, keepdim=True)
    return input / length.clamp_min(call.eps)


def gelu(call: Call, input: Tensor) -> Tensor:
    if call.approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (input + 0.044715 * input**3)
        return 0.5 * input * (1 + torch.tanh(inner))
    return input * 0.5 * (1 + torch.erf(input / math.sqrt(2)))


def leaky_relu(call: Call, input: Tensor) -> Tensor:
    return torch.where(input > 0, input, call.negative_slope * input)


def elu(call: Call, input: Tensor) -> Tensor:
    return torch.where(input > 0, input, call.alpha * torch.expm1(input.clamp(max=0)))


def softmax(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    return torch.softmax(input, call.dim)


def masked_softmax(call: Call, input: Tensor, mask: Tensor) -> Tensor:
    call.require(mask.dtype == torch.bool, "a mask that is not boolean")
    call.require(torch.broadcast_shapes(input.shape, mask.shape) == input.shape, "a larger mask")
    call.broadcast(input, mask)
    odds = torch.where(mask, torch.exp(input - input.amax(-1, keepdim=True)), 0.0)
    total = odds.sum(-1, keepdim=True)
    return torch.where(total > 0, odds / total, 0.0)


def log_softmax(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    return torch.log_softmax(input, call.dim)


def dropout(call: Call, input: Tensor) -> Tensor:
    return F.dropout(input, call.p, training=False)


def add(call: Call, terms: list[Tensor]) -> Tensor:
    call.broadcast(*terms)
    total = terms[0]
    for term in terms[1:]:
        total = torch.add(total, term)
    return total


def multiply(call: Call, factors: list[Tensor]) -> Tensor:
    call.broadcast(*factors)
    product = factors[0]
    for factor in factors[1:]:
        product = torch.mul(product, factor)
    return product


def affine(call: Call, input: Tensor) -> Tensor:
    return call.scale * input + call.shift


def concatenate(call: Call, parts: list[Tensor]) -> Tensor:
    call.require(all(p.dim() == parts[0].dim() for p in parts), "parts of different ranks")
    return torch.cat(parts, call.dim)


def stack(call: Call, parts: list[Tensor]) -> Tensor:
    return torch.stack(parts, call.dim)


def split(call: Call, input: Tensor) -> tuple[Tensor, Tensor]:
    width = input.shape[-1]
    if call.size is None:
        call.require(width % 2 == 0, "an odd width has no halves")
        first = width // 2
    else:
        first = call.size
        call.require(first <= width, "the first part is wider than the whole")
        call.strict(first < width, "whole")
    return input[..., :first], input[..., first:]


def transpose(call: Call, input: Tensor) -> Tensor:
    call.strict(input.dim() > 0, "scalar")
    return torch.transpose(input, call.dim0, call.dim1)


def cut(call: Call, input: Tensor) -> Tensor:
    size = input.size(call.dim)
    for bound in (call.start, call.stop):
        if bound is not None and not -size <= bound <= size:
            raise UndeterminedError("a bound of a slice lies beyond the tensor")
    rows = range(size)[call.start : call.stop : call.step]
    if not rows:
        raise UndeterminedError("a slice of nothing")
    return input.index_select(call.dim, torch.tensor(rows))


def select(call: Call, input: Tensor) -> Tensor:
    return torch.select(input, call.dim, call.index)


def shift_right(call: Call, input: Tensor) -> Tensor:
    valid = {torch.int64: call.fill >= 0, torch.bool: call.fill in (0, 1)}
    call.strict(valid.get(input.dtype, True), "fill")
    steps = torch.arange(input.shape[1]) - call.steps
    moved = input[:, steps.clamp(min=0)]
    first = (steps < 0).view(1, -1, *[1] * (input.dim() - 2))
    return torch.where(first, torch.full_like(moved, call.fill), moved)


def reshape(call: Call, input: Tensor) -> Tensor:
    """Split, permute and merge dimensions by names, one axis for each name."""
    sides = call.pattern.split("->")
    call.require(len(sides) == 2, "a pattern has one arrow")
    left, right = (_axes(call, side) for side in sides)
    left, right = _expanded(call, left, right, input.dim())
    call.require(len(left) == input.dim(), "the pattern has another number of dimensions")
    sizes: dict[str, int] = {"size": call.size}
    for names, size in zip(left, input.shape, strict=True):
        _solve(call, names, size, sizes)
    flat = [name for names in left for name in names]
    order = [name for names in right for name in names]
    call.require(len({*flat}) == len(flat) and len({*order}) == len(order), "a name twice")
    call.require(sorted(flat) == sorted(order), "the sides have different names")
    parts = input.reshape([sizes[name] for name in flat])
    moved = parts.permute([flat.index(name) for name in order])
    return moved.reshape([math.prod(sizes[name] for name in names) for names in right])


def _axes(call: Call, side: str) -> list[list[str]]:
    """Return the names of each dimension; a 1 has none, and ``...`` stands for itself."""
    found: list[list[str]] = []
    is_open = False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word in "()":
            call.require(is_open == (word == ")"), "brackets do not match")
            is_open = word == "("
            found += [[]] if is_open else []
        else:
            names = [] if word == "1" else [word]
            if is_open:
                found[-1] += names
            else:
                found.append(names)
    call.require(not is_open, "a bracket is open")
    return found


def _expanded(
    call: Call, left: list[list[str]], right: list[list[str]], rank: int
) -> tuple[list[list[str]], list[list[str]]]:
    """Write a name for each dimension that ``...`` stands for."""
    count = rank - len(left) + 1
    call.require(left.count(["..."]) == right.count(["..."]) <= 1, "... on one side")
    if ["..."] not in left:
        return left, right
    call.require(count >= 0, "the pattern has more dimensions than the tensor")
    names = [[f"...{i}"] for i in range(count)]
    for side in (left, right):
        where = side.index(["..."])
        side[where : where + 1] = names
    return left, right


def _solve(call: Call, names: list[str], size: int, sizes: dict[str, int]) -> None:
    """Find the one unknown size of a dimension."""
    known, unknown = 1, []
    for name in names:
        if name.isdecimal():
            sizes[name] = int(name)
        if name in sizes:
            known *= sizes[name]
        else:
            unknown.append(name)
    call.require(len(unknown) <= 1, "two unknown names in one dimension")
    call.require(known > 0 and size % known == 0, "a size does not divide")
    if unknown:
        sizes[unknown[0]] = size // known
    else:
        call.require(known == size, "a size differs")
