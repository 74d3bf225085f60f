from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Absolute(Elementwise):
    """Absolute value: x for x >= 0, else -x.

    Its gradient at 0 is 0.
    """

    aliases = ("abs", "magnitude")
    torch = "torch.abs"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.abs", input)
