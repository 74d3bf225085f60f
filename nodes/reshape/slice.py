from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch, SizeMismatch, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import take
from nodes.reshape.subscripts import at_present, bound, from_front, subscript


class Slice(Node):
    """Slice: the elements from start to stop along one dimension.

    input[:, start:stop:step] for dim 1, with Python's rules: (B, T, C) gives
    (B, ceil((stop - start) / step), C). A size that is known only at run time, such as T, is not
    checked: Python then cuts off what is missing.

    Parameters:
        dim: the dimension to slice; negative dims count from the end.
        start: index of the first element; negative indices count from the end.
        stop: index after the last element; negative indices count from the end, none keeps all.
        step: keep every step-th element.
    """

    category = Category.RESHAPE
    aliases = ("crop", "cut", "narrow", "truncate")
    torch = "torch.narrow"

    dim: int = 1
    start: Whole = 0
    stop: Whole | None = None
    step: Size = 1

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "slice of the tensor", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        position = self.dim % rank
        word = spread_word(rank, position)
        size = reading.size(context.ports["input"].shape[position])
        start = at_present(context, self.start, size)
        cut = 0
        if self.stop is not None:
            left_out = size - at_present(context, self.stop, size)
            cut = left_out if isinstance(left_out, int) else 0
        kept = reading.size(context.shapes["output"][position])
        take(reading, word, start, context.number(self.step), kept, cut)
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        position = axis(shape, self.dim)
        size = shape[position]
        start = from_front(self.start, size, dims)
        stop = size if self.stop is None else from_front(self.stop, size, dims)
        if dims.is_less(start, 0) or dims.is_less(size, stop):
            expected = f"expected {start}:{stop} to lie within dimension {self.dim}"
            raise SizeMismatch(f"{expected}, got a size of {size}", None, None, size)
        if dims.is_less(stop, start + 1):
            raise ShapeMismatch(f"expected start before stop, got {start}:{stop} of {size}")
        kept = (stop - start + self.step - 1) // self.step
        return (*shape[:position], kept, *shape[position + 1 :])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        start = None if self.start == 0 else bound(context, "start", self.start)
        step = None if self.step == 1 else bound(context, "step", self.step)
        return subscript(input, self.dim, slice(start, bound(context, "stop", self.stop), step))
