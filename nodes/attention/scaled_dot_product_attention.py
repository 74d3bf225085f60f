from collections.abc import Mapping

from nodes.core.graphs.emit_context import Argument, EmitContext
from nodes.core.graphs.node import Category, InputMismatch, Node
from nodes.core.graphs.parameter_types import Positive, Probability
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, compare, conditional, name
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, ShapeMismatch
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.time_fields import attend


class ScaledDotProductAttention(Node):
    """Scaled dot-product attention: softmax(Q K^T / sqrt(D)) V in each head.

    Queries (B, H, T, D), keys (B, K, S, D) and values (B, K, S, E) give (B, H, T, E). Each of the K
    key and value heads serves H / K query heads: grouped-query attention if K < H. For attention
    with its projections use MultiHeadAttention. Masks are boolean, true where a query may attend to
    a key; a query that may attend to no key gets zeros. Connecting the output attention computes
    the weights, (T, S) per head, before dropout and without PyTorch's fused kernels.

    Parameters:
        dropout_p: probability of an attention weight to be zeroed in training.
        causal: a query attends only to keys at its own and earlier steps; needs S = T.
        scale: scaling factor of Q K^T before the softmax; 1 / sqrt(D) if not given.

    Dimensions:
        group: number of query heads that share one key and value head, H / K.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.1, arXiv:1706.03762;
        fewer key heads: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer
        Models", 2023, arXiv:2305.13245
    """

    category = Category.ATTENTION
    aliases = ("sdpa", "softmax", "grouped query", "gqa", "mqa", "flash", "dot-product attention")
    torch = "F.scaled_dot_product_attention"
    state_ports = ("key", "value")
    returns_used_only = True

    dropout_p: Probability = 0.0
    causal: bool = False
    scale: Positive | None = None

    query = Input("B H T D", "queries of each head")
    key = Input("B K S D", "keys of each key head")
    value = Input("B K S E", "values of each key head")
    mask = Input(
        "B H T S",
        "true where a query may attend to a key; all may, if not connected",
        kind=Kind.MASK,
        optional=True,
        broadcast=True,
    )
    output = Output("B H T E", "weighted sum of the values for each query")
    attention = Output("B H T S", "attention weights of each query over the keys")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        for word in ("H", "K", "D"):
            reading.gather(word)
        sizes = context.size("T"), context.size("S")
        weights, attended = attend(reading, self.causal, sizes)
        attention = context.result("attention", reading, weights)
        return {"output": context.result("output", reading, attended), "attention": attention}

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
        with_weights = "attention" in context.used
        if mask is not None and (rank := len(context.shapes["mask"])) < 2:
            mask = mask[(None,) * (2 - rank)]  # PyTorch requires at least two dimensions
        options: dict[str, Argument] = {}
        first_call = compare(state, "is", None) if (state := context.cached_state) else None
        if self.causal and (with_weights or mask is not None):
            causal = context.library_call(
                "causal_mask", query.attr("shape")[2], query.attr("device")
            )
            mask = causal if mask is None else mask & causal
        if mask is not None:
            options["attn_mask"] = mask
        elif first_call is not None:
            later = context.library_call("last_steps_mask", query, key)
            options["attn_mask"] = conditional(first_call, None, later)
        if self.dropout_p != 0.0:
            dropout = context.store("dropout", self.dropout_p)
            options["dropout_p"] = conditional(name("self.training"), dropout, 0.0)
        if self.causal and mask is None:
            options["is_causal"] = True if first_call is None else first_call
        options |= self.changed("scale")
        if with_weights:
            pair = context.library_call("attend", query, key, value, **options)
            return pair if "output" in context.used else pair[1]
        if context.dims["H"] != context.dims["K"]:
            options["enable_gqa"] = True
        return context.call("F.scaled_dot_product_attention", query, key, value, **options)
