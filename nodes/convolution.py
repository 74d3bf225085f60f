"""Looking at a few neighbouring steps at a time."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError
from nodes.core.graphs.parameter_types import Count, Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim, substitute
from nodes.core.shapes.shape import Bindings, Shape, SizeMismatch

Padding = Annotated[Literal["same", "causal"] | Count, Field(union_mode="left_to_right")]


def _steps_left(dims: Bindings, padded: AnyDim, kernel: AnyDim, stride: AnyDim) -> AnyDim:
    """Count the places where a kernel fits.

    Raises:
        SizeMismatch: it is longer than the sequence.
    """
    room = substitute(padded - kernel, dims.hyperparameters)
    if isinstance(room, int) and room < 0:
        told = f"at least {kernel} steps are expected here, filled up ones among them"
        raise SizeMismatch(f"{told}, but {padded} arrive", "T", kernel, padded)
    return (padded - kernel) // stride + 1


class Conv1d(Node):
    """Multiply each stretch of a few steps by one trained matrix.

    Parameters:
        out_channels: the size of the vectors that leave.
        kernel_size: how many steps it looks at.
        stride: how many steps it moves on each time.
        padding: how many zeros are put at both ends; "same" puts as many as keep the length,
            "causal" puts them all in front, so that no step sees what comes after it.
        dilation: how far apart the steps are that it looks at.
        groups: the channels are split into so many groups that do not see each other.
        bias: add a trained vector.

    Dimensions:
        L: the number of places where the kernel fits.

    Reference:
        causal and dilated: van den Oord et al., "WaveNet: A Generative Model for Raw Audio",
        2016, arXiv:1609.03499
    """

    category = Category.CONVOLUTION
    aliases = ("convolution", "cnn", "temporal", "filter", "kernel")
    torch = "nn.Conv1d"
    static_axes = ("C",)

    out_channels: Size = 128
    kernel_size: Size = 3
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    groups: Size = 1
    bias: bool = True

    input = Input("B T C", "the sequence")
    output = Output("B L out_channels", "the sequence, each step aware of its neighbours")

    def parameter_errors(self) -> Iterator[ParameterError]:
        if self.padding == "same" and self.stride != 1:
            told = f'padding "same" keeps the length, so stride 1 is expected, not {self.stride}'
            yield ParameterError("stride", told, (1,))
        if self.out_channels % self.groups:
            told = f"out_channels = {self.out_channels} does not split into {self.groups} groups"
            yield ParameterError("groups", told, (1,))

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        dims.split(dims["C"], self.groups, "groups")
        reach = self.dilation * (self.kernel_size - 1)
        if isinstance(self.padding, str):
            padded = dims["T"] + reach
        else:
            padded = dims["T"] + 2 * self.padding
        return {"L": _steps_left(dims, padded, reach + 1, self.stride)}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        inner = dims.split(dims["C"], self.groups, "groups")
        weight = {"weight": (self.out_channels, inner, self.kernel_size)}
        return {**weight, "bias": (self.out_channels,)} if self.bias else weight

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * dims["B"] * dims["L"] * prod(self.weights(dims)["weight"])

    def module(self, context: EmitContext) -> Expr:
        changed = self.changed("stride", "padding", "dilation", "groups", "bias")
        if self.padding == "causal":
            del changed["padding"]
        sizes = (context.dims["C"], self.out_channels, self.kernel_size)
        return context.call("nn.Conv1d", *sizes, **changed)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        x = input.method("transpose", 1, 2)
        reach = self.dilation * (self.kernel_size - 1)
        if self.padding == "causal" and reach != 0:
            x = context.call("F.pad", x, (reach, 0))
        return context.call(context.layer, x).method("transpose", 1, 2)


class MaxPool1d(Node):
    """Take the largest number of each stretch of a few steps, channel by channel.

    Parameters:
        kernel_size: how many steps it looks at.
        stride: how many steps it moves on each time; as many as it looks at if it is not given.
        padding: how many steps are put at both ends; they are never the largest.

    Dimensions:
        L: the number of places where the kernel fits.
    """

    category = Category.CONVOLUTION
    aliases = ("downsample", "subsample", "maximum")
    torch = "F.max_pool1d"

    kernel_size: Size = 2
    stride: Size | None = None
    padding: Count = 0

    input = Input("B T C", "the sequence")
    output = Output("B L C", "a shorter sequence")

    def parameter_errors(self) -> Iterator[ParameterError]:
        if 2 * self.padding > self.kernel_size:
            told = f"at most half of kernel_size = {self.kernel_size} is expected"
            yield ParameterError("padding", f"{told}, not {self.padding}", (self.kernel_size // 2,))

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        padded = dims["T"] + 2 * self.padding
        stride = self.kernel_size if self.stride is None else self.stride
        return {"L": _steps_left(dims, padded, self.kernel_size, stride)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        x, changed = input.method("transpose", 1, 2), self.changed("stride", "padding")
        pooled = context.call("F.max_pool1d", x, self.kernel_size, **changed)
        return pooled.method("transpose", 1, 2)
