from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr
from nodes.pooling.dim_reduction import DimReduction


class Mean(DimReduction):
    """Mean over a dimension: the average of the elements along one dimension.

    (B, T, C) gives (B, T) for the last dimension. Padding counts: MeanPooling leaves it out of the
    average over steps.

    Parameters:
        dim: the dimension to average over; negative dims count from the end.
    """

    aliases = ("average", "avg", "reduce")
    torch = "torch.mean"

    output = Output("...", "average along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("mean", dim=self.dim)
