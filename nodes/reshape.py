"""The same numbers in another order, in other dimensions, or some of them."""

from collections.abc import Iterator, Mapping
from itertools import count
from types import EllipsisType

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, ParameterError
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim, Dim, hyper, substitute
from nodes.core.shapes.shape import (
    SPREAD,
    Bindings,
    Item,
    Pattern,
    Shape,
    ShapeMismatch,
    axis,
    pattern,
)


class Transpose(Node):
    """Swap two dimensions.

    Parameters:
        dim0: the one; negative ones count from the end.
        dim1: the other.
    """

    category = Category.RESHAPE
    aliases = ("swap", "permute", "flip dimensions")
    torch = "torch.transpose"

    dim0: int = 1
    dim1: int = 2

    input = Input("...", "any tensor", kind=Kind.ANY)
    output = Output("...", "the tensor, turned", kind=Kind.ANY)

    def derive(self, dims: Bindings) -> Mapping[str, Shape]:
        shape = list(dims[SPREAD])
        a, b = axis(dims[SPREAD], self.dim0), axis(dims[SPREAD], self.dim1)
        shape[a], shape[b] = shape[b], shape[a]
        return {SPREAD: tuple(shape)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("transpose", self.dim0, self.dim1)


class Reshape(Node):
    """Split, reorder and merge dimensions, as a pattern says.

    On the left of the arrow stands what arrives, on the right what leaves, both in the same words.
    A bracket is a dimension that is the product of what is inside; ``...`` is any dimensions.

    Parameters:
        pattern: what becomes of the dimensions.
        size: what the word ``size`` stands for in the pattern, if it occurs.

    Reference:
        Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like
        Notation", 2022, ICLR
    """

    category = Category.RESHAPE
    aliases = ("view", "rearrange", "permute", "flatten", "unflatten", "einops")
    torch = "torch.reshape"

    pattern: str = "B T (size C) -> B (T size) C"
    size: Size = 2

    input = Input("...", "any tensor", kind=Kind.ANY)
    output = Output("...", "the tensor, in other dimensions", kind=Kind.ANY)

    def parameter_errors(self) -> Iterator[ParameterError]:
        try:
            left, right = self._sides()
        except ValueError as error:
            yield ParameterError("pattern", str(error))
            return
        known = {"size"}
        for item in left.items:
            unknown = {word for word in _factors(item) if isinstance(word, str)} - known
            if len(unknown) > 1:
                got = " and ".join(sorted(unknown))
                expected = "expected at most one word of unknown size in brackets"
                yield ParameterError("pattern", f"{expected}, got {got}")
            known |= unknown
        message = _sides_differ(left, right)
        if message:
            yield ParameterError("pattern", message)

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Match the left side against what arrives, and fill in the right side."""
        left, right = self._sides()
        shape, kind = arriving["input"]
        dims = Bindings({"size": self.size}, values)
        try:
            dims.match(left, shape, "input")
        except ShapeMismatch as error:
            raise InputMismatch("input", error) from error
        return Inferred(dims, {"output": TensorSpec(dims.fill(right), kind)})

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        spread = len(context.dims.get(SPREAD, ()))
        before, after = (_axes(side, spread) for side in self._sides())
        if before.count(ONE) == after.count(ONE):
            return _rearrange(context, input, _numbered(before), _numbered(after))
        ones = tuple(i for i, axis in enumerate(before) if axis == ONE)
        x = input
        if ones:
            x = x.method("squeeze", ones if len(ones) > 1 else ones[0])
        x = _rearrange(context, x, *([a for a in axes if a != ONE] for axes in (before, after)))
        return _insert_ones(x, after) if ONE in after else x

    def _sides(self) -> tuple[Pattern, Pattern]:
        """Parse both sides of the arrow.

        Raises:
            ValueError: there is no arrow, or a side is no pattern.
        """
        left, arrow, right = self.pattern.partition("->")
        if not arrow:
            raise ValueError(f"expected an arrow -> in the pattern, got {ascii(self.pattern)}")
        return pattern(left), pattern(right)


Axis = tuple[int | str, ...]
"""The factors of one dimension, without those that are 1."""

ONE: Axis = ()
"""A dimension of 1."""


def _factors(item: Item) -> Axis:
    return tuple(one for one in (item if isinstance(item, tuple) else (item,)) if one != 1)


def _sides_differ(left: Pattern, right: Pattern) -> str:
    """Return what is wrong between the sides of the arrow; empty if nothing is."""
    texts = [ascii(side.text.strip()) for side in (left, right)]
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


def _axes(side: Pattern, spread: int) -> list[Axis]:
    """List the dimensions of a side, one for each that ``...`` stands for."""
    rest: list[Axis] = [(f"{SPREAD}{i}",) for i in range(spread)]
    return [*map(_factors, side.before), *rest, *map(_factors, side.after)]


def _numbered(axes: list[Axis]) -> list[Axis]:
    """Give each dimension of 1 a name, so that the first of one side is the first of the other."""
    number = count()
    return [axis if axis != ONE else (f"1.{next(number)}",) for axis in axes]


def _rearrange(context: EmitContext, x: Expr, before: list[Axis], after: list[Axis]) -> Expr:
    """Write the code that splits, permutes and merges dimensions, none of them a plain 1."""
    for position, axis in reversed(list(enumerate(before))):
        if len(axis) > 1:
            x = context.method(x, "unflatten", position, _sizes(context.dims, axis))
    words = [word for axis in before for word in axis]
    order = [words.index(word) for axis in after for word in axis]
    if order != sorted(order):
        x = x.method("permute", *order)
    end = len(order)
    for axis in reversed(after):
        start = end - len(axis)
        if end - start > 1:
            x = x.method("flatten", start, end - 1)
        end = start
    return x


def _insert_ones(x: Expr, axes: list[Axis]) -> Expr:
    """Write a subscript with None at each new dimension of 1."""
    keys: list[slice | EllipsisType | None] = [
        None if axis == ONE else slice(None) for axis in axes
    ]
    first = keys.index(None)
    if first > 1 and not any(keys[first:]):
        keys = [..., *keys[first:]]
    while keys[-1] is not None:
        keys.pop()
    return x[tuple(keys) if len(keys) > 1 else None]


def _sizes(dims: Bindings, factors: tuple[int | str, ...]) -> Shape:
    """Tell the sizes of a product; the first that has only a name is left to PyTorch."""
    sizes = [factor if isinstance(factor, int) else dims[factor] for factor in factors]
    for place, factor in enumerate(factors):
        if isinstance(factor, str) and factor != "size":
            sizes[place] = -1
            break
    return tuple(sizes)


class Slice(Node):
    """Keep a stretch of one dimension.

    What arrives must be long enough; where its size is only known in a run, that is believed.

    Parameters:
        dim: the dimension that is cut; negative ones count from the end.
        start: the first place that is kept; negative ones count from the end.
        stop: the first place that is not kept any more; none to keep all that follow.
        step: keep one place in so many.
    """

    category = Category.RESHAPE
    aliases = ("crop", "cut", "narrow", "truncate")
    torch = "torch.narrow"

    dim: int = 1
    start: Whole = 0
    stop: Whole | None = None
    step: Size = 1

    input = Input("...", "any tensor", kind=Kind.ANY)
    output = Output("...", "the stretch", kind=Kind.ANY)

    def derive(self, dims: Bindings) -> Mapping[str, Shape]:
        shape = dims[SPREAD]
        place = axis(shape, self.dim)
        size = shape[place]
        start = _from_front(self.start, size, dims)
        stop = size if self.stop is None else _from_front(self.stop, size, dims)
        if _is_less(start, 0, dims) or _is_less(size, stop, dims):
            told = f"places {start} to {stop} of dimension {self.dim} are wanted"
            raise ShapeMismatch(f"{told}, but only {size} arrive", None, None, size)
        if _is_less(stop, start + 1, dims):
            told = f"nothing from {start} to {stop} is left of the {size} that arrive"
            raise ShapeMismatch(f"start is expected to lie before stop, but {told}")
        kept = (stop - start + self.step - 1) // self.step
        return {SPREAD: (*shape[:place], kept, *shape[place + 1 :])}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        start = None if self.start == 0 else _bound(context, "start", self.start)
        step = None if self.step == 1 else _bound(context, "step", self.step)
        return _subscript(input, self.dim, slice(start, _bound(context, "stop", self.stop), step))


class Select(Node):
    """Pick one place of a dimension, which is gone then.

    One layer of a recurrent state is no state any more, but ordinary features.

    Parameters:
        dim: the dimension that is gone; negative ones count from the end.
        index: the place that is picked; negative ones count from the end.
    """

    category = Category.RESHAPE
    aliases = ("index", "pick", "step", "squeeze")
    torch = "torch.select"

    dim: int = 1
    index: Whole = 0

    input = Input("...", "any tensor", kind=Kind.ANY)
    output = Output("...", "what is at that place", kind=Kind.ANY)

    def derive(self, dims: Bindings) -> Mapping[str, Shape]:
        shape = dims[SPREAD]
        place = axis(shape, self.dim)
        size = shape[place]
        index = _from_front(self.index, size, dims)
        if _is_less(index, 0, dims) or _is_less(size, index + 1, dims):
            told = f"place {self.index} of dimension {self.dim} is wanted, but only {size} arrive"
            raise ShapeMismatch(told, None, None, size)
        return {SPREAD: (*shape[:place], *shape[place + 1 :])}

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Let one layer of a state be features."""
        found = super().infer(arriving, values)
        shape, kind = found.outputs["output"]
        kind = Kind.FEATURES if kind is Kind.STATE else kind
        return Inferred(found.dims, {"output": TensorSpec(shape, kind)})

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return _subscript(input, self.dim, context.write(self.index))


def _bound(context: EmitContext, name: str, value: AnyDim | None) -> object:
    """Write a bound of a slice; what is computed is stored, as it would make a long line."""
    computed = isinstance(value, Dim) and value not in map(hyper, value.hypers)
    return context.keep(name, value) if computed else context.write(value)


def _from_front(place: AnyDim, size: AnyDim, dims: Bindings) -> AnyDim:
    """Count a place from the front, also one that was counted from the end."""
    return size + place if _is_less(place, 0, dims) else place


def _is_less(size: AnyDim, other: AnyDim, dims: Bindings) -> bool:
    """Tell whether a size is known to be less than another."""
    room = substitute(size - other, dims.values)
    return isinstance(room, int) and room < 0


def _subscript(x: Expr, dim: int, key: object) -> Expr:
    """Write a subscript on one dimension, with everything kept of the others."""
    if dim == 0:
        return x[key]
    if dim > 0:
        return x[(*[slice(None)] * dim, key)]
    return x[(..., key, *[slice(None)] * (-1 - dim))]
