"""Noise that keeps a model from learning by heart."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, Time
from nodes.core.graphs.parameter_types import Probability
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr


class Dropout(Node):
    """Set numbers to zero at random while training, and scale up the rest to make up for it.

    Parameters:
        p: how likely each number is set to zero.

    Reference:
        Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        2014, JMLR 15
    """

    category = Category.DROPOUT
    aliases = ("regularization", "noise")
    torch = "nn.Dropout"
    time = Time.POINTWISE

    p: Probability = 0.5

    input = Input("...", "any numbers")
    output = Output("...", "the numbers, some of them zero while training")

    def module(self, context: EmitContext) -> Expr:
        return context.call("nn.Dropout", *self.changed("p").values())

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
