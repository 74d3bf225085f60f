"""Pooling over time: one vector for a sequence."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import ShapeMismatch
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.receptive_field import Order, Validity
from nodes.core.time.time_fields import select, valid_steps


class _Pooling(Node):
    """A pooling over the valid steps of a sequence."""

    category = Category.POOLING

    input = Input("B T C", "sequence of vectors")
    mask = Input(
        "B T", "true at valid steps; all are, if not connected", kind=Kind.MASK, optional=True
    )
    lengths = Input(
        "B", "number of valid steps, from 0 to T, instead of a mask", Kind.LENGTHS, optional=True
    )
    output = Output("B C", "pooled vector of each sequence")

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Refuse a mask and lengths together."""
        if "mask" in input_specs and "lengths" in input_specs:
            message = "expected no lengths where a mask is connected, got lengths"
            raise InputMismatch("lengths", ShapeMismatch(message))
        return super().infer(input_specs, values)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        guards = [*reading.ports["mask"].validity] if "mask" in context.ports else []
        if "lengths" in context.ports:
            guards += valid_steps(reading, "T", context.dims["T"])
        self._read_steps(reading, guards, context.dims["T"])
        joined = reading.join()
        joined.order = self._order(joined.order)
        return {"output": context.result("output", reading, joined)}

    def _read_steps(self, reading: PatternFields, guards: list[Validity], length: AnyDim) -> None:
        reading.gather("T", guards)

    def _order(self, order: Order) -> Order:
        return order

    def pool(
        self,
        context: EmitContext,
        function: str,
        input: Expr,
        mask: Expr | None,
        lengths: Expr | None,
    ) -> Expr:
        """Write the call that pools the valid steps."""
        if lengths is not None:
            mask = context.library_call("length_mask", lengths, input.attr("shape")[1])
        return context.library_call(function, input, mask)


class MeanPooling(_Pooling):
    """Mean pooling over time: the average of the valid steps.

    output[b, c] = mean_t input[b, t, c]: (B, T, C) gives (B, C). For classifying sequences.
    Connect a boolean mask or lengths where sequences are padded, or the padding is averaged too. A
    sequence without a valid step gives zeros.
    """

    aliases = ("average", "avg", "global average pooling", "bag of words", "mean pool")
    torch = "torch.mean"

    def _order(self, order: Order) -> Order:
        return Order.NONE if order is Order.ADDED else order  # the mean of positions is a constant

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input.method("mean", dim=1)
        return self.pool(context, "mean_pool", input, mask, lengths)


class MaxPooling(_Pooling):
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


class LastStep(_Pooling):
    """Last step: the vector of the last valid step of a sequence.

    output[b] = input[b, T - 1], or the last step that is valid: (B, T, C) gives (B, C). For the
    final state of a recurrent network or the last token of a causal Transformer. Of a bidirectional
    network, the backward direction has read only this one step there: use its output hidden.
    Connect a boolean mask or lengths where sequences are padded. A sequence without a valid step
    gives zeros.
    """

    aliases = ("final", "last token", "end")

    def _read_steps(self, reading: PatternFields, guards: list[Validity], length: AnyDim) -> None:
        if reading.ports.keys() & {"mask", "lengths"}:
            reading.gather("T", guards)
        else:
            select(reading, "T", length - 1)

    def _order(self, order: Order) -> Order:
        return Order.USED

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input[:, -1]
        return self.pool(context, "last_step", input, mask, lengths)


class FirstStep(Node):
    """First step: the vector of the first step, such as that of a classification token.

    output[b] = input[b, 0]: (B, T, C) gives (B, C). As in BERT, where the first token (CLS) attends
    to the whole sequence; under a causal mask the first step has seen nothing but itself.

    Reference:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
        Understanding", 2018, section 3, arXiv:1810.04805
    """

    category = Category.POOLING
    aliases = ("cls", "first token", "start")

    input = Input("B T C", "sequence of vectors")
    output = Output("B C", "vector of the first step")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        select(reading, "T", 0)
        joined = reading.join(Support.EITHER)
        joined.order = Order.USED
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input[:, 0]
