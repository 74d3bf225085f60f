"""Transposing, reshaping and indexing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from types import EllipsisType

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, ParameterError
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr, Value
from nodes.core.shapes.dim import AnyDim, Dim, hyper
from nodes.core.shapes.pattern import SPREAD, Item, Pattern, parse_pattern
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch, SizeMismatch, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import select, take


class Transpose(Node):
    """Transpose: swap two dimensions.

    (B, T, C) gives (B, C, T) with the defaults. Reshape reorders more than two dimensions.

    Parameters:
        dim0: the first dimension to be transposed; negative dims count from the end.
        dim1: the second dimension to be transposed; negative dims count from the end.
    """

    category = Category.RESHAPE
    aliases = ("swap", "permute", "flip dimensions")
    torch = "torch.transpose"

    dim0: int = 1
    dim1: int = 2

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "transposed tensor", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        joined = reading.join(Support.EITHER)
        dims = reading.dims(self.output.parsed, rank, joined)
        a, b = self.dim0 % rank, self.dim1 % rank
        dims[a], dims[b] = dims[b], dims[a]
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = list(dims.spread)
        a, b = axis(dims.spread, self.dim0), axis(dims.spread, self.dim1)
        shape[a], shape[b] = shape[b], shape[a]
        return tuple(shape)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("transpose", self.dim0, self.dim1)


class Reshape(Node):
    """Reshape: split, permute, merge, add and drop dimensions by an einops pattern.

    The dimensions of the input are left of the arrow, those of the output right of it, with the
    same words: "B (H D) T -> B H T D". Brackets are one dimension, the product of the words in it,
    of which at most one is of unknown size; ``...`` is any number of dimensions. A dimension of 1
    may be added or dropped: "B C -> B 1 C". No other size changes and no element is repeated.

    Parameters:
        pattern: dimensions of the input and of the output, in einops notation.
        size: value of the word ``size`` in the pattern.

    Reference:
        Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like
        Notation", 2022, ICLR
    """

    category = Category.RESHAPE
    aliases = (
        "view",
        "rearrange",
        "permute",
        "flatten",
        "unflatten",
        "einops",
        "squeeze",
        "unsqueeze",
    )
    torch = "torch.reshape"

    pattern: str = "B T (size C) -> B (T size) C"
    size: Size = 2

    input = Input("...", "tensor of the left side's shape", kind=Kind.ANY)
    output = Output("...", "tensor of the right side's shape", kind=Kind.ANY)

    def parameter_errors(self) -> Iterator[ParameterError]:
        try:
            left, right = self._sides()
        except ValueError as error:
            yield ParameterError("pattern", str(error))
            return
        bound = {"size"}
        for item in left.items:
            unknown = {word for word in _factors(item) if isinstance(word, str)} - bound
            if len(unknown) > 1:
                got = " and ".join(sorted(unknown))
                expected = "expected at most one word of unknown size in brackets"
                yield ParameterError("pattern", f"{expected}, got {got}")
            bound |= unknown
        message = _sides_differ(left, right)
        if message:
            yield ParameterError("pattern", message)

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Match the left side against the input's shape, and fill in the right side."""
        left, right = self._sides()
        shape, kind = input_specs["input"]
        dims = Bindings({"size": self.size}, values)
        try:
            dims.match(left, shape, "input")
        except ShapeMismatch as error:
            raise InputMismatch("input", error) from error
        return Inferred(dims, {"output": TensorSpec(dims.fill(right), kind)})

    def receptive_fields(self, context: FieldContext) -> Fields:
        left, right = self._sides()
        port = context.ports["input"]._replace(pattern=left)
        context = replace(context, ports={"input": port}, outputs={"output": right})
        reading = context.read()
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        left, right = self._sides()
        spread = len(context.dims.spread) if left.spread else 0
        before, after = _axes(left, spread), _axes(right, spread)
        if before.count(ONE) == after.count(ONE):
            return _rearrange(context, input, _numbered(before), _numbered(after))
        ones = tuple(i for i, factors in enumerate(before) if factors == ONE)
        x = input
        if ones:
            x = x.method("squeeze", ones if len(ones) > 1 else ones[0])
        others = ([axis for axis in axes if axis != ONE] for axes in (before, after))
        x = _rearrange(context, x, *others)
        return _insert_ones(x, after) if ONE in after else x

    def _sides(self) -> tuple[Pattern, Pattern]:
        """Parse both sides of the arrow.

        Raises:
            ValueError: there is no arrow, or a side is no pattern.
        """
        left, arrow, right = self.pattern.partition("->")
        if not arrow:
            raise ValueError(f"expected an arrow -> in the pattern, got {repr(self.pattern)}")
        return parse_pattern(left), parse_pattern(right)


