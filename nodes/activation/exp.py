from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Exp(Elementwise):
    """Exponential: exp(x).

    For rates and decays that must be positive, such as A = -exp(log A) in Mamba. It grows fast:
    float32 overflows above 88.
    """

    aliases = ("exponential", "positive")
    torch = "torch.exp"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.exp", input)
