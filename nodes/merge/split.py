from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import (
    Bindings,
    SizeMismatch,
)
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.time_fields import take


class Split(Node):
    """Split the channels in two parts, such as the values and gates of a gated linear unit.

    (..., C) gives (..., F) and (..., G) with F + G = C.

    Parameters:
        size: number of channels in the first part; C / 2 if not given, and C must be even.

    Dimensions:
        F: size, or C / 2 if not given.
        G: remaining channels, C - F.
    """

    category = Category.MERGE
    aliases = ("chunk", "halves", "gate", "unconcatenate", "glu")
    torch = "torch.chunk"

    size: Size | None = None

    input = Input("... C", "vectors")
    first = Output("... F", "first F channels")
    second = Output("... G", "last G channels")

    def receptive_fields(self, context: FieldContext) -> Fields:
        return {
            "first": self._part(context, "first", "F", 0),
            "second": self._part(context, "second", "G", context.size("F")),
        }

    def _part(self, context: FieldContext, port: str, word: str, start: AnyDim) -> ReceptiveField:
        reading = context.read()
        take(reading, "C", start, 1, context.size(word))
        reading.words[word] = reading.words.pop("C", ())
        return context.result(port, reading, reading.join(Support.EITHER), linear=True)

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        whole = dims["C"]
        first = dims.split(whole, 2, "2") if self.size is None else self.size
        if self.size is not None and dims.is_less(whole, first + 1):
            message = f"expected more than size = {first} channels, got {whole}"
            raise SizeMismatch(message, "size", first, whole)
        return {"F": first, "G": whole - first}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        if self.size is None:
            return input.method("chunk", 2, dim=-1)
        return context.method(input, "tensor_split", (self.size,), dim=-1)
