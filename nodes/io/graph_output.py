from nodes.core.graphs.graph import OutputNode
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Input, Kind


class GraphOutput(OutputNode):
    """Graph output: an output of the model or an output port of the block, named after this node.

    The loss takes the output as it is: for classification and language models that is the logits,
    without a Softmax.
    """

    category = Category.IO
    aliases = ("result", "return", "prediction", "logits", "exit")

    input = Input("...", "tensor that is returned", kind=Kind.ANY)
