"""Rules for functions of elements, arithmetic, reductions, masks and products of matrices."""

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import torch
from torch import fx

from builder.importing.rules.layout_algebra import rearrangement, start
from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.rules.weight_entries import weight_entry
from builder.importing.tracing.operators import arg, argument, op
from builder.importing.tracing.trace import Trace
from nodes.activation.absolute import Absolute
from nodes.activation.celu import CELU
from nodes.activation.cumulative_sum import CumulativeSum
from nodes.activation.elu import ELU
from nodes.activation.exp import Exp
from nodes.activation.gelu import GELU
from nodes.activation.hardshrink import Hardshrink
from nodes.activation.hardsigmoid import Hardsigmoid
from nodes.activation.hardswish import Hardswish
from nodes.activation.leaky_relu import LeakyReLU
from nodes.activation.log_sigmoid import LogSigmoid
from nodes.activation.log_softmax import LogSoftmax
from nodes.activation.mish import Mish
from nodes.activation.relu import ReLU
from nodes.activation.relu6 import ReLU6
from nodes.activation.selu import SELU
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.softmax import Softmax
from nodes.activation.softplus import Softplus
from nodes.activation.softshrink import Softshrink
from nodes.activation.tanh import Tanh
from nodes.core.graphs.node import Node
from nodes.linear.matmul import MatMul
from nodes.masks.combine_masks import CombineMasks
from nodes.masks.either_mask import EitherMask
from nodes.masks.invert_mask import InvertMask
from nodes.masks.token_mask import TokenMask
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.multiply import Multiply
from nodes.merge.split import Split
from nodes.normalization.layer_scale import LayerScale
from nodes.pooling.arg_max import ArgMax
from nodes.pooling.mean import Mean
from nodes.pooling.sum import Sum


def _plain_softplus(value: fx.Node) -> Node | None:
    return (
        Softplus() if (argument(value, "beta"), argument(value, "threshold")) == (1, 20) else None
    )


def _elu(value: fx.Node) -> Node | None:
    alpha, scale = float(argument(value, "alpha")), argument(value, "scale")
    return ELU(alpha=alpha) if scale == 1 and argument(value, "input_scale") == 1 else None


FUNCTIONS: Mapping[str, Callable[[fx.Node], Node | None]] = {
    "abs": lambda _: Absolute(),
    "argmax": lambda v: ArgMax(dim=arg(v, 1)) if arg(v, 1) is not None else None,
    "celu": lambda v: CELU(alpha=float(argument(v, "alpha"))),
    "cumsum": lambda v: CumulativeSum(dim=arg(v, 1)),
    "elu": _elu,
    "exp": lambda _: Exp(),
    "gelu": lambda v: GELU(approximate=argument(v, "approximate")),
    "hardshrink": lambda v: Hardshrink(lambd=float(argument(v, "lambd"))),
    "hardsigmoid": lambda _: Hardsigmoid(),
    "hardswish": lambda _: Hardswish(),
    "leaky_relu": lambda v: LeakyReLU(negative_slope=float(argument(v, "negative_slope"))),
    "log_sigmoid": lambda _: LogSigmoid(),
    "log_softmax": lambda v: LogSoftmax(dim=arg(v, 1)),
    "_log_softmax": lambda v: LogSoftmax(dim=arg(v, 1)),
    "mish": lambda _: Mish(),
    "neg": lambda _: Affine(scale=-1.0),
    "relu": lambda _: ReLU(),
    "relu6": lambda _: ReLU6(),
    "selu": lambda _: SELU(),
    "sigmoid": lambda _: Sigmoid(),
    "silu": lambda _: SiLU(),
    "softmax": lambda v: Softmax(dim=arg(v, 1)),
    "_softmax": lambda v: Softmax(dim=arg(v, 1)),
    "softplus": _plain_softplus,
    "softshrink": lambda v: Softshrink(lambd=float(argument(v, "lambd"))),
    "tanh": lambda _: Tanh(),
}
"""The node of each function of one tensor; None where its arguments are others."""


