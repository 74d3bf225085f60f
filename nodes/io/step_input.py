from collections.abc import Mapping

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category, Inferred, InputMismatch
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.shapes.shape import Bindings


class StepInput(InputNode):
    """Step input: one step of a sequence, in a block that is the body of a loop over the steps.

    A block with a step input runs once for each step. Its port of this name takes a whole sequence
    (B, T, ...), of which the graph sees one step (B, ...) after the other; what reaches a
    GraphOutput at each step is a sequence at the output port of that name. A pair of StateInput
    and StateOutput carries a value from one step to the next. A BlockInput is the same at every
    step, such as the memory that a decoder attends to. Several step inputs take sequences of the
    same length.
    """

    category = Category.IO
    blocks_only = True
    is_step = True
    aliases = ("loop", "scan", "recurrence", "cell", "time step", "iterate")

    output = Output("B ...", "the step of the sequence", kind=Kind.ANY)

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B")}

    def port(self, name: str) -> Input:
        """Return the port that takes the sequence."""
        return Input("B T ...", "sequence", kind=Kind.ANY, name=name)

    def receive(self, spec: TensorSpec, values: dict[str, int]) -> Inferred:
        """Infer the output from the spec of one step."""
        dims = Bindings({}, values)
        try:
            dims.match(self.outputs[0].parsed, spec.shape, "output")
        except ValueError as error:
            raise InputMismatch("output", error) from error
        return Inferred(dims, {"output": spec})

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Infer the spec of a step of vectors, for a block that is not used anywhere."""
        spec = TensorSpec((free("B"), free("C")), Kind.FEATURES)
        return self.receive(spec, values)