Factors = tuple[int | str, ...]
"""The factors of one dimension, without those that are 1."""

ONE: Factors = ()
"""A dimension of 1."""


def _factors(item: Item) -> Factors:
    return tuple(factor for factor in (item if isinstance(item, tuple) else (item,)) if factor != 1)


def _sides_differ(left: Pattern, right: Pattern) -> str:
    """Return what is wrong between the sides of the arrow; empty if nothing is."""
    texts = [repr(side.text.strip()) for side in (left, right)]
    words = [[word for item in side.items for word in _factors(item)] for side in (left, right)]
    for text, used in zip(texts, words, strict=True):
        if len(set(used)) < len(used):
            return f"expected each word once on a side of ->, got {text}"
    got = " and ".join(texts)
    if set(words[0]) != set(words[1]):
        return f"expected the same words on both sides of ->, got {got}"
    if left.spread != right.spread:
        return f"expected ... on both sides of -> or on neither, got {got}"
    return ""


def _axes(side: Pattern, spread: int) -> list[Factors]:
    """List the dimensions of a side, one for each that ``...`` stands for."""
    rest: list[Factors] = [(f"{SPREAD}{i}",) for i in range(spread)]
    return [*map(_factors, side.before), *rest, *map(_factors, side.after)]


def _numbered(axes: list[Factors]) -> list[Factors]:
    """Give each dimension of 1 a name, so that the first of one side is the first of the other."""
    number = count()
    return [factors if factors != ONE else (f"1.{next(number)}",) for factors in axes]


def _rearrange(context: EmitContext, x: Expr, before: list[Factors], after: list[Factors]) -> Expr:
    """Write the code that splits, permutes and merges dimensions, none of them a plain 1."""
    for position, factors in reversed(list(enumerate(before))):
        if len(factors) > 1:
            x = context.method(x, "unflatten", position, _sizes(context.dims, factors))
    words = [word for factors in before for word in factors]
    order = [words.index(word) for factors in after for word in factors]
    if order != sorted(order):
        x = x.method("permute", *order)
    end = len(order)
    for factors in reversed(after):
        start = end - len(factors)
        if end - start > 1:
            x = x.method("flatten", start, end - 1)
        end = start
    return x


def _insert_ones(x: Expr, axes: list[Factors]) -> Expr:
    """Write a subscript with None at each new dimension of 1."""
    keys: list[slice | EllipsisType | None] = [
        None if factors == ONE else slice(None) for factors in axes
    ]
    first = keys.index(None)
    if first > 1 and not any(keys[first:]):
        keys = [..., *keys[first:]]
    while keys[-1] is not None:
        keys.pop()
    return x[tuple(keys) if len(keys) > 1 else None]


