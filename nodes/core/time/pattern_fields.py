"""The receptive fields of a node from the patterns of its ports.

A word at an input and an output is a dimension that stays, and a reach says which of its indices an
output index reads; a word at no output is gathered; a new word is a new dimension; a product such
as ``(H D)`` is split and merged. A number other than 1 is a word, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from nodes.core.shapes.dim import AnyDim, substitute
from nodes.core.shapes.pattern import SPREAD, Item, Pattern
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.shapes.size_limits import DimError
from nodes.core.time.axis import Axis
from nodes.core.time.field_builder import FieldBuilder, Support
from nodes.core.time.reach import EACH, INF, Reach
from nodes.core.time.receptive_field import Order, ReceptiveField, Validity


class PortField(NamedTuple):
    """The field at a connected input port, with the pattern and the shape there.

    Attributes:
        field: the receptive field.
        shape: the shape of the tensor.
        pattern: the pattern of the port.
        broadcast: leading dimensions may be missing, and a size of 1 is stretched.
    """

    field: ReceptiveField
    shape: Shape
    pattern: Pattern
    broadcast: bool = False


class PatternFields:
    """The fields at the input ports of a node, with common axes for each word.

    Attributes:
        ports: the field at each port, under construction.
        words: the axes of each word; a word without any is not in it.
        shapes: the shape at each port.
    """

    def __init__(self, ports: Mapping[str, PortField], dims: Bindings) -> None:
        self._dims = dims
        self.shapes = {name: port.shape for name, port in ports.items()}
        self._numbers = count()
        self.ports: dict[str, FieldBuilder] = {}
        self.words: dict[str, tuple[int, ...]] = {}
        own: list[tuple[FieldBuilder, dict[str, tuple[int, ...]]]] = []
        for name, port in ports.items():
            base = next(self._numbers)
            for _ in port.field.axes:
                next(self._numbers)
            builder = self.ports[name] = FieldBuilder.of(port.field, base)
            axes = [tuple(base + axis for axis in dim) for dim in port.field.dims]
            own.append((builder, dict(self._match(builder, port, axes))))
        for word in {word: None for _, words in own for word in words}:
            self._unite(word, [(b, words[word]) for b, words in own if word in words])

    def new_axis(self) -> int:
        """Return the number of a new axis."""
        return next(self._numbers)

    def size(self, size: AnyDim) -> AnyDim:
        """Return a size at the present values of the hyperparameters, where it has one."""
        return present(size, self._dims)

    # -- axes of words ---------------------------------------------------------------------------

    def _match(
        self, builder: FieldBuilder, port: PortField, axes: Sequence[tuple[int, ...]]
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Find the axes of each word at a port."""
        for item, size, own in zip(
            _items(port.pattern, len(port.shape), port.broadcast), port.shape, axes, strict=True
        ):
            if not own:
                continue
            if isinstance(item, tuple):
                yield from self._split(builder, item, own)
            elif item == 1 or (port.broadcast and size == 1):
                for axis in own:
                    builder.move(axis, {})
            else:
                yield str(item), own

    def _split(
        self, builder: FieldBuilder, item: tuple[int | str, ...], own: tuple[int, ...]
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Split the axes of a dimension that is a product of words."""
        factors = [factor for factor in item if factor != 1]
        sizes = [self.size(f if isinstance(f, int) else self._dims[f]) for f in factors]
        if [self.size(builder.axes[axis].size) for axis in own] != sizes:
            axis = self.merged(builder, own)
            own = tuple(self.new_axis() for _ in factors)
            builder.split(axis, own, sizes)
        for factor, axis in zip(factors, own, strict=True):
            yield str(factor), (axis,)

    def merged(self, builder: FieldBuilder, axes: Sequence[int]) -> int:
        """Merge the axes of a dimension into one."""
        if len(axes) == 1:
            return axes[0]
        new = self.new_axis()
        builder.merge(axes, new)
        return new

    def _unite(self, word: str, own: list[tuple[FieldBuilder, tuple[int, ...]]]) -> None:
        """Give the axes of a word the same numbers at all ports."""
        first, axes = own[0]
        sizes = [self.size(first.axes[axis].size) for axis in axes]
        alike = all(
            [self.size(builder.axes[axis].size) for axis in others] == sizes
            for builder, others in own[1:]
        )
        if not alike:
            axes = (self.new_axis(),)
        for builder, others in own:
            parts = others if alike else (self.merged(builder, others),)
            for axis, number in zip(parts, axes, strict=True):
                builder.rename(axis, number)
        self.words[word] = axes

    def axis(self, word: str) -> int | None:
        """Return the one axis of a word; None if it has none."""
        axes = self.words.get(word)
        if axes is None:
            return None
        if len(axes) > 1:
            new = self.new_axis()
            for builder in self.ports.values():
                if axes[0] in builder.axes:
                    builder.merge(axes, new)
            self.words[word] = axes = (new,)
        return axes[0]

    # -- what the node does ----------------------------------------------------------------------

    def read(self, word: str, reach: Reach, guards: Iterable[Validity] = ()) -> None:
        """Let each output index of a word read the input indices that a reach says."""
        if reach == EACH or (axis := self.axis(word)) is None:
            return
        new = self.new_axis()
        for builder in self.ports.values():
            if axis in builder.axes:
                entry = builder.axes[axis]
                builder.look_ahead(axis, reach.hi, guards)
                builder.move(axis, {new: 1}, *reach)
                builder.axes[new] = entry
        self.words[word] = (new,)

    def gather(self, word: str, guards: Iterable[Validity] = ()) -> None:
        """Let every output index read all input indices of a word."""
        for axis in self.words.pop(word, ()):
            for builder in self.ports.values():
                builder.look_ahead(axis, INF, guards)

    def drop_support(self) -> None:
        """Say nothing of where the inputs are zero."""
        for builder in self.ports.values():
            builder.drop_support()

    def validity(self, word: str) -> list[Validity]:
        """Return the validities of the indices of a word at all ports."""
        axes = self.words.get(word, ())
        return [v for b in self.ports.values() for v in b.validity if v.axis in axes]

    # -- outputs ---------------------------------------------------------------------------------

    def join(self, support: Support = Support.NONE) -> FieldBuilder:
        """Unite the fields at all ports."""
        joined = FieldBuilder()
        for position, builder in enumerate(self.ports.values()):
            if position == 0:
                joined.bands, joined.validity = dict(builder.bands), set(builder.validity)
            joined.join(builder, support)
        if support is Support.NONE:
            joined.drop_support()
        return joined

    def dims(self, pattern: Pattern, rank: int, joined: FieldBuilder) -> list[list[int]]:
        """List the axes of each dimension of an output of a rank."""
        items = _items(pattern, rank, broadcast=False)
        return [self._axes(joined, item) for item in items]

    def _axes(self, joined: FieldBuilder, item: Item) -> list[int]:
        factors = item if isinstance(item, tuple) else (item,)
        own = [self.words.get(str(factor), ()) for factor in factors]
        if not any(own):
            return []
        axes: list[int] = []
        for factor, part in zip(factors, own, strict=True):
            axes += part
            if not part and factor != 1:
                axes.append(self.new_axis())
                size = factor if isinstance(factor, int) else self._dims[factor]
                joined.axes[axes[-1]] = Axis(self.size(size))
        if len(factors) > 1 and any(joined.axes[axis].clock for axis in axes):
            joined.order = Order.USED
        return axes


def present(size: AnyDim, dims: Bindings) -> AnyDim:
    """Return a size at the present values of the hyperparameters, where it has one."""
    try:
        return substitute(size, dims.hyperparameters)
    except DimError:
        return size


def spread_word(rank: int, position: int) -> str:
    """Return the word of one of the dimensions of ``...``, if there are no others."""
    return f"{SPREAD}{rank - 1 - position}"


def _items(pattern: Pattern, rank: int, broadcast: bool) -> list[Item]:
    """List the item of each dimension; those of ``...`` are named from its right end."""
    spread = rank - len(pattern.items)
    if broadcast and spread < 0:
        return [*pattern.items[-rank:]] if rank else []
    middle: list[Item] = [spread_word(spread, i) for i in range(spread)]
    return [*pattern.before, *middle, *pattern.after]
