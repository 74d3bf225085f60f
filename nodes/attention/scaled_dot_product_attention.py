from collections.abc import Iterator, Mapping

from nodes.attention.steps_mask import StepsMask
from nodes.core.graphs.emit_context import Argument, EmitContext
from nodes.core.graphs.node import Category, InputMismatch, ParameterError
from nodes.core.graphs.parameter_types import Positive, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, compare, conditional, name
from nodes.core.graphs.shared_value import SharingNode
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import ALL, EARLIER, Reach
from nodes.core.time.time_fields import attend


class ScaledDotProductAttention(SharingNode):
    """Scaled dot-product attention: softmax(Q K^T / sqrt(D)) V in each head.

    Queries (B, H, T, D), keys (B, K, S, D) and values (B, K, S, E) give (B, H, T, E). Each of the K
    key and value heads serves H / K query heads: grouped-query attention if K < H. For attention
    with its projections use MultiHeadAttention. Masks are boolean, true where a query may attend to
    a key; a query that may attend to no key gets zeros. Connecting the output attention computes
    the weights, (T, S) per head, before dropout and without PyTorch's fused kernels; so do softcap
    and sinks. In a model that generates, key_mask is kept with the keys, so that padding before a
    sequence stays masked.

    Parameters:
        dropout_p: probability of an attention weight to be zeroed in training.
        causal: a query attends only to keys at its own and earlier steps; needs S = T.
        scale: scaling factor of Q K^T before the softmax; 1 / sqrt(D) if not given.
        window: number of steps that a query attends to, its own and those before it (sliding
            window); all earlier ones if not given. It needs causal.
        softcap: bound c of the scores, c * tanh(score / c), as in Gemma 2, with the bias in them;
            none if not given.
        sinks: a learned score in each head for attending to nothing, as in GPT-OSS.
        add_bias_kv: a learned key and value in each key head that every query may attend to, beside
            those of the steps; the output attention leaves it out. Not with sinks.
        add_zero_attn: the same with a key and a value of zeros.

    Dimensions:
        group: number of query heads that share one key and value head, H / K.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.1, arXiv:1706.03762;
        fewer key heads: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer
        Models", 2023, arXiv:2305.13245; window: Jiang et al., "Mistral 7B", 2023,
        arXiv:2310.06825; softcap: Gemma Team, "Gemma 2", 2024, arXiv:2408.00118; sinks: Xiao et
        al., "Efficient Streaming Language Models with Attention Sinks", 2023, arXiv:2309.17453
    """

    category = Category.ATTENTION
    aliases = ("sdpa", "softmax", "grouped query", "gqa", "mqa", "flash", "dot-product attention")
    torch = "F.scaled_dot_product_attention"
    own_starts = ("bias_k", "bias_v")
    state_ports = ("key", "value", "key_mask")
    pair_ports = ("mask", "bias")
    returns_used_only = True

    dropout_p: Probability = 0.0
    causal: bool = False
    scale: Positive | None = None
    window: Size | None = None
    softcap: Positive | None = None
    sinks: bool = False
    add_bias_kv: bool = False
    add_zero_attn: bool = False

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
    bias = Input("B H T S", "added to the scores, as by ALiBi", optional=True, broadcast=True)
    key_mask = Input("B S", "true at the keys that are not padding", kind=Kind.MASK, optional=True)
    output = Output("B H T E", "weighted sum of the values for each query")
    attention = Output("B H T S", "attention weights of each query over the keys")

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        if self.window is not None and not self.causal:
            message = "expected causal attention, as it has a window, got causal = False"
            yield ParameterError("causal", message, (True,))
        if self.sinks and self.add_bias_kv:
            message = "expected one learned alternative to the keys, got also sinks"
            yield ParameterError("add_bias_kv", message, (False,))

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        for word in ("H", "K", "D"):
            reading.gather(word)
        sizes = context.size("T"), context.size("S")
        reach = EARLIER if self.causal else ALL
        if self.window is not None:
            reach = Reach(1 - context.number(self.window), 0)
        weights, attended = attend(reading, reach, sizes)
        attention = context.result("attention", reading, weights)
        return {"output": context.result("output", reading, attended), "attention": attention}

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if self.causal:
            try:
                dims.bind("T", dims["S"], "key")
            except ShapeMismatch as error:
                raise InputMismatch("key", error) from error
        if self.sinks:
            dims.require_static(("H",))
        if self.add_bias_kv:
            dims.require_static(("K", "D", "E"))
        return {"group": dims.split(dims["H"], dims["K"], "K")}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        if self.add_bias_kv:
            return {"bias_k": (dims["K"], 1, dims["D"]), "bias_v": (dims["K"], 1, dims["E"])}
        return {"weight": (dims["H"],)} if self.sinks else {}

    @property
    def more_keys(self) -> int:
        """The number of keys that are none of the sequence."""
        return self.add_bias_kv + self.add_zero_attn

    def flops(self, dims: Bindings) -> AnyDim:
        pairs = dims["B"] * dims["H"] * dims["T"] * (dims["S"] + self.more_keys)
        return 2 * pairs * (dims["D"] + dims["E"])

    def _is_fused(self, used: frozenset[str]) -> bool:
        """Whether PyTorch's fused kernels compute what is used of it."""
        return not ("attention" in used or self.sinks or self.softcap is not None)

    def shared_value(
        self, dims: Bindings, connected: frozenset[str], used: frozenset[str]
    ) -> StepsMask | None:
        limits = {"mask", "bias", "key_mask"} & connected or self.more_keys
        if not self.causal or (self.window is None and self._is_fused(used) and not limits):
            return None  # the fused kernels know what is causal
        return StepsMask(dims["T"], self.window)

    def module(self, context: EmitContext) -> Expr | None:
        if self.add_bias_kv:
            sizes = context.dims["K"], context.dims["D"], context.dims["E"]
            return context.library_call("KeyValueBias", *sizes)
        if not self.sinks:
            return None
        return context.library_call("AttentionWithSinks", context.dims["H"])

    def forward(self, context: EmitContext, **inputs: Expr | None) -> Expr:
        query, key, value = (inputs[port] for port in ("query", "key", "value"))
        assert query and key and value
        mask, bias = _with_two_dims(context, mask=inputs["mask"], bias=inputs["bias"])
        if (key_mask := inputs["key_mask"]) is not None:
            valid = key_mask[:, None, None, :]
            mask = valid if mask is None else valid & mask
        fused = self._is_fused(context.used)
        allowed = mask
        if (steps := context.shared) is not None:
            allowed = steps if mask is None else mask & steps
        if bias is not None and fused:
            allowed = context.library_call("masked_bias", bias, allowed) if allowed else bias
        if self.more_keys:
            allowed = allowed and context.library_call("more_columns", allowed, key, self.more_keys)
            bias = bias and context.library_call("more_columns", bias, key, self.more_keys)
            key = self._with_more_keys(context, key, "key")
            value = self._with_more_keys(context, value, "value")
        options = self._options(context, (query, key), allowed, fused)
        scale = self.changed("scale")
        if not fused:
            scores = context.library_call("attention_scores", query, key, **scale)
            return self._by_hand(context, scores if bias is None else scores + bias, value, options)
        if context.dims["H"] != context.dims["K"]:
            scale["enable_gqa"] = True
        options |= scale
        return context.call("F.scaled_dot_product_attention", query, key, value, **options)

    def _with_more_keys(self, context: EmitContext, steps: Expr, which: str) -> Expr:
        """Append the learned step and that of zeros to keys or values."""
        if self.add_bias_kv:
            steps = context.method(context.layer, f"append_{which}", steps)
        return context.call("F.pad", steps, (0, 0, 0, 1)) if self.add_zero_attn else steps

    def _options(
        self, context: EmitContext, ends: tuple[Expr, Expr], allowed: Expr | None, fused: bool
    ) -> dict[str, Argument]:
        """Write the mask, the dropout and the causality of an attention of queries to keys."""
        options: dict[str, Argument] = {} if allowed is None else {"attn_mask": allowed}
        first_call = compare(state, "is", None) if (state := context.cached_state) else None
        is_causal = self.causal and fused and not options
        if is_causal and first_call is not None:
            later = context.library_call("last_steps_mask", *ends)
            options["attn_mask"] = conditional(first_call, None, later)
        if self.dropout_p != 0.0:
            dropout = context.store("dropout_p", self.dropout_p)
            options["dropout_p"] = conditional(name("self.training"), dropout, 0.0)
        if is_causal:
            options["is_causal"] = True if first_call is None else first_call
        return options

    def _by_hand(
        self, context: EmitContext, scores: Expr, value: Expr, options: Mapping[str, Argument]
    ) -> Expr:
        """Write the output and the weights, without PyTorch's fused kernels."""
        if self.softcap is not None:
            softcap = context.store("softcap", self.softcap)
            scores = context.library_call("soft_cap", scores, softcap)
        if self.sinks:
            pair = context.call(context.layer, scores, value, **options)
        else:
            pair = context.library_call("attend", scores, value, **options)
        if self.more_keys and "attention" in context.used:
            pair = context.library_call("fewer_columns", pair, self.more_keys)
        if len(context.used) > 1:
            return pair
        return pair[0] if "output" in context.used else pair[1]


def _with_two_dims(context: EmitContext, **tensors: Expr | None) -> list[Expr | None]:
    """Give masks and biases of fewer dimensions the two that PyTorch requires."""
    missing = {port: 2 - len(context.shapes[port]) for port, x in tensors.items() if x is not None}
    return [
        x[(None,) * missing[port]] if x is not None and missing[port] > 0 else x
        for port, x in tensors.items()
    ]
