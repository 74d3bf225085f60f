from functools import reduce
from operator import mul

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr, grouped
from nodes.core.time.field_builder import Support


class Multiply(Node):
    """Multiply: elementwise (Hadamard) product with broadcasting, as in a gate.

    output = factors.0 * factors.1 * ..., of the shape that all factors broadcast to. For the
    product of matrices use MatMul.
    """

    category = Category.MERGE
    aliases = ("product", "gate", "times", "hadamard", "*")
    torch = "torch.mul"
    each = ("...",)

    factors = Input(
        "...", "tensors of broadcastable shapes", variadic=True, broadcast=True, joins=True
    )
    output = Output("...", "product of the factors")

    def support(self) -> Support:
        return Support.BOTH

    def forward(self, context: EmitContext, factors: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *operands: reduce(mul, operands), factors)
