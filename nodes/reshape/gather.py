from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr


class Gather(Node):
    """Gather: the vectors of a sequence at given steps.

    output[b, n] = input[b, index[b, n]]: (B, T, C) at an index (B, N) gives (B, N, C). For masked
    positions, spans and pointers. An index is from 0 to T - 1.

    Dimensions:
        N: number of vectors that are read.
    """

    category = Category.RESHAPE
    aliases = ("take", "index select", "pointer", "lookup", "positions")
    torch = "torch.take_along_dim"
    each = ("B", "N", "C")

    input = Input("B T C", "sequence of vectors")
    index = Input("B N", "step of each vector to read", kind=Kind.TOKENS)
    output = Output("B N C", "vectors at these steps")

    def forward(self, context: EmitContext, input: Expr, index: Expr) -> Expr:
        return input.method("take_along_dim", index[..., None], dim=1)
