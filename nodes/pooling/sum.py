from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr
from nodes.pooling.dim_reduction import DimReduction


class Sum(DimReduction):
    """Sum over a dimension: the sum of the elements along one dimension.

    (B, T, C) gives (B, T) for the last dimension, and (B, C) for dim 1, where padding counts too.

    Parameters:
        dim: the dimension to sum over; negative dims count from the end.
    """

    aliases = ("add up", "reduce", "total")
    torch = "torch.sum"

    output = Output("...", "sum along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("sum", dim=self.dim)
