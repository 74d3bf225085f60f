from collections.abc import Mapping

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.shapes.dim import AnyDim, free


class StateInput(InputNode):
    """State input: the value of a recurrent state before a step, in a block with a StepInput.

    It is what the StateOutput that is connected with it got at the step before. At the first step
    it is what is connected to the port of this name, such as the last state of an encoder; zero if
    nothing is.

    Parameters:
        size: size of the state of each sequence of the batch.
    """

    category = Category.IO
    blocks_only = True
    is_state = True
    aliases = ("loop", "scan", "carry", "hidden", "recurrence", "cell", "previous", "memory")

    size: Size = 128

    output = Output("B size", "state before the step")

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B")}

    def port(self, name: str) -> Input:
        """Return the port that takes the state before the first step."""
        doc = "state before the first step; zero if not connected"
        return Input("B size", doc, name=name, optional=True)
