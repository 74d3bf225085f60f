"""What the rule of a node knows when it computes the receptive fields of its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import SPREAD, Pattern
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Dims, FieldBuilder, Support
from nodes.core.time.pattern_fields import PatternFields, PortField, present
from nodes.core.time.reach import ALL, EACH
from nodes.core.time.receptive_field import Order, ReceptiveField, interned

Fields = Mapping[str, ReceptiveField]
"""The receptive field at each output port."""


@dataclass(frozen=True, slots=True)
class FieldContext:
    """The inputs and outputs of one node.

    Attributes:
        name: the name of the node.
        ports: the field at each connected input port.
        outputs: the pattern of each output port.
        shapes: the shape at each output port.
        dims: the sizes that the shape rule has bound.
        padding_id: the token id that fills up sequences; None if they are not filled up.
    """

    name: str
    ports: Mapping[str, PortField]
    outputs: Mapping[str, Pattern]
    shapes: Mapping[str, Shape]
    dims: Bindings
    padding_id: int | None = None

    def size(self, word: str) -> AnyDim:
        """Return the size of a word at the present values of the hyperparameters."""
        return present(self.dims[word], self.dims)

    def number(self, size: AnyDim) -> int:
        """Return the present value of a parameter."""
        value = present(size, self.dims)
        if not isinstance(value, int):
            raise TypeError(f"expected a size without free sizes, got {size}")
        return value

    def with_order(self, fields: Fields, order: Order) -> Fields:
        """Return fields in which the order of the steps matters at least so."""
        return {
            name: field if field.order >= order else interned(replace(field, order=order))
            for name, field in fields.items()
        }

    def read(self) -> PatternFields:
        """Open the fields at the inputs, with common axes for each word of the patterns."""
        return PatternFields(self.ports, self.dims)

    def from_patterns(self, mixes: tuple[str, ...], support: Support, linear: bool) -> Fields:
        """Compute the outputs of a node whose patterns say all.

        Args:
            mixes: the words of which an output index reads all input indices; of any other word
                that stays it reads the one of its own number.
            support: where the outputs may be other than zero.
            linear: each output is a sum of multiples of inputs.
        """
        return {
            name: self._from_pattern(name, pattern, mixes, support, linear)
            for name, pattern in self.outputs.items()
        }

    def _from_pattern(
        self,
        name: str,
        pattern: Pattern,
        mixes: tuple[str, ...],
        support: Support,
        linear: bool,
    ) -> ReceptiveField:
        reading = self.read()
        for word in list(reading.words):
            spread = word.startswith(SPREAD)
            if spread if pattern.spread and spread else word in pattern.words:
                reading.read(word, ALL if (SPREAD if spread else word) in mixes else EACH)
            else:
                reading.gather(word)
        joined = reading.join(support)
        return self.result(name, reading, joined, linear)

    def result(
        self, name: str, reading: PatternFields, joined: FieldBuilder, linear: bool = False
    ) -> ReceptiveField:
        """Build the field of an output from the united fields at the inputs."""
        dims = reading.dims(self.outputs[name], len(self.shapes[name]), joined)
        return build(joined, dims, linear)


def build(joined: FieldBuilder, dims: Dims, linear: bool = False) -> ReceptiveField:
    """Build a field; what is no sum no longer has its positions only added."""
    if not linear and joined.order is Order.ADDED and any(joined.terms.values()):
        joined.order = Order.USED
    return joined.build(dims)
