"""One vector for a whole sequence."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import ShapeMismatch


class _Pooling(Node):
    """A rule that makes one vector of the real steps of a sequence."""

    category = Category.POOLING

    input = Input("B T C", "the sequence")
    mask = Input(
        "B T", "true at every real step; all are, without it", kind=Kind.MASK, optional=True
    )
    lengths = Input(
        "B", "the number of real steps, instead of a mask", kind=Kind.LENGTHS, optional=True
    )
    output = Output("B C", "one vector for each sequence")

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """See that the real steps are told in one way only."""
        if "mask" in arriving and "lengths" in arriving:
            told = "a mask tells the real steps, so no lengths are expected, but some arrive"
            raise InputMismatch("lengths", ShapeMismatch(told))
        return super().infer(arriving, values)

    def pool(
        self,
        context: EmitContext,
        function: str,
        input: Expr,
        mask: Expr | None,
        lengths: Expr | None,
    ) -> Expr:
        """Write the call that pools the real steps."""
        if lengths is not None:
            mask = context.library_call("length_mask", lengths, input.attr("shape")[1])
        return context.library_call(function, input, mask)


class MeanPooling(_Pooling):
    """Average the steps of a sequence."""

    aliases = ("average", "avg", "global average pooling", "bag of words")
    torch = "torch.mean"

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input.method("mean", dim=1)
        return self.pool(context, "mean_pool", input, mask, lengths)


class MaxPooling(_Pooling):
    """Take the largest number that each channel has at any step.

    Reference:
        Collobert et al., "Natural Language Processing (Almost) from Scratch", 2011, section
        3.2.2, arXiv:1103.0398
    """

    aliases = ("maximum", "global max pooling", "max over time")
    torch = "torch.amax"

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input.method("amax", dim=1)
        return self.pool(context, "max_pool", input, mask, lengths)


class LastStep(_Pooling):
    """Pick the last step of a sequence, such as what a recurrent network knows in the end."""

    aliases = ("final", "last token", "end")

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input[:, -1]
        return self.pool(context, "last_step", input, mask, lengths)


class FirstStep(Node):
    """Pick the first step of a sequence, such as the vector of a classification token.

    Reference:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
        Understanding", 2018, section 3, arXiv:1810.04805
    """

    category = Category.POOLING
    aliases = ("cls", "first token", "start")

    input = Input("B T C", "the sequence")
    output = Output("B C", "its first step")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input[:, 0]
