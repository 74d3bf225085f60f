"""Pools over a whole sequence without fixing its length, while a model is traced.

A window as long as the sequence is a number to PyTorch's pooling functions, so that tracing would
fix the length. In their place comes the maximum or the mean, which is the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_NAMES = {"max_pool1d": Tensor.amax, "avg_pool1d": Tensor.mean}


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
        if isinstance(size, torch.SymInt) and isinstance(length, torch.SymInt):
            # Compared as expressions: a comparison of the numbers would fix them.
            if size.node.expr == length.node.expr:
                return reduce(input, -1, keepdim=True)
        return original(input, kernel_size, *args, **kwargs)

    return pool
