from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Probability
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Dropout(Node):
    """Dropout: zero elements at random with probability p during training.

    The other elements are scaled by 1 / (1 - p), so that the expected value stays the same; in
    evaluation it is the identity. It regularizes a model that overfits. Usual values of p are 0.1
    in Transformers and 0.2 to 0.5 elsewhere.

    Parameters:
        p: probability of an element to be zeroed.

    Reference:
        Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        2014, JMLR 15
    """

    category = Category.DROPOUT
    aliases = ("regularization", "noise")
    torch = "nn.Dropout"
    each = ("...",)
    linear = True

    p: Probability = 0.5

    input = Input("...", "tensor of any shape")
    output = Output("...", "the input, in training with elements zeroed and the rest scaled up")

    def support(self) -> Support:
        return Support.EITHER

    def module(self, context: EmitContext) -> Expr:
        return context.call("nn.Dropout", *self.changed("p").values())

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
