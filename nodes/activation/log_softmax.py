from nodes.activation.along_dim import AlongDim
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr


class LogSoftmax(AlongDim):
    """Log-softmax: x_i - log(sum_j exp(x_j)), the logarithm of the softmax along one dimension.

    For log-probabilities; numerically stable where the logarithm of Softmax is not. Cross entropy
    takes the logits and needs neither.

    Parameters:
        dim: the dimension along which the probabilities sum to 1; negative dims count from the
            end.
    """

    aliases = ("log probabilities", "distribution")
    torch = "torch.log_softmax"

    output = Output("...", "log-probabilities along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("log_softmax", dim=self.dim)
