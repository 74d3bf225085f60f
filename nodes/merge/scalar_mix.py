from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape


class ScalarMix(Node):
    """Scalar mix: a learned weighted average of the outputs of several layers.

    y = gamma * sum_i softmax(weight)_i * x_i, with x (L, B, T, C), as Stack gives it, and one
    weight for each of the L layers. Tells which layers a task needs.

    Reference:
        Peters et al., "Deep Contextualized Word Representations", 2018, equation 1,
        arXiv:1802.05365
    """

    category = Category.MERGE
    aliases = ("elmo", "layer average", "weighted sum", "layer mix")
    static_axes = ("L",)
    each = ("...",)
    linear = True

    input = Input("L ...", "outputs of the layers, stacked along dimension 0")
    output = Output("...", "their weighted average")

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (dims["L"],), "gamma": ()}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("ScalarMix", context.dims["L"])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
