from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch, axis, show_shape
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import normalize


class MaskedSoftmax(Node):
    """Masked softmax: a softmax along the last dimension, of the elements where a mask is true.

    Scores (B, S) and a boolean mask (B, S) of valid steps give weights (B, S) that sum to 1 and are
    0 at padding, as attention weights do. Where the mask is false everywhere, all weights are 0.
    """

    category = Category.ACTIVATION
    aliases = ("attention weights", "probabilities", "normalize", "masked fill", "padding")

    input = Input("...", "scores (logits)")
    mask = Input("...", "true where a weight may be above 0", kind=Kind.MASK, broadcast=True)
    output = Output("...", "weights along the last dimension")

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Refuse a mask that is larger than the scores."""
        inferred = super().infer(input_specs, values)
        scores, shape = input_specs["input"].shape, inferred.outputs["output"].shape
        if shape != scores:
            got = show_shape(input_specs["mask"].shape)
            message = f"expected a mask that broadcasts to {show_shape(scores)}, got {got}"
            raise InputMismatch("mask", ShapeMismatch(message))
        return inferred

    def derive_spread(self, dims: Bindings) -> Shape:
        axis(dims.spread, -1)
        return dims.spread

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.ports["input"].drop_support()  # a score of 0 has a weight
        shape = context.shapes["output"]
        rank = len(shape)
        joined = normalize(reading, spread_word(rank, rank - 1), shape[-1])
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr, mask: Expr) -> Expr:
        return context.library_call("masked_softmax", input, mask)
