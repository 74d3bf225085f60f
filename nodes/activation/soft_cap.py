from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr


class SoftCap(Elementwise):
    """Soft cap: cap * tanh(x / cap), which keeps values between -cap and cap.

    Close to x where abs(x) is far below the cap; Gemma 2 caps its logits at 30.

    Parameters:
        cap: the bound of the absolute value.

    Reference:
        Gemma Team, "Gemma 2: Improving Open Language Models at a Practical Size", 2024,
        arXiv:2408.00118
    """

    aliases = ("logit cap", "softcap", "tanh", "gemma")

    cap: Positive = 30.0

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("soft_cap", input, self.cap)
