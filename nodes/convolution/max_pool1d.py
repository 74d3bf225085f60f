from collections.abc import Iterator, Mapping

from nodes.convolution.output_length import output_length
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError, Rule
from nodes.core.graphs.parameter_types import Count, Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import Reach
from nodes.core.time.time_fields import slide


class MaxPool1d(Node):
    """One-dimensional max pooling along the time axis: the maximum over each sliding window.

    output[t, c] = max_k input[stride * t + k - padding, c]: (B, T, C) gives (B, L, C). It shortens
    a sequence, often after a Conv1d. For one vector per sequence use MaxPooling.

    Parameters:
        kernel_size: size of the sliding window, in time steps.
        stride: stride of the sliding window; kernel_size if not given.
        padding: number of steps of negative infinity added to both ends; at most kernel_size / 2.

    Dimensions:
        L: length of the output, floor((T + 2 * padding - kernel_size) / stride) + 1.
    """

    category = Category.CONVOLUTION
    aliases = ("downsample", "subsample", "maximum", "max pool")
    torch = "F.max_pool1d"

    kernel_size: Size = 2
    stride: Size | None = None
    padding: Count = 0

    input = Input("B T C", "sequence of vectors")
    output = Output("B L C", "sequence of the maxima of each window")

    def rules(self) -> Iterator[Rule]:
        message = f"expected at most half of kernel_size = {self.kernel_size}, got {self.padding}"
        error = ParameterError("padding", message, (self.kernel_size // 2,))
        yield Rule(at_least(self.kernel_size, 2 * self.padding), error)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.drop_support()  # the padding of the pooling is no zero
        kernel_size, left = context.number(self.kernel_size), context.number(self.padding)
        stride = kernel_size if self.stride is None else context.number(self.stride)
        window = Reach(-left, kernel_size - 1 - left)
        slide(reading, "T", stride, window, context.size("L"))
        reading.words["L"] = reading.words.pop("T", ())
        return {"output": context.result("output", reading, reading.join())}

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        padded = dims["T"] + 2 * self.padding
        stride = self.kernel_size if self.stride is None else self.stride
        return {"L": output_length(dims, padded, self.kernel_size, stride)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        x, changed = input.transpose(1, 2), self.changed("stride", "padding")
        pooled = context.call("F.max_pool1d", x, self.kernel_size, **changed)
        return pooled.transpose(1, 2)
