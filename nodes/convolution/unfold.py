from collections.abc import Mapping

from nodes.convolution.output_length import output_length
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import Reach
from nodes.core.time.time_fields import slide


class Unfold(Node):
    """Sliding windows of a sequence, each as one vector: patches, or the context of a step.

    output[t, c * kernel_size + k] = input[stride * t + k, c]: (B, T, C) gives (B, L, C *
    kernel_size). Windows overlap where the stride is smaller than kernel_size. Steps behind the
    last whole window are left out.

    Parameters:
        kernel_size: size of the sliding window, in time steps.
        stride: stride of the sliding window; kernel_size if not given.

    Dimensions:
        L: number of windows, floor((T - kernel_size) / stride) + 1.
    """

    category = Category.CONVOLUTION
    may_convert = False
    aliases = ("patches", "patching", "sliding window", "frames", "im2col", "segments")

    kernel_size: Size = 2
    stride: Size | None = None

    input = Input("B T C", "sequence of vectors")
    output = Output("B L (C kernel_size)", "the vectors of each window, channel by channel")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        kernel_size = context.number(self.kernel_size)
        stride = kernel_size if self.stride is None else context.number(self.stride)
        reading.drop_support()
        slide(reading, "T", stride, Reach(0, kernel_size - 1), context.size("L"))
        reading.words["L"] = reading.words.pop("T", ())
        return {"output": context.result("output", reading, reading.join(), linear=True)}

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        stride = self.kernel_size if self.stride is None else self.stride
        return {"L": output_length(dims, dims["T"], self.kernel_size, stride)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        stride = self.kernel_size if self.stride is None else self.stride
        windows = context.method(input, "unfold", 1, self.kernel_size, stride)
        return windows.method("flatten", -2)
