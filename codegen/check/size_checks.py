"""The sizes of a node at the present values: all below one limit, whatever they follow from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from nodes.core.graphs.graph import Composite, Model
from nodes.core.graphs.node import Inferred, Node
from nodes.core.shapes.dim import AnyDim, Indivisible, substitute
from nodes.core.shapes.shape import show_shape
from nodes.core.shapes.size_limits import LARGEST, DimError

MOST_DIMENSIONS = 64
"""The most dimensions of a tensor of PyTorch."""

USUAL = 2**10
"""A weight whose axes are at most this long has fewer than `LARGEST` elements."""


@dataclass(slots=True)
class SizeChecks:
    """Checks sizes at the present values of a model's hyperparameters, each size once."""

    model: Model
    _known: dict[AnyDim, int] = field(default_factory=dict)

    def require_bounded(self, node: Node, inferred: Inferred) -> None:
        """Check the shapes at the ports of a node, and the number of elements of each weight.

        Raises:
            DimError: one exceeds a limit.
        """
        for spec in inferred.outputs.values():
            if (rank := len(spec.shape)) > MOST_DIMENSIONS:
                expected = f"expected at most {MOST_DIMENSIONS} dimensions, as in PyTorch"
                raise DimError(f"{expected}, got {rank}; merge some of them")
        largest = max(map(self._value, _sizes(inferred)), default=0)
        if largest <= USUAL or isinstance(node, Composite):
            return
        for shape in node.resolve(self.model.values).weights(inferred.dims).values():
            elements = prod(map(self._value, shape))
            if elements > LARGEST:
                got = f"got {show_shape(shape)} with {elements}"
                raise DimError(
                    f"expected a weight of fewer than 2**53 elements, {got}; make an axis smaller"
                )

    def _value(self, size: AnyDim) -> int:
        """Return the present value of a size; 1 if a run chooses it."""
        value = self._known.get(size)
        if value is None:
            value = self._known[size] = self._evaluated(size)
        return value

    def _evaluated(self, size: AnyDim) -> int:
        try:
            value = substitute(size, self.model.sizes)
        except Indivisible:  # reported where the size is split
            return 1
        return value if isinstance(value, int) else 1


def _sizes(inferred: Inferred) -> Iterator[AnyDim]:
    yield from inferred.dims.sizes.values()
    for spec in inferred.outputs.values():
        yield from spec.shape
