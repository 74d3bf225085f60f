from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Probability
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class StochasticDepth(Node):
    """Stochastic depth: zero whole sequences at random with probability p during training.

    At the end of a residual branch, a sequence of the batch then skips the branch. The others are
    scaled by 1 / (1 - p); in evaluation it is the identity.

    Parameters:
        p: probability of a sequence to be zeroed.

    Reference:
        Huang et al., "Deep Networks with Stochastic Depth", 2016, arXiv:1603.09382
    """

    category = Category.DROPOUT
    aliases = ("drop path", "droppath", "layer drop", "layerdrop", "regularization")
    each = ("B", "...")
    linear = True

    p: Probability = 0.1

    input = Input("B ...", "output of a residual branch")
    output = Output("B ...", "the input, in training with sequences zeroed and the rest scaled up")

    def support(self) -> Support:
        return Support.EITHER

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("StochasticDepth", self.p)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
