"""Attention and the layers of a Transformer, written out."""

import math

import torch
from torch import Tensor

from benchmarks.campaign.reference import elementwise, sequences
from benchmarks.campaign.reference.call import Call


def split_heads(call: Call, input: Tensor) -> Tensor:
    batch, steps, width = input.shape
    call.require(call.num_heads > 0 and width % call.num_heads == 0, "heads do not divide")
    parts = input.reshape(batch, steps, call.num_heads, width // call.num_heads)
    return parts.permute(0, 2, 1, 3)


def merge_heads(call: Call, input: Tensor) -> Tensor:
    return torch.cat([input[:, head] for head in range(input.shape[1])], -1)


def attention(
    call: Call, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Attend head by head; a query without a key to attend to gets zeros."""
    batches = {x.shape[0] for x in (query, key, value)}
    same = key.shape[1:3] == value.shape[1:3] and len(batches) == 1
    call.strict(same, "attention sizes")
    heads, kv_heads = query.shape[1], key.shape[1]
    call.require(kv_heads > 0 and heads % kv_heads == 0, "key heads do not divide query heads")
    call.require(query.shape[-1] == key.shape[-1], "queries and keys have different widths")
    owner = torch.arange(heads) // (heads // kv_heads)
    factor = 1 / math.sqrt(max(query.shape[-1], 1)) if call.scale is None else call.scale
    scores = torch.einsum("bhtd,bhsd->bhts", query, key[:, owner]) * factor
    allowed = torch.ones((), dtype=torch.bool)
    if mask is not None:
        call.strict(_fits(mask.shape, scores.shape), "mask sizes")
        call.require(mask.dtype == torch.bool, "a mask is boolean")
        call.broadcast(mask, scores)
        allowed = mask
    if call.causal:
        call.require(scores.shape[-1] == scores.shape[-2], "causal attention needs equal lengths")
        allowed = allowed & torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    allowed = allowed | torch.zeros_like(scores, dtype=torch.bool)
    blind = ~allowed.any(-1, keepdim=True)
    scores = scores.masked_fill(~(allowed | blind), -math.inf)
    weights = torch.softmax(scores, -1).masked_fill(blind, 0.0)
    return torch.einsum("bhts,bhse->bhte", weights, value[:, owner]), weights


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
        projection = call.inside(name, out_features=count * head_dim, bias=call.bias)
        projected = elementwise.linear(projection, source)
        parts.append(split_heads(call.inside(name, num_heads=count), projected))
    if call.rotary is not None:
        turn = call.inside("rotary", base=call.rotary)
        parts[:2] = [sequences.rotary_encoding(turn, part) for part in parts[:2]]
    if key_mask is not None:
        call.require(key_mask.shape == (key.shape[0], key.shape[1]), "a mask of other keys")
        padding = sequences.padding_mask(call, key_mask)
        mask = padding if mask is None else torch.logical_and(padding, mask)
    inner = call.inside("heads", causal=call.causal, scale=None)
    output, weights = attention(inner, *parts, mask)
    merged = merge_heads(call, output)
    out = call.inside("out", out_features=width, bias=call.bias)
    return elementwise.linear(out, merged), weights


def activate(name: str, x: Tensor) -> Tensor:
    """Apply the activation function of a name."""
    match name:
        case "relu":
            return torch.clamp_min(x, 0)
        case "silu":
            return x * torch.sigmoid(x)
        case "gelu":
            return x * torch.special.ndtr(x)
    return torch.nn.functional.gelu(x, approximate="tanh")


def feed_forward(call: Call, input: Tensor) -> Tensor:
    width = input.shape[-1]
    hidden = 4 * width if call.hidden_size is None else call.hidden_size
    up = call.inside("up", out_features=hidden, bias=call.bias)
    down = call.inside("down", out_features=width, bias=call.bias)
    return elementwise.linear(down, activate(call.activation, elementwise.linear(up, input)))


def gated_feed_forward(call: Call, input: Tensor) -> Tensor:
    width = input.shape[-1]
    hidden = 4 * width if call.hidden_size is None else call.hidden_size
    gate = call.inside("gate", out_features=hidden, bias=call.bias)
    up = call.inside("up", out_features=hidden, bias=call.bias)
    down = call.inside("down", out_features=width, bias=call.bias)
    opened = activate(call.activation, elementwise.linear(gate, input))
    return elementwise.linear(down, opened * elementwise.linear(up, input))


class _Sublayers:
    """The sublayers of a Transformer layer, with their norms and residual connections."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def norm(self, number: int, x: Tensor) -> Tensor:
        own = {"eps": self.call.eps, "elementwise_affine": True, "bias": self.call.bias}
        return elementwise.layer_norm(self.call.inside(f"norm{number}", **own), x)

    def attend(self, name: str, causal: bool, *tensors: Tensor | None) -> Tensor:
        inner = self.call.inside(
            name,
            num_heads=self.call.num_heads,
            num_kv_heads=None,
            head_dim=None,
            bias=self.call.bias,
            causal=causal,
            rotary=None,
        )
        return multi_head_attention(inner, *tensors)[0]

    def feed(self, x: Tensor) -> Tensor:
        own = self.call.parameters
        names = ("hidden_size", "activation", "bias")
        return feed_forward(
            self.call.inside("feed_forward", **{name: own[name] for name in names}), x
        )


def encoder_layer(
    call: Call, input: Tensor, key_mask: Tensor | None = None, mask: Tensor | None = None
) -> Tensor:
    layer = _Sublayers(call)

    def attend(x: Tensor) -> Tensor:
        return layer.attend("self_attn", call.causal, x, x, x, key_mask, mask)

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
) -> Tensor:
    layer = _Sublayers(call)

    def attend(x: Tensor) -> Tensor:
        return layer.attend("self_attn", call.causal, x, x, x, key_mask)

    def cross(x: Tensor) -> Tensor:
        return layer.attend("cross_attn", False, x, memory, memory, memory_mask)

    if call.norm_first:
        x = input + attend(layer.norm(1, input))
        x = x + cross(layer.norm(2, x))
        return x + layer.feed(layer.norm(3, x))
    x = layer.norm(1, input + attend(input))
    x = layer.norm(2, x + cross(x))
    return layer.norm(3, x + layer.feed(x))
