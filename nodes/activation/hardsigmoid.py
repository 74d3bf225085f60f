from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Hardsigmoid(Elementwise):
    """Hard sigmoid: min(max(x + 3, 0), 6) / 6.

    Approximates the sigmoid without an exponential: exactly 0 for x < -3 and 1 for x > 3.

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244
    """

    aliases = ("h-sigmoid", "gate", "nonlinearity")
    torch = "F.hardsigmoid"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.hardsigmoid", input)
