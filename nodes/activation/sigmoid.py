from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Sigmoid(Elementwise):
    """Logistic sigmoid: 1 / (1 + exp(-x)).

    Maps to (0, 1), for gates and independent probabilities. It saturates: where abs(x) is large,
    the gradient vanishes. For probabilities of exclusive classes use Softmax.
    """

    aliases = ("logistic", "gate", "nonlinearity")
    torch = "torch.sigmoid"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.sigmoid", input)
