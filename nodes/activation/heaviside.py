from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Heaviside(Elementwise):
    """Heaviside step function: 1 where x > 0, else 0.

    A decision as a number: multiplied with a tensor, it keeps or drops it, as the halting of
    adaptive computation does. Its gradient is 0, so what decides is not trained through it.

    Reference:
        Graves, "Adaptive Computation Time for Recurrent Neural Networks", 2016, arXiv:1603.08983
    """

    aliases = ("step", "greater", "compare", "threshold", "halting", "sign", "binary")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu", input).method("sign")
