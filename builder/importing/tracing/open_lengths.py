"""Pools without fixing the length of a sequence, while a model is traced.

PyTorch's pooling functions take a length for a number, so that tracing would fix it. In place of a
pooling whose window is as long as the sequence comes the maximum or the mean; max pooling with
another window is one operator, ``wireformer::max_pool1d``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from builder.importing.tracing.known_calls import LIBRARY, register_fake

_NAMES: dict[str, Callable[..., Any]] = {"max_pool1d": Tensor.amax, "avg_pool1d": Tensor.mean}


@contextmanager
def open_lengths() -> Iterator[None]:
    """Replace the pooling functions."""
    originals = {name: getattr(F, name) for name in _NAMES}
    for name, reduce in _NAMES.items():
        setattr(F, name, _pool(originals[name], reduce))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(F, name, original)


def _pool(original: Callable[..., Any], reduce: Callable[..., Any]) -> Callable[..., Any]:
    def pool(input: Tensor, kernel_size: Any, *args: Any, **kwargs: Any) -> Any:
        size = kernel_size[0] if isinstance(kernel_size, tuple | list) else kernel_size
        length = input.shape[-1]
        if _is_same(size, length):
            return reduce(input, -1, keepdim=True)
        if reduce is Tensor.amax and isinstance(length, torch.SymInt):
            return _max_pool(input, size, *args, **kwargs)
        return original(input, kernel_size, *args, **kwargs)

    return pool


def _max_pool(input: Tensor, kernel_size: int, *args: Any, **kwargs: Any) -> Any:
    """Call the operator with the arguments of ``F.max_pool1d``."""
    given: dict[str, Any] = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
    given |= dict(zip((*given, "return_indices"), args, strict=False)) | kwargs
    sizes = [x[0] if isinstance(x, tuple | list) else x for x in given.values()][:3]
    arguments = (sizes[0] or kernel_size, *sizes[1:], given["ceil_mode"])
    return torch.ops.wireformer.max_pool1d(input, kernel_size, *arguments)


def _pooled_shape(
    input: Tensor, kernel_size: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> Tensor:
    extent = dilation * (kernel_size - 1) + 1
    length = (input.shape[-1] + 2 * padding - extent) // stride + 1
    return input.new_empty((*input.shape[:-1], length))


LIBRARY.define(
    "max_pool1d(Tensor input, int kernel_size, int stride, int padding, int dilation, "
    "bool ceil_mode) -> Tensor"
)
register_fake("wireformer::max_pool1d", _pooled_shape, lib=LIBRARY)
LIBRARY.impl("max_pool1d", torch.max_pool1d, "CPU")


def _is_same(size: Any, length: Any) -> bool:
    """Compare open sizes as expressions: a comparison of the numbers would fix them."""
    if not isinstance(size, torch.SymInt) or not isinstance(length, torch.SymInt):
        return False
    return bool(size.node.expr == length.node.expr)
