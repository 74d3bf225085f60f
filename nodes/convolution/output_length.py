"""The padding and the output length of a window that moves along the time axis."""

from typing import Annotated, Literal

from pydantic import Field

from nodes.core.graphs.parameter_types import Count
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, SizeMismatch

Padding = Annotated[Literal["same", "causal"] | Count, Field(union_mode="left_to_right")]


def output_length(dims: Bindings, padded: AnyDim, kernel: AnyDim, stride: AnyDim) -> AnyDim:
    """Return the number of windows: floor((padded - kernel) / stride) + 1.

    Raises:
        SizeMismatch: the window is longer than the padded sequence.
    """
    if dims.is_less(padded, kernel):
        message = f"expected at least {kernel} time steps with padding, got {padded}"
        raise SizeMismatch(message, "T", kernel, padded)
    return (padded - kernel) // stride + 1
