from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr


class MergeHeads(Node):
    """Merge attention heads: (B, H, T, D) to (B, T, H * D).

    Concatenates the outputs of the heads along the channels: the inverse of SplitHeads.
    """

    category = Category.ATTENTION
    aliases = ("multi-head", "flatten", "concatenate")
    torch = "torch.flatten"
    each = ("B", "H", "T", "D")
    linear = True

    input = Input("B H T D", "sequence of vectors for each head")
    output = Output("B T (H D)", "sequence of the concatenated heads")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.transpose(1, 2).method("flatten", -2)
