"""Reference implementations of the primitive nodes in PyTorch, independent of the compiler.

Hyperparameters are replaced by their values, and the inputs are tensors by port.  Functions of
`codegen.layers` are used where they exist, as they have tests of their own.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod
from operator import and_, mul

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codegen.layers import (
    attention_weights,
    packed_sequence,
    positions,
    scale_norm,
    sequence_pooling,
    shift_right,
)
from nodes.core.graphs.node import Node

Layer = Callable[..., Tensor]


def rnn(module: type[nn.RNNBase]) -> Callable[[Node, Tensor], nn.Module]:
    """Return a constructor of a recurrent module with the parameters of a node."""

    def make(node: Node, input: Tensor) -> nn.Module:
        dropout = {"dropout": node.dropout if node.num_layers > 1 else 0.0}
        return module(input.shape[-1], **{**dict(node), **dropout}, batch_first=True)

    return make


def conv(node: Node, input: Tensor) -> nn.Module:
    own = {key: value for key, value in dict(node).items() if key != "out_channels"}
    padding = 0 if node.padding == "causal" else node.padding
    return nn.Conv1d(input.shape[-1], node.out_channels, **{**own, "padding": padding})


MODULES: Mapping[str, Callable[[Node, Tensor], nn.Module]] = {
    "Embedding": lambda n, x: nn.Embedding(n.num_embeddings, n.embedding_dim, n.padding_idx),
    "LearnedEncoding": lambda n, x: nn.Embedding(n.max_length, x.shape[-1]),
    "RNN": rnn(nn.RNN),
    "GRU": rnn(nn.GRU),
    "LSTM": rnn(nn.LSTM),
    "Linear": lambda n, x: nn.Linear(x.shape[-1], n.out_features or x.shape[-1], n.bias),
    "LayerNorm": lambda n, x: nn.LayerNorm(x.shape[-1], **dict(n)),
    "RMSNorm": lambda n, x: nn.RMSNorm(x.shape[-1], **dict(n)),
    "ScaleNorm": lambda n, x: scale_norm.ScaleNorm(x.shape[-1], **dict(n)),
    "Dropout": lambda n, x: nn.Dropout(n.p),
    "Conv1d": conv,
}
"""Constructs the module of a node for its first input."""


def run(node: Node, layer: Layer, input: Tensor, lengths: Tensor | None = None, **states) -> tuple:
    """Run a recurrent module; with lengths, not over the padding."""
    state = states.get("initial_hidden")
    if "initial_cell" in states:
        state = state, states["initial_cell"]
    if lengths is None:
        output, state = layer(input, state)
    else:
        output, state = packed_sequence.run_packed(layer, input, lengths, state)
    return (output, *state) if isinstance(state, tuple) else (output, state)


def convolve(node: Node, layer: Layer, input: Tensor) -> Tensor:
    reach = node.dilation * (node.kernel_size - 1)
    before = F.pad(input.mT, (reach if node.padding == "causal" else 0, 0))
    return layer(before).mT


def pool_steps(node: Node, layer: Layer, input: Tensor) -> Tensor:
    return F.max_pool1d(input.mT, node.kernel_size, node.stride, node.padding).mT


def attend(node: Node, layer: Layer, mask: Tensor | None = None, **given: Tensor) -> tuple:
    """Compute attention and its weights with one mask."""
    steps = given["query"].shape[-2], given["key"].shape[-2]
    seen = torch.ones(steps, dtype=torch.bool) if mask is None else mask
    seen = seen & torch.ones(steps, dtype=torch.bool).tril() if node.causal else seen
    return attention_weights.attend(**given, attn_mask=seen, scale=node.scale)


def window_mask(node: Node, layer: Layer, input: Tensor) -> Tensor:
    steps = torch.arange(input.shape[1])
    back = steps[:, None] - steps
    return (back < node.window) & (back >= 0 if node.causal else back > -node.window)


def matmul(node: Node, layer: Layer, left: Tensor, right: Tensor) -> Tensor:
    scale = left.shape[-1] ** -0.5 if node.scale == "sqrt" else node.scale
    return left @ (right.mT if node.transpose_right else right) * scale


def look_up(node: Node, layer: Layer, input: Tensor) -> Tensor:
    scale = node.embedding_dim**0.5 if node.scale == "sqrt" else node.scale
    return layer(input) * scale


def pool(how: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Return the pooling over the steps of a mask, over those before a length, or over all."""

    def pooled(node: Node, layer: Layer, input: Tensor, **padding: Tensor) -> Tensor:
        mask = padding.get("mask", torch.ones(input.shape[:2], dtype=torch.bool))
        if "lengths" in padding:
            mask = torch.arange(input.shape[1]) < padding["lengths"][:, None]
        return how(input, mask)

    return pooled


