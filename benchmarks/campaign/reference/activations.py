"""Activation functions, each written out."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor


def softplus(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


def elu(x: Tensor, alpha: float = 1.0, width: float = 1.0) -> Tensor:
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0) / width))


def gelu_tanh(x: Tensor) -> Tensor:
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def shrunk(x: Tensor, by: float = 0.5) -> Tensor:
    return torch.sign(x) * (x.abs() - by).clamp_min(0)


def thresholded(x: Tensor, by: float = 0.5) -> Tensor:
    return torch.where(x.abs() > by, x, 0.0)


ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda x: torch.clamp_min(x, 0),
    "gelu": lambda x: x * torch.special.ndtr(x),
    "gelu_tanh": gelu_tanh,
    "silu": lambda x: x * torch.sigmoid(x),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu_squared": lambda x: torch.clamp_min(x, 0) ** 2,
    "quick_gelu": lambda x: x / (1 + torch.exp(-1.702 * x)),
    "mish": lambda x: x * torch.tanh(softplus(x)),
    "elu": elu,
    "celu": elu,
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "leaky_relu": lambda x: torch.where(x > 0, x, 0.01 * x),
    "relu6": lambda x: x.clamp(0, 6),
    "hardswish": lambda x: x * (x + 3).clamp(0, 6) / 6,
    "hardsigmoid": lambda x: (x + 3).clamp(0, 6) / 6,
    "softplus": softplus,
    "softsign": lambda x: x / (1 + x.abs()),
    "log_sigmoid": lambda x: -softplus(-x),
    "tanhshrink": lambda x: x - torch.tanh(x),
    "softshrink": shrunk,
    "hardshrink": thresholded,
}
"""The functions by the names that composites choose from."""
