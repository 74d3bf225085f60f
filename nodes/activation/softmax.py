from nodes.activation.along_dim import AlongDim
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr


class Softmax(AlongDim):
    """Softmax: exp(x_i) / sum_j exp(x_j) along one dimension.

    Turns scores (logits) into probabilities that sum to 1, as attention weights do. Do not put it
    before the output of a model that is trained with cross entropy: that loss takes the logits.

    Parameters:
        dim: the dimension along which the probabilities sum to 1; negative dims count from the
            end.
    """

    aliases = ("probabilities", "normalize", "distribution", "normalized exponential")
    torch = "torch.softmax"

    output = Output("...", "probabilities along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("softmax", dim=self.dim)