def split(node: Node, layer: Layer, input: Tensor) -> tuple[Tensor, ...]:
    whole = input.shape[-1]
    if node.size is None:
        return input.split(whole // 2, -1) if whole > 1 else ()
    return input.split((node.size, whole - node.size), -1)


def reshape(node: Node, layer: Layer, input: Tensor) -> Tensor:
    """Split the axes, one for each word, permute and merge them."""
    left, right = ([item.strip(" ()") for item in items(side)] for side in node.pattern.split("->"))
    spread = [f"_{i}" for i in range(input.dim() - len(left) + 1)]
    left, right = (
        [word for item in side for word in (spread if item == "..." else [item])]
        for side in (left, right)
    )
    sizes: dict[str, int] = {"size": node.size}
    for item, size in zip(left, input.shape, strict=True):
        words = item.split()
        known = prod(sizes[word] for word in words if word in sizes)
        sizes.update({word: size // known for word in words if word not in sizes})
    left, right = (
        [[word for word in item.split() if word != "1"] for item in side] for side in (left, right)
    )
    words = [word for item in left for word in item]
    one_each = input.reshape([int(word) if word.isdecimal() else sizes[word] for word in words])
    order = [words.index(word) for item in right for word in item]
    shape = [prod(sizes.get(word, 1) for word in item) for item in right]
    return one_each.permute(order).reshape(shape)


def items(side: str) -> list[str]:
    """Split a side of a pattern into its words and brackets."""
    found: list[str] = []
    for word in side.split():
        if found and found[-1].startswith("(") and not found[-1].endswith(")"):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def cut(node: Node, layer: Layer, input: Tensor) -> Tensor:
    keys = [slice(None)] * input.dim()
    keys[node.dim] = slice(node.start, node.stop, node.step)
    return input[tuple(keys)]


def by_layer(node: Node, layer: Layer, input: Tensor) -> Tensor:
    return layer(input)


def simply(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda node, layer, input: function(input)


FUNCTIONS: Mapping[str, Callable] = {
    **dict.fromkeys(MODULES, by_layer),
    **dict.fromkeys(("RNN", "GRU", "LSTM"), run),
    "Embedding": look_up,
    "LearnedEncoding": lambda n, m, input: input + m(torch.arange(input.shape[1])),
    "PositionIds": simply(lambda x: torch.arange(x.shape[1])),
    "SinusoidalEncoding": lambda n, m, input: positions.add_sinusoids(input, base=n.base),
    "RotaryEncoding": lambda n, m, input: positions.rotate(input, base=n.base),
    "SplitHeads": lambda n, m, input: input.unflatten(-1, (n.num_heads, -1)).transpose(1, 2),
    "MergeHeads": simply(lambda x: x.transpose(1, 2).flatten(2)),
    "ScaledDotProductAttention": attend,
    "CausalMask": simply(lambda x: torch.ones(2 * x.shape[1:2], dtype=torch.bool).tril()),
    "WindowMask": window_mask,
    "PaddingMask": lambda n, m, mask: mask[:, None, None],
    "LengthMask": lambda n, m, lengths, input: torch.arange(input.shape[1]) < lengths[:, None],
    "CombineMasks": lambda n, m, masks: reduce(and_, masks),
    "MatMul": matmul,
    "ReLU": simply(torch.relu),
    "GELU": lambda n, m, input: F.gelu(input, approximate=n.approximate),
    "SiLU": simply(F.silu),
    "Tanh": simply(torch.tanh),
    "Sigmoid": simply(torch.sigmoid),
    "LeakyReLU": lambda n, m, input: F.leaky_relu(input, n.negative_slope),
    "ELU": lambda n, m, input: F.elu(input, n.alpha),
    "Softplus": simply(F.softplus),
    "Softmax": lambda n, m, input: input.softmax(n.dim),
    "LogSoftmax": lambda n, m, input: input.log_softmax(n.dim),
    "Add": lambda n, m, terms: sum(terms),
    "Multiply": lambda n, m, factors: reduce(mul, factors),
    "Affine": lambda n, m, input: input * n.scale + n.shift,
    "Concatenate": lambda n, m, parts: torch.cat(parts, n.dim),
    "Stack": lambda n, m, parts: torch.stack(parts, n.dim),
    "Split": split,
    "Transpose": lambda n, m, input: input.transpose(n.dim0, n.dim1),
    "Reshape": reshape,
    "Slice": cut,
    "Select": lambda n, m, input: input.select(n.dim, n.index),
    "ShiftRight": lambda n, m, input: shift_right.shift_right(input, n.steps, n.fill),
    "MeanPooling": pool(sequence_pooling.mean_pool),
    "MaxPooling": pool(sequence_pooling.max_pool),
    "LastStep": pool(sequence_pooling.last_step),
    "FirstStep": simply(lambda x: x[:, 0]),
    "Conv1d": convolve,
    "MaxPool1d": pool_steps,
}
"""Computes the outputs of a node from its module and its inputs."""


def has_module(node: Node) -> bool:
    return type(node).__name__ in MODULES


def compute(node: Node, find: Callable[..., Layer], inputs: Mapping[str, Tensor]) -> dict:
    """Compute the outputs of a node.

    Args:
        node: the node.
        find: returns the module of the node; its argument constructs one.
        inputs: the tensor at each connected port.
    """
    given: dict[str, object] = {}
    for port in node.inputs:
        here = [x for key, x in inputs.items() if key.partition(".")[0] == port.name]
        if here:
            given[port.name] = here if port.variadic else here[0]
    name, layer = type(node).__name__, None
    if has_module(node):
        layer = find(lambda: MODULES[name](node, given["input"]).double())
    result = FUNCTIONS[name](node, layer, **given)
    results = result if isinstance(result, tuple | list) else (result,)
    return dict(zip([port.name for port in node.outputs], results, strict=True))