def function(trace: Trace, value: fx.Node) -> Match | None:
    """A function of one tensor that is one operator."""
    make = FUNCTIONS.get(op(value))
    node = make(value) if make else None
    if node is None or argument(value, "keepdim"):
        return None
    match = Match(trace, value)
    match.add(node, {node.inputs[0].name: Ref(arg(value, 0))}, op(value).strip("_"))
    return match


def reduction(trace: Trace, value: fx.Node) -> Match | None:
    """``mean`` and ``sum`` over dimensions."""
    make = {"mean": Mean, "sum": Sum}.get(op(value))
    dims = argument(value, "dim") if make else None
    if make is None or not dims:
        return None
    dims = [dims] if isinstance(dims, int) else list(dims)
    x = arg(value, 0)
    rank = len(trace.shape(x))
    match, ref = Match(trace, value), Ref(x)
    for dim in sorted((dim % rank for dim in dims), reverse=True):
        ref = match.add(make(dim=dim), {"input": ref})
    if argument(value, "keepdim"):
        kept = start(trace.shape(value))
        node = rearrangement([dim for dim in kept if dim], kept)
        if node is None:
            return None
        match.add(node, {"input": ref})
    return match


def addition(trace: Trace, value: fx.Node) -> Match | None:
    """``+`` and ``-`` of tensors and numbers."""
    if op(value) not in ("add", "sub", "rsub"):
        return None
    first, second = _operands(trace, value)
    alpha = argument(value, "alpha")
    alpha = 1.0 if alpha is None else float(alpha)
    if op(value) == "rsub":
        first, second = second, first
    sign = alpha if op(value) == "add" else -alpha
    if isinstance(first, fx.Node) and isinstance(second, Real):
        return _affine(trace, value, first, (1.0, sign * float(second)))
    if isinstance(first, Real) and isinstance(second, fx.Node):
        return _affine(trace, value, second, (sign, float(first)))
    if not isinstance(first, fx.Node) or not isinstance(second, fx.Node):
        return None
    match = Match(trace, value)
    terms = [Ref(_unexpanded(trace, first)), Ref(_unexpanded(trace, second))]
    if sign != 1.0:
        terms[1] = match.add(Affine(scale=sign), {"input": terms[1]})
    match.add(Add(), {f"terms.{i}": term for i, term in enumerate(terms)})
    return match


def multiplication(trace: Trace, value: fx.Node) -> Match | None:
    """``*`` of tensors and numbers, ``/`` by a number, and small whole powers."""
    name, (first, second) = op(value), _operands(trace, value)
    if isinstance(first, Real) and name == "mul":
        first, second = second, first
    if not isinstance(first, fx.Node):
        return None
    match = Match(trace, value)
    if name == "pow" and second in (2, 3):
        match.add(Multiply(), {f"factors.{i}": Ref(first) for i in range(int(second))})
        return match
    if isinstance(second, Real):
        is_plain = name == "mul" or (name == "div" and argument(value, "rounding_mode") is None)
        scale = float(second) if name == "mul" else 1.0 / float(second or 1)
        return _affine(trace, value, first, (scale, 0.0)) if is_plain else None
    if name != "mul" or not isinstance(second, fx.Node):
        return None
    factors = [_unexpanded(trace, first), _unexpanded(trace, second)]
    match.add(Multiply(), {f"factors.{i}": Ref(factor) for i, factor in enumerate(factors)})
    return match


def _operands(trace: Trace, value: fx.Node) -> tuple[Any, Any]:
    """Return the two operands; constants as numbers."""
    return trace.number(arg(value, 0)), trace.number(arg(value, 1))


