"""Rules for functions written by hand: what they compute is compared with what nodes compute."""

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product

import torch
from torch import Tensor, fx
from torch.nn import functional as F

from builder.importing.rules.layer_rules import swapped
from builder.importing.rules.regions import Region, agrees, regions
from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.rules.weight_entries import entry_name, weight_entry
from builder.importing.tracing.operators import op
from builder.importing.tracing.trace import Trace
from nodes.activation.elu import ELU
from nodes.activation.gelu import GELU
from nodes.activation.hardsigmoid import Hardsigmoid
from nodes.activation.hardswish import Hardswish
from nodes.activation.leaky_relu import LeakyReLU
from nodes.activation.log_sigmoid import LogSigmoid
from nodes.activation.log_softmax import LogSoftmax
from nodes.activation.mish import Mish
from nodes.activation.quick_gelu import QuickGELU
from nodes.activation.relu import ReLU
from nodes.activation.relu6 import ReLU6
from nodes.activation.relu_squared import ReLUSquared
from nodes.activation.selu import SELU
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.soft_cap import SoftCap
from nodes.activation.softmax import Softmax
from nodes.activation.softplus import Softplus
from nodes.activation.softsign import Softsign
from nodes.activation.tanh import Tanh
from nodes.activation.tanhshrink import Tanhshrink
from nodes.core.graphs.node import Node
from nodes.normalization.l2_norm import L2Norm
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.position.rotary_encoding import RotaryEncoding

Function = Callable[[Tensor], Tensor]

_ENDS = frozenset(
    {
        "mul",
        "div",
        "add",
        "sub",
        "pow",
        "where",
        "clamp",
        "minimum",
        "maximum",
        "cat",
        "view",
        "_to_copy",
        "log",
        "neg",
        "hardtanh",
        "relu",
        "square",
        "view_as_real",
        "_unsafe_view",
        "clamp_min",
        "rsub",
    }
)
"""The operators at which a function written by hand may end."""

_PARTS = frozenset(
    {
        "tanh",
        "erf",
        "sigmoid",
        "exp",
        "relu",
        "clamp",
        "clamp_min",
        "softplus",
        "hardtanh",
        "abs",
        "where",
        "gt",
        "maximum",
        "log1p",
        "silu",
    }
)
_NORMS = frozenset({"rsqrt", "sqrt", "norm", "linalg_vector_norm", "var", "std", "var_mean"})

FUNCTIONS: Mapping[Node, Function] = {
    ReLU(): F.relu,
    GELU(): F.gelu,
    GELU(approximate="tanh"): lambda x: F.gelu(x, approximate="tanh"),
    SiLU(): F.silu,
    QuickGELU(): lambda x: x * torch.sigmoid(1.702 * x),
    ReLUSquared(): lambda x: F.relu(x) ** 2,
    Mish(): F.mish,
    Tanh(): torch.tanh,
    Sigmoid(): torch.sigmoid,
    Softplus(): F.softplus,
    Softsign(): F.softsign,
    Tanhshrink(): F.tanhshrink,
    LogSigmoid(): F.logsigmoid,
    Hardswish(): F.hardswish,
    Hardsigmoid(): F.hardsigmoid,
    ReLU6(): F.relu6,
    ELU(): F.elu,
    SELU(): F.selu,
    LeakyReLU(): F.leaky_relu,
    Softmax(): lambda x: x.softmax(-1),
    LogSoftmax(): lambda x: x.log_softmax(-1),
}
"""The functions that are recognized by their values."""


def written_function(trace: Trace, value: fx.Node) -> Match | None:
    """An activation function written by hand, such as the tanh approximation of GELU."""
    if op(value) not in _ENDS:
        return None
    for region in regions(trace, value):
        if not region.names & _PARTS or region.weights:
            continue
        node = _function_of(region)
        if node is not None:
            match = Match(trace, value, members=region.members)
            match.add(node, {"input": Ref(region.source)})
            return match
    return None


def _function_of(region: Region) -> Node | None:
    x = region.sample(3.0)
    actual = _computed(region, x)
    if actual is None or actual.shape != x.shape:
        return None
    for node, function in FUNCTIONS.items():
        if agrees(actual, function(x)):
            return node
    ends = [_at(region, x, number) for number in (-1.0, -100.0, 1e6)]
    slope, alpha, cap = _round(-ends[0]), _round(-ends[1]), _round(ends[2])
    if agrees(actual, F.leaky_relu(x, slope)):
        return LeakyReLU(negative_slope=slope)
    if alpha > 0 and agrees(actual, F.elu(x, alpha)):
        return ELU(alpha=alpha)
    if 0 < cap < 1e5 and agrees(actual, cap * torch.tanh(x / cap)):
        return SoftCap(cap=cap)
    return None


def _at(region: Region, x: Tensor, number: float) -> float:
    """Compute the function of one number."""
    return float(region.on(torch.full_like(x, number)).flatten()[0])


def _computed(region: Region, x: Tensor, *weights: Tensor, run: int = 0) -> Tensor | None:
    try:
        found = region.on(x, *weights, run=run)
    except (RuntimeError, IndexError, TypeError):
        return None
    return found if isinstance(found, Tensor) else None


def _round(number: float) -> float:
    """Return a number without the error of a computation in single precision."""
    short = float(f"{number:.5g}")
    return short if abs(short - number) <= 1e-5 * abs(number) else number


