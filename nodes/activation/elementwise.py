"""The base of the functions of each element."""

from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.time.field_builder import Support


class Elementwise(Node):
    """A function of each element."""

    is_base = True
    category = Category.ACTIVATION
    each = ("...",)

    input = Input("...", "tensor of any shape")
    output = Output("...", "the function of each element")

    def support(self) -> Support:
        return Support.EITHER  # the function of 0 is 0
