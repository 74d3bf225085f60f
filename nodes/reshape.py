"""The same numbers in another order, in other dimensions, or some of them."""

from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, ParameterError
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim, Dim, hyper, substitute
from nodes.core.shapes.pattern import SPREAD, Item, Pattern, parse_pattern
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch, SizeMismatch, axis


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

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = list(dims.spread)
        a, b = axis(dims.spread, self.dim0), axis(dims.spread, self.dim1)
        shape[a], shape[b] = shape[b], shape[a]
        return tuple(shape)

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
            unknown = {w for w in _factors(item) if isinstance(w, str)} - known
            if len(unknown) > 1:
                told = " and ".join(sorted(unknown))
                yield ParameterError("pattern", f"the product of {told} can be split in many ways")
            known |= unknown
        before, after = (sorted(map(str, _flat(side))) for side in (left, right))
        if before != after or len(set(before)) < len(before) or left.spread != right.spread:
            told = "the same words are expected on both sides of the arrow, each once"
            yield ParameterError("pattern", told)

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
        left, right = self._sides()
        spread = len(context.dims.spread) if left.spread else 0
        before, after = _items(left, spread), _items(right, spread)
        x = input
        for place, item in reversed(list(enumerate(before))):
            if len(_factors(item)) > 1:
                x = context.method(x, "unflatten", place, _sizes(context.dims, _factors(item)))
        words = [word for item in before for word in _factors(item)]
        order = [words.index(word) for item in after for word in _factors(item)]
        if order != sorted(order):
            x = x.method("permute", *order)
        end = len(order)
        for item in reversed(after):
            start = end - len(_factors(item))
            if end - start > 1:
                x = x.method("flatten", start, end - 1)
            end = start
        return x

    def _sides(self) -> tuple[Pattern, Pattern]:
        """Parse both sides of the arrow.

        Raises:
            ValueError: there is no arrow, or a side is no pattern.
        """
        left, arrow, right = self.pattern.partition("->")
        if not arrow:
            raise ValueError(f"an arrow -> is expected in the pattern {ascii(self.pattern)}")
        return parse_pattern(left), parse_pattern(right)


def _factors(item: Item) -> tuple[int | str, ...]:
    return item if isinstance(item, tuple) else (item,)


def _flat(side: Pattern) -> list[int | str]:
    return [factor for item in side.items for factor in _factors(item)]


def _items(side: Pattern, spread: int) -> list[Item]:
    """List the items of a side, one for each dimension that ``...`` stands for."""
    return [*side.before, *(f"{SPREAD}{i}" for i in range(spread)), *side.after]


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

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        place = axis(shape, self.dim)
        size = shape[place]
        start = _from_front(self.start, size, dims)
        stop = size if self.stop is None else _from_front(self.stop, size, dims)
        if _is_less(start, 0, dims) or _is_less(size, stop, dims):
            told = f"places {start} to {stop} of dimension {self.dim} are wanted"
            raise SizeMismatch(f"{told}, but only {size} arrive", None, None, size)
        if _is_less(stop, start + 1, dims):
            told = f"nothing from {start} to {stop} is left of the {size} that arrive"
            raise ShapeMismatch(f"start is expected to lie before stop, but {told}")
        kept = (stop - start + self.step - 1) // self.step
        return (*shape[:place], kept, *shape[place + 1 :])

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

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        place = axis(shape, self.dim)
        size = shape[place]
        index = _from_front(self.index, size, dims)
        if _is_less(index, 0, dims) or _is_less(size, index + 1, dims):
            told = f"place {self.index} of dimension {self.dim} is wanted, but only {size} arrive"
            raise SizeMismatch(told, None, None, size)
        return (*shape[:place], *shape[place + 1 :])

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
    room = substitute(size - other, dims.hyperparameters)
    return isinstance(room, int) and room < 0


def _subscript(x: Expr, dim: int, key: object) -> Expr:
    """Write a subscript on one dimension, with everything kept of the others."""
    if dim == 0:
        return x[key]
    if dim > 0:
        return x[(*[slice(None)] * dim, key)]
    return x[(..., key, *[slice(None)] * (-1 - dim))]
