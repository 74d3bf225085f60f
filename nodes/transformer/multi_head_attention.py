from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.attention.merge_heads import MergeHeads
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.graph import Composite, Graph
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Category, Node, ParameterError, Rule
from nodes.core.graphs.parameter_types import Choice, Positive, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.constraint import at_least, multiple
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.concatenate import Concatenate
from nodes.merge.split import Split
from nodes.normalization.l2_norm import L2Norm
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.position.rotary_scaling import RopeType, idle_parameters

SPELLING = {"factor": "rope_factor", "truncate": "rope_truncate"}
QKNorm = Choice[Literal["none", "layer", "rms", "l2"]]


class MultiHeadAttention(Composite):
    """Multi-head attention: h attentions in parallel, concatenated and projected.

    Each head is softmax(q k^T / sqrt(D)) v with projections q = query W_q, k = key W_k, v = value
    W_v of its own, and output = concat(head_1, ..., head_h) W_o: query (B, T, C), key (B, S, K) and
    value (B, S, V) give (B, T, C). With query alone it is self-attention, with a key from another
    sequence cross-attention. Without a positional encoding or rotary it does not see the order of
    the steps. Where sequences are padded, connect their mask to key_mask. Masks are boolean, true
    where attention is allowed, the opposite of nn.MultiheadAttention; a step that may attend to
    nothing gets the bias of the output projection alone. Connecting the output attention computes
    the weights without PyTorch's fused kernels.

    Parameters:
        num_heads: number of parallel attention heads; it must divide C if head_dim is not given.
        num_kv_heads: number of heads of keys and values, each shared by a group of query heads
            (grouped-query attention; 1 is multi-query attention); num_heads if not given.
        head_dim: size D of the queries, keys and values of a head; C / num_heads if not given.
        dropout: probability of an attention weight to be zeroed in training.
        bias: adds a learnable bias to the projections.
        qkv_bias: with bias, the projections of queries, keys and values have one.
        out_bias: with bias, the output projection has one.
        causal: a step attends only to itself and to earlier steps.
        window: number of steps that a step attends to, itself and those before it; all earlier ones
            if not given. It needs causal.
        rotary: base of the rotary position embedding of queries and keys, such as 10000; no
            rotation if not given.
        rotary_dim: number of first channels of a head that are rotated; all if not given.
        rotary_interleaved: rotates neighbouring channels, not the halves of a head, as
            RotaryEncoding says.
        rope_type: scaling of the rotary frequencies for longer sequences, as RotaryEncoding says;
            it reads those of the next parameters that the type has.
        rope_factor: how many times longer sequences become (factor of RotaryEncoding).
        original_max_position_embeddings: context length of the training before.
        low_freq_factor: periods in that context up to which llama3 divides a frequency.
        high_freq_factor: periods in that context from which on llama3 keeps a frequency.
        beta_fast: periods in that context from which on yarn keeps a frequency.
        beta_slow: periods in that context up to which yarn divides a frequency.
        attention_factor: factor of the rotated channels in yarn; from rope_factor if not given.
        rope_truncate: yarn rounds the bounds of its mixture (truncate of RotaryEncoding).
        qk_norm: normalization of the queries and keys of each head, before they are rotated.
        qk_norm_eps: value added to its denominator; the default of its node if not given.
        scale: scaling factor of q k^T before the softmax; 1 / sqrt(D) if not given.
        softcap: bound of the scores, as in ScaledDotProductAttention; none if not given.
        sinks: a learned score in each head for attending to nothing.
        add_bias_kv: a learned key and value in each key head that every query may attend to, beside
            those of the steps; the output attention leaves it out. Not with sinks.
        add_zero_attn: the same with a key and a value of zeros.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Dimensions:
        D: head_dim, or C / num_heads if not given.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2, arXiv:1706.03762;
        num_kv_heads: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models",
        2023, arXiv:2305.13245; rotary: Su et al., "RoFormer: Enhanced Transformer with Rotary
        Position Embedding", 2021, arXiv:2104.09864; qk_norm: Dehghani et al., "Scaling Vision
        Transformers to 22 Billion Parameters", 2023, arXiv:2302.05442
    """

    category = Category.TRANSFORMER
    aliases = (
        "attn",
        "self-attention",
        "cross-attention",
        "mha",
        "gqa",
        "mqa",
        "grouped query attention",
        "causal attention",
    )
    torch = "nn.MultiheadAttention"

    num_heads: Size = 8
    num_kv_heads: Size | None = None
    head_dim: Size | None = None
    dropout: Probability = 0.0
    bias: bool = True
    qkv_bias: bool = True
    out_bias: bool = True
    causal: bool = False
    window: Size | None = None
    rotary: Positive | None = None
    rotary_dim: Size | None = None
    rotary_interleaved: bool = False
    rope_type: RopeType = "default"
    rope_factor: Positive = 1.0
    original_max_position_embeddings: Size | None = None
    low_freq_factor: Positive = 1.0
    high_freq_factor: Positive = 4.0
    beta_fast: Positive = 32.0
    beta_slow: Positive = 1.0
    attention_factor: Positive | None = None
    rope_truncate: bool = True
    qk_norm: QKNorm = "none"
    qk_norm_eps: Positive | None = None
    scale: Positive | None = None
    softcap: Positive | None = None
    sinks: bool = False
    add_bias_kv: bool = False
    add_zero_attn: bool = False

    query = Input("B T C", "sequence of queries")
    key = Input("B S K", "sequence of keys", default="query")
    value = Input("B S V", "sequence of values", default="key")
    key_mask = Input("B S", "true at the keys that are not padding", kind=Kind.MASK, optional=True)
    mask = Input(
        "B num_heads T S",
        "true where a query may attend to a key",
        kind=Kind.MASK,
        optional=True,
        broadcast=True,
    )
    score_bias = Input(
        "B num_heads T S", "added to the scores, as by ALiBi", optional=True, broadcast=True
    )
    positions = Input(
        "B T",
        "position of each step for rotary; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    key_positions = Input(
        "B S",
        "position of each key for rotary",
        kind=Kind.TOKENS,
        default="positions",
        broadcast=True,
    )
    output = Output("B T C", "projected attention output of each step")
    attention = Output("B num_heads T S", "attention weights of each head")

    def rules(self) -> Iterator[Rule]:
        if self.num_kv_heads is not None:
            message = f"expected a divisor of num_heads = {self.num_heads}, got {self.num_kv_heads}"
            divides = multiple(self.num_heads, self.num_kv_heads)
            yield Rule(divides, ParameterError("num_kv_heads", message, (None, 1)))
        if self.rotary_dim is not None:
            message = f"expected a multiple of 2, got {self.rotary_dim}"
            yield Rule(multiple(self.rotary_dim, 2), ParameterError("rotary_dim", message, (None,)))
        if self.rotary_dim is not None and self.head_dim is not None:
            message = f"expected at most head_dim = {self.head_dim}, got {self.rotary_dim}"
            fits = at_least(self.head_dim, self.rotary_dim + 1)
            yield Rule(fits, ParameterError("rotary_dim", message, (None,)))

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        yield from self.scaled_dot_product().parameter_errors()
        yield from self.rotary_encoding().parameter_errors()

    def parameter_warnings(self) -> Iterator[ParameterError]:
        if self.rotary is None and self.changed("rotary_dim", "rotary_interleaved", "rope_type"):
            message = "expected a base, as channels to rotate are given, got none: nothing rotates"
            yield ParameterError("rotary", message, (10_000.0,))
        yield from idle_parameters(self, self.rope_type, SPELLING)

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if self.head_dim is not None:
            return {"D": self.head_dim}
        return {"D": dims.split(dims["C"], self.num_heads, "num_heads")}

    def class_names(self, connected: frozenset[str]) -> tuple[str, ...]:
        if "key" in connected:
            return (*super().class_names(connected), "CrossAttention")
        own = "CausalSelfAttention" if self.causal else "SelfAttention"
        return (*super().class_names(connected), own)

    def scaled_dot_product(self) -> ScaledDotProductAttention:
        """Make the attention of the heads."""
        return ScaledDotProductAttention(
            dropout_p=self.dropout,
            causal=self.causal,
            scale=self.scale,
            window=self.window,
            softcap=self.softcap,
            sinks=self.sinks,
            add_bias_kv=self.add_bias_kv,
            add_zero_attn=self.add_zero_attn,
        )

    def rotary_encoding(self) -> RotaryEncoding:
        """Make the rotary position embedding of the queries and keys."""
        return RotaryEncoding(
            base=10_000.0 if self.rotary is None else self.rotary,
            interleaved=self.rotary_interleaved,
            rope_type=self.rope_type,
            factor=self.rope_factor,
            original_max_position_embeddings=self.original_max_position_embeddings,
            low_freq_factor=self.low_freq_factor,
            high_freq_factor=self.high_freq_factor,
            beta_fast=self.beta_fast,
            beta_slow=self.beta_slow,
            attention_factor=self.attention_factor,
            truncate=self.rope_truncate,
        )

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        query = builder.add("query", BlockInput(kind="features", shape="B T C"))
        key = builder.add("key", BlockInput(kind="features", shape="B S K"))
        value = builder.add("value", BlockInput(kind="features", shape="B S V"))
        key_mask = builder.add("key_mask", BlockInput(kind="mask", shape="B S", optional=True))
        mask = builder.add("mask", BlockInput(kind="mask", optional=True))
        score_bias = builder.add("score_bias", BlockInput(kind="features", optional=True))
        ids = BlockInput(kind="token ids", optional=True)
        positions, key_positions = builder.add("positions", ids), builder.add("key_positions", ids)
        kv_heads = self.num_heads if self.num_kv_heads is None else self.num_kv_heads
        sources = (("q", query, self.num_heads), ("k", key, kv_heads), ("v", value, kv_heads))
        split = []
        for number, (name, source, heads) in enumerate(sources, 1):
            bias = self.bias and self.qkv_bias
            projection = Linear(out_features=heads * dims["D"], bias=bias)
            projected = builder.add(name, projection, source)
            split_heads = SplitHeads(num_heads=heads)
            split.append(builder.add(f"split_heads_{number}", split_heads, projected))
        q = self._position(builder, ("q", ""), split[0], positions)
        k = self._position(builder, ("k", "_2"), split[1], key_positions)
        masks = {"mask": mask, "bias": score_bias, "key_mask": key_mask}
        attended = builder.add("heads", self.scaled_dot_product(), q, k, split[2], **masks)
        merged = builder.add("merge_heads", MergeHeads(), attended)
        projection = Linear(out_features=dims["C"], bias=self.bias and self.out_bias)
        builder.add("output", GraphOutput(), builder.add("out", projection, merged))
        builder.add("attention", GraphOutput(), attended["attention"])
        return builder.build()

    def _position(
        self, builder: GraphBuilder, names: tuple[str, str], x: NodeHandle, positions: NodeHandle
    ) -> NodeHandle:
        """Normalize and rotate queries or keys; their nodes have a prefix or a suffix."""
        name, suffix = names
        if self.qk_norm != "none":
            norms: dict[str, type[Node]] = {"layer": LayerNorm, "rms": RMSNorm, "l2": L2Norm}
            given = {} if self.qk_norm_eps is None else {"eps": self.qk_norm_eps}
            x = builder.add(f"{name}_norm", norms[str(self.qk_norm)](**given), x)
        if self.rotary is None:
            return x
        rotary = self.rotary_encoding()
        if self.rotary_dim is None:
            return builder.add(f"rotary_encoding{suffix}", rotary, x, positions)
        parts = builder.add(f"{name}_parts", Split(size=self.rotary_dim), x)
        rotated = builder.add(f"rotary_encoding{suffix}", rotary, parts, positions)
        return builder.add(f"{name}_joined", Concatenate(), rotated, parts["second"])
