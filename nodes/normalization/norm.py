"""The base of the normalizations of each vector over its channels."""

from typing import ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Norm(Node):
    """A normalization over the last dimension."""

    is_base = True
    category = Category.NORM
    static_axes: ClassVar[tuple[str, ...]] = ("C",)
    each = ("...",)
    mixes = ("C",)

    input = Input("... C", "vectors")
    output = Output("... C", "normalized vectors")

    def support(self) -> Support:
        return Support.EITHER

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
