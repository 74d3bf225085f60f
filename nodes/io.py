"""Where a graph begins and where it ends."""

from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.core.graphs.graph import InputNode, OutputNode
from nodes.core.graphs.node import Category, Inferred, ParameterError
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import Bindings


class _Sequence(InputNode):
    """A batch of sequences, as long as the run chooses."""

    category = Category.IO

    length: Literal["T", "S"] = "T"

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B"), "T": free(self.length)}


class TokenInput(_Sequence):
    """Feed sequences of token ids to the model.

    Parameters:
        length: the name of the number of steps; inputs of one name are equally long.
    """

    aliases = ("text", "words", "ids", "vocabulary", "source", "target")

    output = Output("B T", "a token id at every step", kind=Kind.TOKENS)


class FeatureInput(_Sequence):
    """Feed sequences of numbers to the model, such as measurements over time.

    Parameters:
        features: how many numbers there are at every step.
        length: the name of the number of steps; inputs of one name are equally long.
    """

    aliases = ("time series", "signal", "continuous", "values", "channels")

    features: Size = 1

    output = Output("B T features", "the numbers at every step")


class MaskInput(_Sequence):
    """Tell the model which steps are real and which only fill up a shorter sequence.

    Parameters:
        length: the name of the number of steps; inputs of one name are equally long.
    """

    aliases = ("padding", "attention mask")

    output = Output("B T", "true at every real step", kind=Kind.MASK)


class LengthInput(InputNode):
    """Tell the model how long each sequence really is, before it was filled up."""

    category = Category.IO
    aliases = ("padding", "sequence lengths")

    output = Output("B", "the number of real steps", kind=Kind.LENGTHS)

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B")}


class BlockInput(InputNode):
    """Give a block an input port, which is called as this node is.

    Parameters:
        kind: what the port takes.
        shape: the pattern of the shape that it takes; ``...`` is any.
        optional: it may stay unconnected; what cannot do without it inside is then left out.
    """

    category = Category.IO
    aliases = ("argument", "port", "entrance")

    kind: Literal["features", "token ids", "mask", "lengths", "state", "any"] = "any"
    shape: str = SPREAD
    optional: bool = False

    output = Output("...", "what arrives at the port", kind=Kind.ANY)

    def parameter_errors(self) -> Iterator[ParameterError]:
        try:
            parse_pattern(self.shape)
        except ValueError as error:
            yield ParameterError("shape", str(error), (SPREAD,))

    def port(self, name: str) -> Input:
        """Say how the node appears as an input port of the block whose graph it is in."""
        return Input(self.shape, kind=Kind(self.kind), name=name, optional=self.optional)

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Stand for something of a fitting shape, as long as the block is not placed anywhere."""
        wanted = parse_pattern(self.shape)
        dims = Bindings({word: free(word) for word in wanted.words}, values)
        dims.spread = ()
        return Inferred(dims, {"output": TensorSpec(dims.fill(wanted), Kind(self.kind))})


class GraphOutput(OutputNode):
    """Give a result out of the model, or out of a block, under this node's name."""

    category = Category.IO
    aliases = ("result", "return", "prediction", "logits", "exit")

    input = Input("...", "the result", kind=Kind.ANY)
