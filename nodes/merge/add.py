from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr, grouped, sum_of
from nodes.core.time.field_builder import Support


class Add(Node):
    """Add: elementwise sum with broadcasting, as in a residual connection.

    output = terms.0 + terms.1 + ..., of the shape that all terms broadcast to: a missing leading
    dimension or a size of 1 fits any size.

    Reference:
        as a residual connection: He, Zhang, Ren & Sun, "Deep Residual Learning for Image
        Recognition", 2015, arXiv:1512.03385
    """

    category = Category.MERGE
    aliases = ("sum", "residual", "skip connection", "residual connection", "plus", "+")
    torch = "torch.add"
    each = ("...",)
    linear = True

    terms = Input(
        "...", "tensors of broadcastable shapes", variadic=True, broadcast=True, joins=True
    )
    output = Output("...", "sum of the terms")

    def support(self) -> Support:
        return Support.EITHER

    def forward(self, context: EmitContext, terms: tuple[Expr, ...]) -> Expr:
        return grouped(sum_of, terms)