def _sizes(dims: Bindings, factors: tuple[int | str, ...]) -> Shape:
    """Return the sizes of a product's factors, -1 for the first that is not ``size``."""
    sizes = [factor if isinstance(factor, int) else dims[factor] for factor in factors]
    for position, factor in enumerate(factors):
        if isinstance(factor, str) and factor != "size":
            sizes[position] = -1
            break
    return tuple(sizes)


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
        start = _at_present(context, self.start, size)
        cut = 0
        if self.stop is not None:
            left_out = size - _at_present(context, self.stop, size)
            cut = left_out if isinstance(left_out, int) else 0
        kept = reading.size(context.shapes["output"][position])
        take(reading, word, start, context.number(self.step), kept, cut)
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        position = axis(shape, self.dim)
        size = shape[position]
        start = _from_front(self.start, size, dims)
        stop = size if self.stop is None else _from_front(self.stop, size, dims)
        if dims.is_less(start, 0) or dims.is_less(size, stop):
            expected = f"expected {start}:{stop} to lie within dimension {self.dim}"
            raise SizeMismatch(f"{expected}, got a size of {size}", None, None, size)
        if dims.is_less(stop, start + 1):
            raise ShapeMismatch(f"expected start before stop, got {start}:{stop} of {size}")
        kept = (stop - start + self.step - 1) // self.step
        return (*shape[:position], kept, *shape[position + 1 :])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        start = None if self.start == 0 else _bound(context, "start", self.start)
        step = None if self.step == 1 else _bound(context, "step", self.step)
        return _subscript(input, self.dim, slice(start, _bound(context, "stop", self.stop), step))


class Select(Node):
    """Select: one index along a dimension, which is removed.

    input[:, index] for dim 1: (B, T, C) gives (B, C). A recurrent state becomes features: dim 0 and
    index -1 select the last layer of the state hidden.

    Parameters:
        dim: the dimension to index; negative dims count from the end.
        index: the index to select; negative indices count from the end.
    """

    category = Category.RESHAPE
    aliases = ("index", "pick", "step", "squeeze")
    torch = "torch.select"

    dim: int = 1
    index: Whole = 0

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "tensor at the index", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        shape = context.ports["input"].shape
        position = self.dim % len(shape)
        reading = context.read()
        index = _at_present(context, self.index, reading.size(shape[position]))
        word = spread_word(len(shape), position)
        select(reading, word, index)
        joined = reading.join(Support.EITHER)
        dims = reading.dims(context.outputs["output"], len(shape), joined)
        del dims[position]
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        position = axis(shape, self.dim)
        size = shape[position]
        if dims.is_less(size + self.index, 0) or dims.is_less(size, self.index + 1):
            expected = f"expected index {self.index} to lie within dimension {self.dim}"
            raise SizeMismatch(f"{expected}, got a size of {size}", None, None, size)
        return (*shape[:position], *shape[position + 1 :])

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Turn a layer of a recurrent state into features."""
        inferred = super().infer(input_specs, values)
        shape, kind = inferred.outputs["output"]
        kind = Kind.FEATURES if kind is Kind.STATE else kind
        return Inferred(inferred.dims, {"output": TensorSpec(shape, kind)})

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return _subscript(input, self.dim, context.lower(self.index))


def _bound(context: EmitContext, name: str, value: AnyDim | None) -> Expr | Value:
    """Write a bound of a slice; an expression is stored on the module, to keep the line short."""
    computed = isinstance(value, Dim) and value not in map(hyper, value.hypers)
    return context.store(name, value) if computed else context.lower(value)


def _at_present(context: FieldContext, index: AnyDim, size: AnyDim) -> AnyDim:
    """Return a non-negative index for one that may count from the end, at its present value."""
    value = context.number(index)
    return value if value >= 0 else size + value


def _from_front(index: AnyDim, size: AnyDim, dims: Bindings) -> AnyDim:
    """Return a non-negative index for one that may count from the end."""
    return size + index if dims.is_less(index, 0) else index


def _subscript(x: Expr, dim: int, key: Expr | Value | slice) -> Expr:
    """Write a subscript on one dimension, with full slices on the others."""
    if dim == 0:
        return x[key]
    if dim > 0:
        return x[(*[slice(None)] * dim, key)]
    return x[(..., key, *[slice(None)] * (-1 - dim))]
