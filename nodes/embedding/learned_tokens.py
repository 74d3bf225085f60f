from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.axis import Axis
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build


class LearnedTokens(Node):
    """Learned tokens: trained vectors that are the same for each sequence of the batch.

    output (B, num_tokens, C) is weight (num_tokens, C) for each row of an input of width C, whose
    values do not matter. With Concatenate along dim 1 it puts a class token or a prompt before a
    sequence; as queries of attention it reads a sequence into a fixed number of vectors, as the
    latents of Perceiver and the queries of DETR.

    Parameters:
        num_tokens: number of trained vectors.

    Reference:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
        Understanding", 2019, arXiv:1810.04805 (class token); Jaegle et al., "Perceiver: General
        Perception with Iterative Attention", 2021, arXiv:2103.03206; Lester, Al-Rfou & Constant,
        "The Power of Scale for Parameter-Efficient Prompt Tuning", 2021, arXiv:2104.08691
    """

    category = Category.EMBEDDING
    aliases = ("class token", "cls", "queries", "latents", "prompt", "prefix", "parameter", "free")
    may_convert = False
    static_axes = ("C",)

    num_tokens: Size = 1

    input = Input("B ... C", "tensor that gives the batch and the width")
    output = Output("B num_tokens C", "the trained vectors, for each sequence")

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        builder.axes = {0: Axis(context.size("B"))}
        return {"output": build(builder, [[0], [], []])}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.num_tokens, dims["C"])}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("LearnedTokens", self.num_tokens, context.dims["C"])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
