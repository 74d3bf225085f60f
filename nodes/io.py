"""Inputs and outputs of a graph."""

from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.core.graphs.graph import InputNode, OutputNode
from nodes.core.graphs.node import Category, Inferred, ParameterError
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import Bindings
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Validity
from nodes.core.time.term import ROWS, STEPS, Source


class _Sequence(InputNode):
    """A batch of sequences; batch size and length are chosen at run time."""

    category = Category.IO

    length: Literal["T", "S"] = "T"

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B"), "T": free(self.length)}

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        builder.axes = {0: Axis(free("B")), 1: Axis(free(self.length), Clock(self.length))}
        builder.add_source(Source(context.name, ROWS, "B"), 0)
        builder.add_source(Source(context.name, STEPS, self.length), 1)
        if self.outputs[0].kind is Kind.MASK:
            builder.validity = {Validity(1, Clock(self.length))}
        plain: list[list[int]] = [[]] * (len(context.shapes["output"]) - 2)
        return {"output": build(builder, [[0], [1], *plain])}


class TokenInput(_Sequence):
    """Token input: a batch of sequences of integer token ids, (B, T).

    For text and other discrete sequences; an Embedding turns the ids into vectors. The encoder and
    the decoder of a sequence-to-sequence model take two inputs, of lengths S and T.

    Parameters:
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
    """

    aliases = ("text", "words", "ids", "vocabulary", "source", "target")

    output = Output("B T", "token id of each step", kind=Kind.TOKENS)


class FeatureInput(_Sequence):
    """Feature input: a batch of sequences of real-valued vectors, (B, T, features).

    For time series and signals. Scale each feature to a similar range before training.

    Parameters:
        features: number of features at each time step.
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
    """

    aliases = ("time series", "signal", "continuous", "values", "channels")

    features: Size = 1

    output = Output("B T features", "vector of features at each step")


class MaskInput(_Sequence):
    """Mask input: a boolean mask (B, T), true at valid steps and false at padding.

    Connect it to the key_mask of attention or to the mask of a pooling node. It is the opposite of
    PyTorch's key_padding_mask, which is true at padding. The generated code refuses a mask that is
    not boolean, such as an additive one of zeros and negative infinity.

    Parameters:
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
    """

    aliases = ("padding", "attention mask", "padding mask", "key padding mask")

    output = Output("B T", "true at valid steps", kind=Kind.MASK)


class LengthInput(InputNode):
    """Length input: the number of valid steps of each sequence before padding, (B,).

    Connect it to the lengths of a recurrent network or a pooling node, or to a LengthMask.
    """

    category = Category.IO
    aliases = ("padding", "sequence lengths")

    output = Output("B", "number of valid steps", kind=Kind.LENGTHS)

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B")}

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        builder.axes = {0: Axis(free("B"))}
        builder.add_source(Source(context.name, ROWS, "B"), 0)
        return {"output": build(builder, [[0]])}


class BlockInput(InputNode):
    """Block input: an input port of the block, named after this node.

    The pattern lists dimensions, as in "B T C": a word is any size, the same wherever it occurs, a
    number is that size, and ``...`` is any number of dimensions.

    Parameters:
        kind: kind of tensor that the port takes.
        shape: pattern of the shape that the port takes; ``...`` is any shape.
        optional: the port may stay unconnected; the nodes that need it are then left out.
    """

    category = Category.IO
    aliases = ("argument", "port", "entrance")

    kind: Literal["features", "token ids", "mask", "lengths", "state", "any"] = "any"
    shape: str = SPREAD
    optional: bool = False

    output = Output("...", "tensor at the port", kind=Kind.ANY)

    def parameter_errors(self) -> Iterator[ParameterError]:
        try:
            parse_pattern(self.shape)
        except ValueError as error:
            yield ParameterError("shape", str(error), (SPREAD,))

    def port(self, name: str) -> Input:
        """Return the input port that the node makes on the block whose graph it is in."""
        return Input(self.shape, kind=Kind(self.kind), name=name, optional=self.optional)

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Infer a spec from the pattern, for a block that is not used anywhere."""
        expected = parse_pattern(self.shape)
        dims = Bindings({word: free(word) for word in expected.words}, values)
        dims.spread = ()
        return Inferred(dims, {"output": TensorSpec(dims.fill(expected), Kind(self.kind))})


class GraphOutput(OutputNode):
    """Graph output: an output of the model or an output port of the block, named after this node.

    The loss takes the output as it is: for classification and language models that is the logits,
    without a Softmax.
    """

    category = Category.IO
    aliases = ("result", "return", "prediction", "logits", "exit")

    input = Input("...", "tensor that is returned", kind=Kind.ANY)
