"""Transposing, reshaping and indexing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from types import EllipsisType

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, ParameterError
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.pattern import SPREAD, Item, Pattern, parse_pattern
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields


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
    """Write the new dimensions of 1: one by its position, several by a subscript with None."""
    if [factors == ONE for factors in axes].count(True) == 1:
        position = axes.index(ONE)
        return x.method("unsqueeze", -1 if position == len(axes) - 1 else position)
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
