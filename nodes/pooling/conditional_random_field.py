from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.axis import Axis
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order


class ConditionalRandomField(Node):
    """Linear-chain conditional random field (CRF): the most probable tags of a whole sequence.

    The score of tags y is the sum of emissions[t, y_t], of transitions[y_t, y_(t+1)] and of the
    scores of the first and the last tag, and p(y) = exp(score(y)) / sum of exp(score) over all
    tag sequences. So a tag depends on its neighbours, which a softmax of each step alone cannot
    say: I-PER does not follow B-LOC. Train with the mean of -log_likelihood as the loss, where tags
    are the right ones (B, T); predict with path, which needs no tags. Emissions are (B, T, K) for K
    tags, as by a Linear; the mask is boolean, true at valid steps, and others are passed over.

    Reference:
        Lafferty et al., "Conditional Random Fields: Probabilistic Models for Segmenting and
        Labeling Sequence Data", 2001; Lample et al., "Neural Architectures for Named Entity
        Recognition", 2016, arXiv:1603.01360
    """

    category = Category.POOLING
    aliases = ("crf", "viterbi", "tagging", "named entities", "ner", "structured prediction")
    own_starts = ("transitions",)
    static_axes = ("K",)
    returns_used_only = True
    may_convert = False

    emissions = Input("B T K", "score of each tag at each step")
    tags = Input(
        "B T",
        "tags whose probability is computed; the path if not connected",
        kind=Kind.TOKENS,
        optional=True,
    )
    mask = Input(
        "B T", "true at valid steps; all are, if not connected", kind=Kind.MASK, optional=True
    )
    path = Output("B T", "most probable tags, 0 at padding", kind=Kind.TOKENS)
    log_likelihood = Output("B", "logarithm of the probability of the tags")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        guards = [*reading.ports["mask"].validity] if "mask" in context.ports else []
        step = reading.axis("T")
        entry = next((b.axes[step] for b in reading.ports.values() if step in b.axes), None)
        reading.gather("K")
        reading.gather("T", guards)
        joined = reading.join()
        joined.order = Order.USED
        likelihood = context.result("log_likelihood", reading, joined)
        if entry is not None:
            new = reading.new_axis()
            joined.axes[new] = Axis(context.size("T"), entry.clock)
            reading.words["T"] = (new,)
        return {"path": context.result("path", reading, joined), "log_likelihood": likelihood}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        tags = dims["K"]
        return {"start": (tags,), "end": (tags,), "transitions": (tags, tags)}

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * dims["B"] * dims["T"] * dims["K"] * dims["K"]

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("ConditionalRandomField", context.size("K"))

    def forward(
        self, context: EmitContext, emissions: Expr, tags: Expr | None, mask: Expr | None
    ) -> Expr:
        masks = () if mask is None else (mask,)
        path = context.method(context.layer, "decode", emissions, *masks)
        if "log_likelihood" not in context.used:
            return path
        given = path if tags is None else tags
        likelihood = context.method(context.layer, "log_likelihood", emissions, given, *masks)
        return tuple_of(path, likelihood) if "path" in context.used else likelihood
