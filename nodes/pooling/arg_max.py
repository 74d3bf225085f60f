from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.pooling.dim_reduction import DimReduction


class ArgMax(DimReduction):
    """Argmax: the index of the largest element along one dimension.

    Logits (B, T, C) give the most probable token ids (B, T) for the last dimension. It has no
    gradient.

    Parameters:
        dim: the dimension to reduce; negative dims count from the end.
    """

    aliases = ("maximum", "prediction", "greedy", "arg max")
    torch = "torch.argmax"

    output = Output("...", "index of the largest element along dim", kind=Kind.TOKENS)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("argmax", dim=self.dim)
