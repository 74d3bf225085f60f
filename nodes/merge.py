"""Many into one, and one into two."""

from collections.abc import Mapping
from functools import reduce
from operator import mul

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, Time
from nodes.core.graphs.parameter_types import Real, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec, match_kind
from nodes.core.graphs.python_expression import Expr, grouped, total, tuple_of
from nodes.core.shapes.dim import AnyDim, substitute
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import (
    Bindings,
    ShapeMismatch,
    SizeMismatch,
    axis,
    show_shape,
)


class Add(Node):
    """Add what arrives, number by number; a size of 1 fits any.

    Reference:
        as a residual connection: He, Zhang, Ren & Sun, "Deep Residual Learning for Image
        Recognition", 2015, arXiv:1512.03385
    """

    category = Category.MERGE
    aliases = ("sum", "residual", "skip connection", "plus", "+")
    torch = "torch.add"
    time = Time.POINTWISE

    terms = Input("...", "what is added", variadic=True, broadcast=True)
    output = Output("...", "the sum")

    def forward(self, context: EmitContext, terms: tuple[Expr, ...]) -> Expr:
        return grouped(total, terms)


class Multiply(Node):
    """Multiply what arrives, number by number; a size of 1 fits any."""

    category = Category.MERGE
    aliases = ("product", "gate", "times", "hadamard", "*")
    torch = "torch.mul"
    time = Time.POINTWISE

    factors = Input("...", "what is multiplied", variadic=True, broadcast=True)
    output = Output("...", "the product")

    def forward(self, context: EmitContext, factors: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *some: reduce(mul, some), factors)


class Affine(Node):
    """Multiply by one number and add another: 1 - x is a scale of -1 and a shift of 1.

    Parameters:
        scale: what each number is multiplied by.
        shift: what is added then.
    """

    category = Category.MERGE
    aliases = ("scale", "shift", "constant", "negate", "one minus")
    time = Time.POINTWISE

    scale: Real = 1.0
    shift: Real = 0.0

    input = Input("...", "any numbers")
    output = Output("...", "the numbers, scaled and shifted")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        scaled = input if self.scale == 1.0 else input * context.expression(self.scale)
        return scaled if self.shift == 0.0 else scaled + context.expression(self.shift)


class Concatenate(Node):
    """Put tensors one after the other along a dimension they all have.

    Parameters:
        dim: the dimension that grows; negative ones count from the end.
    """

    category = Category.MERGE
    aliases = ("cat", "concat", "join")
    torch = "torch.cat"

    dim: int = -1

    parts = Input("...", "what is joined; all sizes but one agree", variadic=True)
    output = Output("...", "all of it")

    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        return Time.POINTWISE if self.dim == -1 else Time.WHOLE

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Add up the sizes along the dimension, and see that the others agree."""
        dims = Bindings({}, values)
        length: AnyDim = 0
        place = 0
        for port, (shape, kind) in arriving.items():
            try:
                match_kind(Kind.FEATURES, kind)
                place = axis(shape, self.dim)
                dims.match(parse_pattern(SPREAD), shape[:place] + shape[place + 1 :], port)
            except ValueError as error:
                raise InputMismatch(port, error) from error
            length = length + shape[place]
        others = dims.spread
        dims.spread = (*others[:place], length, *others[place:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.cat", tuple_of(*parts), dim=self.dim)


class Stack(Node):
    """Put tensors of one shape side by side along a new dimension.

    Parameters:
        dim: where the new dimension stands; negative ones count from the end.
    """

    category = Category.MERGE
    aliases = ("new dimension", "join")
    torch = "torch.stack"

    dim: int = 0

    parts = Input("...", "what is stacked", variadic=True)
    output = Output("...", "all of it")

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Insert the number of parts into their shape."""
        dims = super().infer(arriving, values).dims
        shape = dims.spread
        if not -len(shape) - 1 <= self.dim <= len(shape):
            told = f"dimension {self.dim} is wanted, but {show_shape(shape)} arrives"
            first = next(iter(arriving))
            raise InputMismatch(first, ShapeMismatch(told))
        place = self.dim % (len(shape) + 1)
        dims.spread = (*shape[:place], len(arriving), *shape[place:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.stack", tuple_of(*parts), **self.changed("dim"))


class Split(Node):
    """Split each vector in two, such as values and their gates.

    Parameters:
        size: how many channels the first part gets; half of them if it is not given.

    Dimensions:
        F: size, or half of C.
        G: what is left of C.
    """

    category = Category.MERGE
    aliases = ("chunk", "halves", "gate", "unconcatenate")
    torch = "torch.chunk"
    time = Time.POINTWISE

    size: Size | None = None

    input = Input("... C", "vectors")
    first = Output("... F", "the first channels of each")
    second = Output("... G", "the other channels of each")

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        whole = dims["C"]
        first = dims.split(whole, 2, "2") if self.size is None else self.size
        left = substitute(whole - first, dims.hyperparameters)
        if isinstance(left, int) and left < 1:
            told = f"more than size = {first} channels are expected here, but {whole} arrive"
            raise SizeMismatch(told, "size", first, whole)
        return {"F": first, "G": whole - first}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        if self.size is None:
            return input.method("chunk", 2, dim=-1)
        return context.method(input, "tensor_split", (self.size,), dim=-1)