def _affine(
    trace: Trace, value: fx.Node, x: fx.Node, coefficients: tuple[float, float]
) -> Match | None:
    """Scale and shift the elements of a value; None if that also changes its shape."""
    if trace.dtype(x) is None or trace.shape(x) != trace.shape(value):
        return None
    match, (scale, shift) = Match(trace, value), coefficients
    if coefficients == (1.0, 0.0):
        return match.alias(x)
    match.add(Affine(scale=scale, shift=shift), {"input": Ref(x)})
    return match


def layer_scale(trace: Trace, value: fx.Node) -> Match | None:
    """``x * weight`` with a weight for each channel."""
    if op(value) != "mul":
        return None
    for x, weight in ((arg(value, 0), arg(value, 1)), (arg(value, 1), arg(value, 0))):
        entry: WeightEntry | None = weight_entry(trace, weight)
        if entry is None or not isinstance(x, fx.Node):
            continue
        if trace.shape(weight) == trace.shape(x)[-1:]:
            match = Match(trace, value)
            match.add(LayerScale(), {"input": Ref(x)}, "scale", {"weight": entry})
            return match
    return None


def _unexpanded(trace: Trace, x: fx.Node) -> fx.Node:
    """Skip an ``expand`` of dimensions, which arithmetic does by itself."""
    expands = op(x) == "expand" and len(trace.shape(x)) == len(trace.shape(arg(x, 0)))
    found: fx.Node = arg(x, 0) if expands else x
    return found


def gated_linear_unit(trace: Trace, value: fx.Node) -> Match | None:
    """``glu`` of the last dimension: one half times the sigmoid of the other."""
    x = arg(value, 0)
    if (
        op(value) != "glu"
        or argument(value, "dim") % len(trace.shape(x)) != len(trace.shape(x)) - 1
    ):
        return None
    match = Match(trace, value)
    halves = match.add(Split(), {"input": Ref(x)})
    gate = match.add(Sigmoid(), {"input": Ref(halves.of, "second")}, "gate")
    match.add(Multiply(), {"factors.0": Ref(halves.of, "first"), "factors.1": gate})
    return match


def logic(trace: Trace, value: fx.Node) -> Match | None:
    """``&``, ``|`` and ``~`` of masks, and comparisons of token ids with one id."""
    name, first, second = op(value), arg(value, 0), arg(value, 1)
    is_mask = trace.dtype(first) is torch.bool
    match = Match(trace, value)
    binary = {"logical_and": CombineMasks, "bitwise_and": CombineMasks}
    binary |= {"logical_or": EitherMask, "bitwise_or": EitherMask}  # type: ignore[dict-item]
    if is_mask and name in binary and isinstance(second, fx.Node):
        match.add(binary[name](), {"masks.0": Ref(first), "masks.1": Ref(second)}, "mask")
        return match
    if is_mask and name in ("logical_not", "bitwise_not"):
        match.add(InvertMask(), {"mask": Ref(first)}, "mask")
        return match
    if name in ("eq", "ne") and isinstance(second, int) and first.op == "placeholder":
        found = match.add(TokenMask(padding_id=second), {"input": Ref(first)}, "mask")
        if name == "eq":
            match.add(InvertMask(), {"mask": found}, "mask")
        return match
    return None


def matrix_product(trace: Trace, value: fx.Node) -> Match | None:
    """``matmul`` and ``bmm`` of two values of the model."""
    if op(value) not in ("matmul", "bmm"):
        return None
    left, right = arg(value, 0), arg(value, 1)
    before = untransposed(trace, right)
    node = MatMul(transpose_right=before is not None)
    match = Match(trace, value)
    match.add(node, {"left": Ref(left), "right": Ref(right if before is None else before)})
    return match


def untransposed(trace: Trace, x: fx.Node) -> fx.Node | None:
    """Return the value of which another one is the transpose; None if it is not."""
    rank = len(trace.shape(x))
    last = {rank - 1, rank - 2}
    if op(x) == "transpose" and {arg(x, 1) % rank, arg(x, 2) % rank} == last:
        found: fx.Node = arg(x, 0)
        return found
    return None
