from collections.abc import Iterator, Mapping
from math import prod

from nodes.convolution.output_length import Padding, output_length
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError, Rule
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.constraint import equal, multiple
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import Reach
from nodes.core.time.time_fields import slide


class Conv1d(Node):
    """One-dimensional convolution along the time axis, with learnable filters.

    output[t] = bias + sum_k W_k input[stride * t + dilation * k - padding], with W_k
    (out_channels, C / groups): (B, T, C) gives (B, L, out_channels). The channels are last, unlike
    in nn.Conv1d; the transposes are generated. One layer sees dilation * (kernel_size - 1) + 1
    steps; stack layers with growing dilation for a longer receptive field. For next-step
    prediction use padding "causal", since all other padding lets a step see later ones.

    Parameters:
        out_channels: number of channels produced by the convolution.
        kernel_size: size of the convolving kernel, in time steps.
        stride: stride of the convolution.
        padding: number of zeros added to both ends; "same" keeps the length, "causal" adds
            dilation * (kernel_size - 1) zeros in front alone.
        dilation: spacing between kernel elements.
        groups: number of blocked connections from input channels to output channels; it must
            divide both, and the number of channels makes a depthwise convolution.
        bias: adds a learnable bias to the output.

    Dimensions:
        L: length of the output, floor((T + 2 * padding - dilation * (kernel_size - 1) - 1) /
            stride) + 1.

    Reference:
        causal and dilated: van den Oord et al., "WaveNet: A Generative Model for Raw Audio",
        2016, arXiv:1609.03499
    """

    category = Category.CONVOLUTION
    aliases = (
        "convolution",
        "cnn",
        "temporal",
        "filter",
        "kernel",
        "tcn",
        "wavenet",
        "depthwise",
        "dilated",
        "causal convolution",
    )
    torch = "nn.Conv1d"
    static_axes = ("C",)
    carries_state = True

    out_channels: Size = 128
    kernel_size: Size = 3
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    groups: Size = 1
    bias: bool = True

    input = Input("B T C", "sequence of vectors")
    output = Output("B L out_channels", "sequence of filter responses")

    def rules(self) -> Iterator[Rule]:
        if self.padding == "same":
            message = f'expected stride 1 with padding "same", got {self.stride}'
            yield Rule(equal(self.stride, 1), ParameterError("stride", message, (1,)))
        message = f"expected a divisor of out_channels = {self.out_channels}, got {self.groups}"
        divides = multiple(self.out_channels, self.groups)
        yield Rule(divides, ParameterError("groups", message, (1,)))

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        dims.split(dims["C"], self.groups, "groups")
        extent = self.dilation * (self.kernel_size - 1)
        if isinstance(self.padding, str):
            padded = dims["T"] + extent
        else:
            padded = dims["T"] + 2 * self.padding
        return {"L": output_length(dims, padded, extent + 1, self.stride)}

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.gather("C")
        extent = context.number(self.dilation * (self.kernel_size - 1))
        if self.padding == "causal":
            left = extent
        elif self.padding == "same":
            left = extent // 2
        else:
            left = context.number(self.padding)
        stride, window = context.number(self.stride), Reach(-left, extent - left)
        slide(reading, "T", stride, window, context.size("L"))
        reading.words["L"] = reading.words.pop("T", ())
        return {"output": context.result("output", reading, reading.join())}

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
        if context.streams:
            return context.library_call("causal_conv", context.layer, input, context.cached_state)
        x = input.transpose(1, 2)
        extent = self.dilation * (self.kernel_size - 1)
        if self.padding == "causal" and extent != 0:
            x = context.call("F.pad", x, (extent, 0))
        return context.call(context.layer, x).transpose(1, 2)