def written_norm(trace: Trace, value: fx.Node) -> Match | None:
    """A normalization over the last dimension written by hand."""
    if op(value) not in _ENDS:
        return None
    for region in regions(trace, value):
        if not region.names & _NORMS or len(region.weights) > 2:
            continue
        found = _norm_of(region)
        if found is not None:
            node, weights = found
            match = Match(trace, value, members=region.members)
            match.add(node, {"input": Ref(region.source)}, "norm", weights)
            return match
    return None


def _norm_of(region: Region) -> tuple[Node, dict[str, WeightEntry]] | None:
    x = region.sample(0.05)
    width = x.shape[-1:]
    given = [weight_entry(region.trace, one) for one in region.weights]
    entries = [entry for entry in given if entry is not None]
    shapes = {tuple(one.meta["val"].shape) for one in region.weights}
    if len(entries) < len(given) or shapes - {tuple(width)}:
        return None
    drawn = [torch.linspace(0.5, 1.5, *width), torch.linspace(1.0, -1.0, *width)][: len(entries)]
    actual = _computed(region, x, *drawn)
    if actual is None:
        return None
    for order, eps in product(permutations(range(len(entries))), _epsilons(region)):
        found = _norm_with(x, actual, eps, [drawn[i] for i in order])
        if found is not None:
            node, added = found
            named = dict(zip(("weight", "bias"), (entries[i] for i in order), strict=False))
            if added:
                named["weight"] = {"name": entry_name(named["weight"]), "add": added}
            return node, named
    return None


def _epsilons(region: Region) -> list[float]:
    given = [x for x in region.numbers() if 0 < x < 0.1]
    return [*dict.fromkeys(given), 1e-12]


def _norm_with(
    x: Tensor, actual: Tensor, eps: float, weights: list[Tensor]
) -> tuple[Node, float] | None:
    """Find the norm with these values; return what is added to its weight too."""
    width, affine = x.shape[-1:], bool(weights)
    weight = weights[0] if affine else None
    if len(weights) < 2:
        root = F.rms_norm(x, width, None, eps)
        for added in (0.0, 1.0) if weight is not None else (0.0,):
            if agrees(actual, root if weight is None else root * (weight + added)):
                return RMSNorm(eps=eps, elementwise_affine=affine), added
        if weight is None and agrees(actual, F.normalize(x, dim=-1, eps=eps)):
            return L2Norm(eps=eps), 0.0
    bias = weights[1] if len(weights) > 1 else None
    if agrees(actual, F.layer_norm(x, width, weight, bias, eps)):
        return LayerNorm(
            eps=eps, elementwise_affine=affine, bias=bias is not None or not affine
        ), 0.0
    return None


def rotary(trace: Trace, value: fx.Node) -> Match | None:
    """A rotary position embedding, (B, H, T, D) or (B, T, H, D), in any spelling."""
    if op(value) not in _ENDS or len(trace.shape(value)) != 4:
        return None
    size = trace.shape(value)[-1]
    if not isinstance(size, int) or size % 2:
        return None
    for region in regions(trace, value):
        if region.weights or trace.shape(region.source) != trace.shape(value):
            continue
        for steps in (2, 1):
            node = _rotation(region, steps)
            if node is None:
                continue
            match = Match(trace, value, members=region.members)
            x = Ref(region.source) if steps == 2 else swapped(match, Ref(region.source), 1, 2)
            found = match.add(node, {"input": x}, "rotary")
            if steps == 1:
                swapped(match, found, 1, 2)
            return match
    return None


def _rotation(region: Region, steps: int) -> Node | None:
    """Find the base of a rotation along the steps, by where it moves one channel at step 1."""
    shape = region.trace.runs[0][region.source].shape
    half = shape[-1] // 2
    if shape[steps] < 2:
        return None
    for interleaved in (False, True):
        first, second = (2, 3) if interleaved else (1, 1 + half)
        if half == 1:
            first, second = 0, 1
        x = torch.zeros(shape)
        x[..., first] = 1.0
        turned = _computed(region, x)
        if turned is None or turned.shape != shape:
            return None
        at = turned.select(steps, 1).flatten(0, -2)[0]
        angle = float(torch.atan2(at[second], at[first]))
        if not 0 < angle <= 1:
            continue
        base = angle ** (-half) if half > 1 else 10000.0
        for rounded in _bases(base):
            if all(_rotates(region, steps, rounded, interleaved, run) for run in (0, 1)):
                return RotaryEncoding(base=rounded, interleaved=interleaved)
    return None


def _bases(base: float) -> Iterator[float]:
    for digits in (2, 3, 4, 5):
        yield float(f"{base:.{digits}g}")
    yield base


def _rotates(region: Region, steps: int, base: float, interleaved: bool, run: int) -> bool:
    x = region.sample(1.0, run)
    actual = _computed(region, x, run=run)
    return actual is not None and agrees(actual, _rotated(x, steps, base, interleaved), 1e-4)


def _rotated(x: Tensor, steps: int, base: float, interleaved: bool) -> Tensor:
    half = x.shape[-1] // 2
    positions = torch.arange(x.shape[steps], dtype=torch.float64)
    angles = positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
    shape = [1] * x.dim()
    shape[steps], shape[-1] = x.shape[steps], half
    cos, sin = (part.to(x.dtype).view(shape) for part in (angles.cos(), angles.sin()))
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    parts = a * cos - b * sin, a * sin + b * cos
    return torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)
