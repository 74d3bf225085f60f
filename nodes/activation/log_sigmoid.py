from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class LogSigmoid(Elementwise):
    """Logarithm of the sigmoid: -log(1 + exp(-x)).

    Stable where the sigmoid itself would round to 0; for losses of yes or no and for decays.
    """

    aliases = ("logistic", "log probability", "nonlinearity")
    torch = "nn.LogSigmoid"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.logsigmoid", input)
