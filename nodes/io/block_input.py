from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category, Inferred, ParameterError
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import free
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import Bindings


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
    blocks_only = True
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
