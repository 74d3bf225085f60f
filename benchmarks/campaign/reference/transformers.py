"""Attention and the layers of a Transformer, written out."""

import math

import torch
from torch import Tensor

from benchmarks.campaign.reference import elementwise
from benchmarks.campaign.reference.activations import ACTIVATIONS
from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.rotations import check_positions, rotary_encoding
from benchmarks.campaign.reference.signatures import FIELDS, SCALING


def split_heads(call: Call, input: Tensor) -> Tensor:
    batch, steps, width = input.shape
    call.require(call.num_heads > 0 and width % call.num_heads == 0, "heads do not divide")
    parts = input.reshape(batch, steps, call.num_heads, width // call.num_heads)
    return parts.permute(0, 2, 1, 3)


def merge_heads(call: Call, input: Tensor) -> Tensor:
    return torch.cat([input[:, head] for head in range(input.shape[1])], -1)


def attention(
    call: Call,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    key_mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Attend head by head; a query without a key to attend to gets zeros."""
    if key_mask is not None:
        call.require(key_mask.shape == (key.shape[0], key.shape[2]), "a mask of other keys")
    batches = {x.shape[0] for x in (query, key, value)}
    same = key.shape[1:3] == value.shape[1:3] and len(batches) == 1
    call.strict(same, "attention sizes")
    heads, kv_heads = query.shape[1], key.shape[1]
    call.require(kv_heads > 0 and heads % kv_heads == 0, "key heads do not divide query heads")
    call.require(query.shape[-1] == key.shape[-1], "queries and keys have different widths")
    owner = torch.arange(heads) // (heads // kv_heads)
    factor = 1 / math.sqrt(max(query.shape[-1], 1)) if call.scale is None else call.scale
    scores = torch.einsum("bhtd,bhsd->bhts", query, key[:, owner]) * factor
    if bias is not None:
        call.strict(_fits(bias.shape, scores.shape), "mask sizes")
        call.broadcast(bias, scores)
        scores = scores + bias
    keys, more_keys, more_values = scores.shape[-1], *_more_keys(call, key, value)
    more = torch.einsum("bhtd,hsd->bhts", query, more_keys[owner]) * factor
    scores = torch.cat((scores, more), -1)
    if call.softcap is not None:
        scores = call.softcap * torch.tanh(scores / call.softcap)
    allowed = torch.ones((), dtype=torch.bool)
    if mask is not None:
        whole = scores[..., :keys]
        call.strict(_fits(mask.shape, whole.shape), "mask sizes")
        call.require(mask.dtype == torch.bool, "a mask is boolean")
        call.broadcast(mask, whole)
        allowed = mask
    if key_mask is not None:
        allowed = allowed & key_mask[:, None, None]
    square = scores.shape[-2], keys
    if call.causal:
        call.require(square[0] == square[1], "causal attention needs equal lengths")
        allowed = allowed & torch.ones(square, dtype=torch.bool).tril()
    if call.window is not None:
        call.require(call.causal, "a window needs causality")
        allowed = allowed & torch.ones(square, dtype=torch.bool).triu(1 - call.window)
    allowed = allowed | torch.zeros(*scores.shape[:-1], keys, dtype=torch.bool)
    allowed = torch.cat((allowed, torch.ones_like(more, dtype=torch.bool)), -1)
    blind = ~allowed.any(-1, keepdim=True)
    call.require(not (call.sinks and call.add_bias_kv), "two learned alternatives to the keys")
    if call.sinks:
        sink = call.weight("weight", heads)[:, None, None].expand(*scores.shape[:-1], 1)
        scores = torch.cat((scores.masked_fill(~allowed, -math.inf), sink), -1)
        weights = torch.softmax(scores, -1)[..., :-1]
    else:
        scores = scores.masked_fill(~(allowed | blind), -math.inf)
        weights = torch.softmax(scores, -1).masked_fill(blind, 0.0)
    found = torch.einsum("bhts,bhse->bhte", weights[..., :keys], value[:, owner])
    found = found + torch.einsum("bhts,hse->bhte", weights[..., keys:], more_values[owner])
    return found, weights[..., :keys]


def _more_keys(call: Call, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Return the keys and values of each head that belong to no step."""
    sizes = [(x.shape[1], 1, x.shape[3]) for x in (key, value)]
    found = [torch.zeros(size[0], 0, size[2]).double() for size in sizes]
    if call.add_bias_kv:
        found = [call.weight(n, *size) for n, size in zip(("bias_k", "bias_v"), sizes, strict=True)]
    if call.add_zero_attn:
        zeros = [torch.zeros(size).double() for size in sizes]
        found = [torch.cat(both, 1) for both in zip(found, zeros, strict=True)]
    return found[0], found[1]


def _fits(shape: torch.Size, target: torch.Size) -> bool:
    """Return whether a mask has no axis that the scores do not have."""
    if len(shape) > len(target):
        return False
    pairs = zip(reversed(shape), reversed(target), strict=False)
    return all(size in (1, wanted) for size, wanted in pairs)


def multi_head_attention(
    call: Call,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_mask: Tensor | None = None,
    mask: Tensor | None = None,
    score_bias: Tensor | None = None,
    positions: Tensor | None = None,
    key_positions: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    width, heads = query.shape[-1], call.num_heads
    kv_heads = heads if call.num_kv_heads is None else call.num_kv_heads
    call.require(heads > 0 and kv_heads > 0 and heads % kv_heads == 0, "heads do not divide")
    if call.head_dim is None:
        call.require(width % heads == 0, "heads do not divide the width")
    head_dim = width // heads if call.head_dim is None else call.head_dim
    sources = {"q": (query, heads), "k": (key, kv_heads), "v": (value, kv_heads)}
    parts = []
    for name, (source, count) in sources.items():
        projection = call.inside(
            name, out_features=count * head_dim, bias=call.bias and call.qkv_bias
        )
        projected = elementwise.linear(projection, source)
        parts.append(split_heads(call.inside(name, num_heads=count), projected))
    _check_rotation(call, head_dim)
    for index, (name, where) in enumerate(zip("qk", (positions, key_positions), strict=True)):
        if where is not None:
            check_positions(call, where, *(query, key)[index].shape[:2])
        parts[index] = rotated(call, normalized(call, f"{name}_norm", parts[index]), where)
    names = ("causal", "scale", "window", "softcap", "sinks", "add_bias_kv", "add_zero_attn")
    inner = call.inside("heads", **{name: call.parameters[name] for name in names})
    output, weights = attention(inner, *parts, mask, score_bias, key_mask)
    merged = merge_heads(call, output)
    out = call.inside("out", out_features=width, bias=call.bias and call.out_bias)
    return elementwise.linear(out, merged), weights


def _check_rotation(call: Call, head_dim: int) -> None:
    if call.rope_type in ("llama3", "yarn"):
        known = call.original_max_position_embeddings is not None
        call.require(known, "no length of the training before")
    if call.rotary_dim is not None:
        call.require(call.rotary_dim % 2 == 0, "pairs of channels are rotated")
        if call.head_dim is not None:
            call.require(call.rotary_dim < head_dim, "no more channels are rotated than there are")


def rotated(call: Call, x: Tensor, positions: Tensor | None) -> Tensor:
    """Rotate the first channels of each head."""
    if call.rotary is None:
        return x
    own = {name: call.parameters[name] for name in ("rope_type", *SCALING)}
    own |= {"factor": call.rope_factor, "truncate": call.rope_truncate}
    turn = call.inside("rotary", base=call.rotary, interleaved=call.rotary_interleaved, **own)
    if call.rotary_dim is None:
        return rotary_encoding(turn, x, positions)
    call.require(call.rotary_dim <= x.shape[-1], "more channels are rotated than there are")
    call.strict(call.rotary_dim < x.shape[-1], "whole")
    first = rotary_encoding(turn, x[..., : call.rotary_dim], positions)
    return torch.cat((first, x[..., call.rotary_dim :]), -1)


def normalized(call: Call, name: str, x: Tensor) -> Tensor:
    """Normalize queries or keys."""
    match call.qk_norm:
        case "layer":
            own = {"eps": call.qk_norm_eps or 1e-5, "elementwise_affine": True, "bias": True}
            return elementwise.layer_norm(call.inside(name, **own), x)
        case "rms":
            own = {"eps": call.qk_norm_eps, "elementwise_affine": True}
            return elementwise.rms_norm(call.inside(name, **own), x)
        case "l2":
            return elementwise.l2_norm(call.inside(name, eps=call.qk_norm_eps or 1e-12), x)
    return x


def feed_forward(call: Call, input: Tensor) -> Tensor:
    width = input.shape[-1]
    hidden = 4 * width if call.hidden_size is None else call.hidden_size
    up = call.inside("up", out_features=hidden, bias=call.bias)
    down = call.inside("down", out_features=width, bias=call.bias)
    return elementwise.linear(down, ACTIVATIONS[call.activation](elementwise.linear(up, input)))


def gated_feed_forward(call: Call, input: Tensor) -> Tensor:
    width = input.shape[-1]
    hidden = 4 * width if call.hidden_size is None else call.hidden_size
    gate = call.inside("gate", out_features=hidden, bias=call.bias)
    up = call.inside("up", out_features=hidden, bias=call.bias)
    down = call.inside("down", out_features=width, bias=call.bias)
    opened = ACTIVATIONS[call.activation](elementwise.linear(gate, input))
    return elementwise.linear(down, opened * elementwise.linear(up, input))


def mixture_of_experts(call: Call, input: Tensor) -> tuple[Tensor, Tensor]:
    """Compute every expert, and weigh those that are not chosen by 0."""
    width, count = input.shape[-1], call.num_experts
    call.require(call.top_k <= count, "more experts are chosen than there are")
    hidden = 4 * width if call.hidden_size is None else call.hidden_size
    scores = input @ call.inside("router").weight("weight", count, width).T
    shares = torch.softmax(scores, -1)
    least = shares.sort(-1, descending=True).values[..., call.top_k - 1 : call.top_k]
    shares = torch.where(shares >= least, shares, 0.0)
    if call.normalize:
        shares = shares / shares.sum(-1, keepdim=True)
    gate, up = (call.weight(name, count, hidden, width) for name in ("gate", "up"))
    down = call.weight("down", count, width, hidden)
    opened = ACTIVATIONS[call.activation](torch.einsum("...c,efc->...ef", input, gate))
    inner = opened * torch.einsum("...c,efc->...ef", input, up)
    return torch.einsum("...ef,ecf,...e->...c", inner, down, shares), scores


class _Sublayers:
    """The sublayers of a Transformer layer, with their norms and residual connections."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def norm(self, number: int, x: Tensor) -> Tensor:
        own = {"eps": self.call.eps, "elementwise_affine": True, "bias": self.call.bias}
        inner = self.call.inside(f"norm{number}", **own)
        if self.call.norm == "rms":
            return elementwise.rms_norm(inner, x)
        return elementwise.layer_norm(inner, x)

    def attend(self, name: str, to_self: bool, *tensors: Tensor | None) -> Tensor:
        own = self.call.parameters
        names = ("num_heads", "num_kv_heads", "head_dim", "bias", "qk_norm", "scale")
        always = {name: field.default for name, field in FIELDS["MultiHeadAttention"].items()}
        scaled = ("rope_type", "rope_factor", "original_max_position_embeddings")
        positions = {
            **({name: own[name] for name in scaled} if to_self else {}),
            "causal": to_self and self.call.causal,
            "rotary": self.call.rotary if to_self else None,
            "window": self.call.window if to_self else None,
        }
        given = {key: own[key] for key in names}
        given["qk_norm_eps"] = None if self.call.qk_norm == "l2" else self.call.eps
        inner = self.call.inside(name, **{**always, **given, **positions})
        return multi_head_attention(inner, *tensors)[0]

    def feed(self, x: Tensor) -> Tensor:
        own = self.call.parameters
        names = ("hidden_size", "activation", "bias")
        compute = gated_feed_forward if self.call.gated else feed_forward
        return compute(self.call.inside("feed_forward", **{name: own[name] for name in names}), x)


def encoder_layer(
    call: Call,
    input: Tensor,
    key_mask: Tensor | None = None,
    mask: Tensor | None = None,
    score_bias: Tensor | None = None,
    positions: Tensor | None = None,
) -> Tensor:
    layer = _Sublayers(call)

    def attend(x: Tensor) -> Tensor:
        given = key_mask, mask, score_bias, positions, positions
        return layer.attend("self_attn", True, x, x, x, *given)

    if call.norm_first:
        x = input + attend(layer.norm(1, input))
        return x + layer.feed(layer.norm(2, x))
    x = layer.norm(1, input + attend(input))
    return layer.norm(2, x + layer.feed(x))


def decoder_layer(
    call: Call,
    input: Tensor,
    memory: Tensor,
    key_mask: Tensor | None = None,
    memory_mask: Tensor | None = None,
    score_bias: Tensor | None = None,
    positions: Tensor | None = None,
) -> Tensor:
    layer = _Sublayers(call)

    def attend(x: Tensor) -> Tensor:
        given = key_mask, None, score_bias, positions, positions
        return layer.attend("self_attn", True, x, x, x, *given)

    def cross(x: Tensor) -> Tensor:
        return layer.attend("cross_attn", False, x, memory, memory, memory_mask)

    if call.norm_first:
        x = input + attend(layer.norm(1, input))
        x = x + cross(layer.norm(2, x))
        return x + layer.feed(layer.norm(3, x))
    x = layer.norm(1, input + attend(input))
    x = layer.norm(2, x + cross(x))
    return layer.norm(3, x + layer.feed(x))
