"""Elementwise sums and products, concatenation, stacking and splitting."""

from collections.abc import Mapping
from functools import reduce
from operator import mul

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.parameter_types import Real, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec, match_kind
from nodes.core.graphs.python_expression import Expr, grouped, sum_of, tuple_of
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import (
    Bindings,
    ShapeMismatch,
    SizeMismatch,
    axis,
    show_shape,
)
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.time_fields import concatenate, take


class Add(Node):
    """Add: elementwise sum with broadcasting, as in a residual connection.

    output = terms.0 + terms.1 + ..., of the shape that all terms broadcast to: a missing leading
    dimension or a size of 1 fits any size.

    Reference:
        as a residual connection: He, Zhang, Ren & Sun, "Deep Residual Learning for Image
        Recognition", 2015, arXiv:1512.03385
    """

    category = Category.MERGE
    aliases = ("sum", "residual", "skip connection", "residual connection", "plus", "+")
    torch = "torch.add"
    each = ("...",)
    linear = True

    terms = Input(
        "...", "tensors of broadcastable shapes", variadic=True, broadcast=True, joins=True
    )
    output = Output("...", "sum of the terms")

    def support(self) -> Support:
        return Support.EITHER

    def forward(self, context: EmitContext, terms: tuple[Expr, ...]) -> Expr:
        return grouped(sum_of, terms)


class Multiply(Node):
    """Multiply: elementwise (Hadamard) product with broadcasting, as in a gate.

    output = factors.0 * factors.1 * ..., of the shape that all factors broadcast to. For the
    product of matrices use MatMul.
    """

    category = Category.MERGE
    aliases = ("product", "gate", "times", "hadamard", "*")
    torch = "torch.mul"
    each = ("...",)

    factors = Input(
        "...", "tensors of broadcastable shapes", variadic=True, broadcast=True, joins=True
    )
    output = Output("...", "product of the factors")

    def support(self) -> Support:
        return Support.BOTH

    def forward(self, context: EmitContext, factors: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *operands: reduce(mul, operands), factors)


class Affine(Node):
    """Affine map with constant coefficients: scale * x + shift.

    1 - x, as in the gates of a GRU, is scale -1 and shift 1. The coefficients are not trained; for
    a learnable affine map use Linear.

    Parameters:
        scale: factor of each element.
        shift: number added to each element after scaling.
    """

    category = Category.MERGE
    aliases = ("scale", "shift", "constant", "negate", "one minus")
    each = ("...",)
    linear = True

    scale: Real = 1.0
    shift: Real = 0.0

    input = Input("...", "tensor of any shape")
    output = Output("...", "scaled and shifted tensor")

    def support(self) -> Support:
        return Support.EITHER if self.shift == 0.0 else Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        scaled = input if self.scale == 1.0 else input * context.expression(self.scale)
        return scaled if self.shift == 0.0 else scaled + context.expression(self.shift)


class Concatenate(Node):
    """Concatenate: join tensors along an existing dimension.

    (B, T, C1) and (B, T, C2) give (B, T, C1 + C2) for dim -1. All other sizes must be equal; there
    is no broadcasting.

    Parameters:
        dim: dimension over which the tensors are concatenated; negative dims count from the end.
    """

    category = Category.MERGE
    aliases = ("cat", "concat", "join", "append")
    torch = "torch.cat"

    dim: int = -1

    parts = Input("...", "tensors that differ in the size of dim only", variadic=True, joins=True)
    output = Output("...", "concatenated tensor")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        position = self.dim % rank
        concatenate(reading, spread_word(rank, position), position)
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Add up the sizes along the dimension; all other sizes must be equal."""
        dims = Bindings({}, values)
        length: AnyDim = 0
        position = 0
        for port, (shape, kind) in input_specs.items():
            try:
                match_kind(Kind.FEATURES, kind)
                position = axis(shape, self.dim)
                dims.match(parse_pattern(SPREAD), shape[:position] + shape[position + 1 :], port)
            except ValueError as error:
                raise InputMismatch(port, error) from error
            length = length + shape[position]
        others = dims.spread
        dims.spread = (*others[:position], length, *others[position:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.cat", tuple_of(*parts), dim=self.dim)


class Stack(Node):
    """Stack: join tensors of one shape along a new dimension.

    n tensors (B, T, C) give (n, B, T, C) for dim 0. To join along an existing dimension use
    Concatenate.

    Parameters:
        dim: index at which the new dimension is inserted; negative dims count from the end.
    """

    category = Category.MERGE
    aliases = ("new dimension", "join")
    torch = "torch.stack"

    dim: int = 0

    parts = Input("...", "tensors of one shape", variadic=True)
    output = Output("...", "stacked tensor")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        joined = reading.join(Support.EITHER)
        dims = reading.dims(self.output.parsed, rank - 1, joined)
        dims.insert(self.dim % rank, [])
        return {"output": build(joined, dims, linear=True)}

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Insert the number of parts into their shape."""
        dims = super().infer(input_specs, values).dims
        shape = dims.spread
        if not -len(shape) - 1 <= self.dim <= len(shape):
            expected = f"expected dim from {-len(shape) - 1} to {len(shape)}"
            message = f"{expected}, got {self.dim} for a shape of {show_shape(shape)}"
            first = next(iter(input_specs))
            raise InputMismatch(first, ShapeMismatch(message))
        position = self.dim % (len(shape) + 1)
        dims.spread = (*shape[:position], len(input_specs), *shape[position:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.stack", tuple_of(*parts), **self.changed("dim"))


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
