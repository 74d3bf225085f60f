from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.pooling.pooling import Pooling


class MaxPooling(Pooling):
    """Max pooling over time: the maximum of each channel over the valid steps.

    output[b, c] = max_t input[b, t, c]: (B, T, C) gives (B, C). For the presence of a feature
    anywhere in a sequence. Connect a boolean mask or lengths where sequences are padded. A sequence
    without a valid step gives zeros.

    Reference:
        Collobert et al., "Natural Language Processing (Almost) from Scratch", 2011, section
        3.2.2, arXiv:1103.0398
    """

    aliases = ("maximum", "global max pooling", "max over time", "max pool")
    torch = "torch.amax"

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input.method("amax", dim=1)
        return self.pool(context, "max_pool", input, mask, lengths)
