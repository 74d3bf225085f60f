from nodes.core.graphs.graph import OutputNode
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Input


class StateOutput(OutputNode):
    """State output: the value of a recurrent state after a step, in a block with a StepInput.

    The StateInput at its port ``state`` passes the value on to the next step. The output port of
    this name has the value after the last step, (B, C).
    """

    category = Category.IO
    blocks_only = True
    is_state = True
    aliases = ("loop", "scan", "carry", "hidden", "recurrence", "cell", "next", "feedback")

    input = Input("B C", "state after the step")
    state = Input("B C", "the StateInput that has it at the next step")
