"""Letting every step look at others."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, InputMismatch, Node, Time
from nodes.core.graphs.parameter_types import Positive, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, compare, name, when
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, ShapeMismatch


class SplitHeads(Node):
    """Split each vector into as many smaller ones as there are heads.

    Parameters:
        num_heads: how many heads there are.
    """

    category = Category.ATTENTION
    aliases = ("multi-head", "unflatten", "view")
    torch = "torch.unflatten"
    time = Time.POINTWISE

    num_heads: Size = 8

    input = Input("B T (num_heads D)", "the sequence")
    output = Output("B num_heads T D", "a sequence of smaller vectors for each head")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        heads = context.method(input, "unflatten", -1, (self.num_heads, -1))
        return heads.method("transpose", 1, 2)


class MergeHeads(Node):
    """Put what the heads found side by side again."""

    category = Category.ATTENTION
    aliases = ("multi-head", "flatten", "concatenate")
    torch = "torch.flatten"
    time = Time.POINTWISE

    input = Input("B H T D", "a sequence for each head")
    output = Output("B T (H D)", "one sequence")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("transpose", 1, 2).method("flatten", -2)


class ScaledDotProductAttention(Node):
    """Let each query gather the values whose keys fit it, weighed by softmax(Q K' / sqrt(D)).

    Parameters:
        dropout_p: how likely a weight is set to zero while training.
        causal: a step sees itself and those before it only.
        scale: what Q K' is multiplied by; 1 / sqrt(D) if it is not given.

    Dimensions:
        group: how many query heads share one key head.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.1, arXiv:1706.03762;
        fewer key heads: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer
        Models", 2023, arXiv:2305.13245
    """

    category = Category.ATTENTION
    aliases = ("sdpa", "softmax", "grouped query", "gqa", "mqa", "flash")
    torch = "F.scaled_dot_product_attention"
    state_ports = ("key", "value")
    returns_used_only = True

    dropout_p: Probability = 0.0
    causal: bool = False
    scale: Positive | None = None

    query = Input("B H T D", "what each step looks for")
    key = Input("B K S D", "what each step can be found by")
    value = Input("B K S E", "what is found there")
    mask = Input(
        "B H T S", "true where a query may see a key", kind=Kind.MASK, optional=True, broadcast=True
    )
    output = Output("B H T E", "what each query found; zero where it may see nothing")
    attention = Output("B H T S", "how much each query attends to each key")

    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        plain = self.causal and "mask" not in connected and "attention" not in used
        return Time.MEMORY if plain else Time.WHOLE

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if self.causal:
            try:
                dims.bind("T", dims["S"], "key")
            except ShapeMismatch as error:
                raise InputMismatch("key", error) from error
        return {"group": dims.split(dims["H"], dims["K"], "K")}

    def flops(self, dims: Bindings) -> AnyDim:
        pairs = dims["B"] * dims["H"] * dims["T"] * dims["S"]
        return 2 * pairs * (dims["D"] + dims["E"])

    def forward(
        self, context: EmitContext, query: Expr, key: Expr, value: Expr, mask: Expr | None
    ) -> Expr:
        watched = "attention" in context.used
        if mask is not None and len(context.shapes["mask"]) == 1:  # PyTorch wants two dimensions
            mask = mask[None]
        options: dict[str, object] = {}
        if self.causal and (watched or mask is not None):
            causal = context.library("causal_mask", query.attr("shape")[2], query.attr("device"))
            mask = causal if mask is None else mask & causal
        if mask is not None:
            options["attn_mask"] = mask
        if self.dropout_p != 0.0:
            dropout = context.keep("dropout", self.dropout_p)
            options["dropout_p"] = when(name("self.training"), dropout, 0.0)
        if self.causal and mask is None:
            options["is_causal"] = (
                True if context.past is None else compare(context.past, "is", None)
            )
        options |= self.changed("scale")
        if watched:
            both = context.library("attend", query, key, value, **options)
            return both if "output" in context.used else both[1]
        if context.dims["H"] != context.dims["K"]:
            options["enable_gqa"] = True
        return context.call("F.scaled_dot_product_attention", query, key, value, **options)
