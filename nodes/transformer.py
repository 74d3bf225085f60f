"""What people call one thing, made of the nodes of the other families."""

from collections.abc import Iterator, Mapping

from nodes.activation import ActivationName, activation
from nodes.attention import MergeHeads, ScaledDotProductAttention, SplitHeads
from nodes.core.graphs.graph import Composite, Graph
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Category, ParameterError
from nodes.core.graphs.parameter_types import Positive, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings
from nodes.dropout import Dropout
from nodes.io import BlockInput, GraphOutput
from nodes.linear import Linear
from nodes.masks import CombineMasks, PaddingMask
from nodes.merge import Add, Multiply
from nodes.normalization import LayerNorm
from nodes.position import RotaryEncoding


def _features(shape: str) -> BlockInput:
    return BlockInput(kind="features", shape=shape)


def _mask(shape: str) -> BlockInput:
    return BlockInput(kind="mask", shape=shape, optional=True)


class MultiHeadAttention(Composite):
    """Let each step gather what it needs from others, in several ways at once.

    Each head projects the steps by matrices of its own, and attends by what it makes of them.

    Parameters:
        num_heads: how many heads there are.
        num_kv_heads: how many of them have keys and values of their own, which the others share;
            all if it is not given.
        head_dim: the size of a head's queries and keys; if it is not given, the heads share the
            size of what arrives.
        dropout: how likely it is that a step does not see another while training.
        bias: add trained vectors in the projections.
        causal: a step sees itself and those before it only.
        rotary: rotate queries and keys by their position, with this base; none to leave it out.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.

    Dimensions:
        D: head_dim, or C shared among the heads.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2, arXiv:1706.03762;
        num_kv_heads: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models",
        2023, arXiv:2305.13245
    """

    category = Category.TRANSFORMER
    aliases = ("attn", "self-attention", "cross-attention", "mha", "gqa", "mqa")
    torch = "nn.MultiheadAttention"

    num_heads: Size = 8
    num_kv_heads: Size | None = None
    head_dim: Size | None = None
    dropout: Probability = 0.0
    bias: bool = True
    causal: bool = False
    rotary: Positive | None = None

    query = Input("B T C", "the steps that look")
    key = Input("B S K", "the steps that are looked at", default="query")
    value = Input("B S V", "what is found there", default="key")
    key_mask = Input("B S", "true at every step that may be seen", kind=Kind.MASK, optional=True)
    mask = Input(
        "B num_heads T S",
        "true where a step may see another",
        kind=Kind.MASK,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "what each step found")
    attention = Output("B num_heads T S", "how much each step attends to each")

    def parameter_errors(self) -> Iterator[ParameterError]:
        if self.num_kv_heads is not None and self.num_heads % self.num_kv_heads:
            told = f"a divisor of num_heads = {self.num_heads} is expected, not {self.num_kv_heads}"
            yield ParameterError("num_kv_heads", told, (None, 1))

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if self.head_dim is not None:
            return {"D": self.head_dim}
        return {"D": dims.split(dims["C"], self.num_heads, "num_heads")}

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        query = builder.add("query", _features("B T C"))
        key = builder.add("key", _features("B S K"))
        value = builder.add("value", _features("B S V"))
        key_mask = builder.add("key_mask", _mask("B S"))
        mask = builder.add("mask", _mask("..."))
        kv_heads = self.num_heads if self.num_kv_heads is None else self.num_kv_heads
        sources = (("q", query, self.num_heads), ("k", key, kv_heads), ("v", value, kv_heads))
        split = []
        for number, (name, source, heads) in enumerate(sources, 1):
            linear = Linear(out_features=heads * dims["D"], bias=self.bias)
            projected = builder.add(name, linear, source)
            into = SplitHeads(num_heads=heads)
            split.append(builder.add(f"split_heads_{number}", into, projected))
        q, k, v = split
        if self.rotary is not None:
            q = builder.add("rotary_encoding", RotaryEncoding(base=self.rotary), q)
            k = builder.add("rotary_encoding_2", RotaryEncoding(base=self.rotary), k)
        padding = builder.add("padding_mask", PaddingMask(), key_mask)
        seen = builder.add("attn_mask", CombineMasks(), padding, mask)
        attend = ScaledDotProductAttention(dropout_p=self.dropout, causal=self.causal)
        heads = builder.add("heads", attend, q, k, v, seen)
        merged = builder.add("merge_heads", MergeHeads(), heads)
        out = builder.add("out", Linear(out_features=dims["C"], bias=self.bias), merged)
        builder.add("output", GraphOutput(), out)
        builder.add("attention", GraphOutput(), heads["attention"])
        return builder.build()


class FeedForward(Composite):
    """Think about each step by itself: a wide layer, an activation, and a layer back.

    Parameters:
        hidden_size: how wide it is in between; four times what arrives if it is not given.
        activation: what bends the numbers in between.
        dropout: how likely a number in between is set to zero while training.
        bias: add trained vectors.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.3, arXiv:1706.03762
    """

    category = Category.TRANSFORMER
    aliases = ("mlp", "ffn", "perceptron", "position-wise")

    hidden_size: Size | None = None
    activation: ActivationName = "relu"
    dropout: Probability = 0.0
    bias: bool = True

    input = Input("... C", "vectors")
    output = Output("... C", "vectors of the same size")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", _features("... C"))
        hidden = 4 * dims["C"] if self.hidden_size is None else self.hidden_size
        x = builder.add("up", Linear(out_features=hidden, bias=self.bias), x)
        x = builder.add("activation", activation(self.activation), x)
        if self.dropout != 0.0:
            x = builder.add("dropout", Dropout(p=self.dropout), x)
        x = builder.add("down", Linear(out_features=dims["C"], bias=self.bias), x)
        builder.add("output", GraphOutput(), x)
        return builder.build()


class GatedFeedForward(Composite):
    """Think about each step by itself, with a gate on every number in between.

    With W_g, W_u and W_d for its three layers: W_d (activation(W_g x) * W_u x).

    Parameters:
        hidden_size: how wide it is in between; four times what arrives if it is not given.
        activation: what the gates are bent by.
        bias: add trained vectors.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.

    Reference:
        Shazeer, "GLU Variants Improve Transformer", 2020, arXiv:2002.05202
    """

    category = Category.TRANSFORMER
    aliases = ("swiglu", "geglu", "glu", "mlp", "ffn")

    hidden_size: Size | None = None
    activation: ActivationName = "silu"
    bias: bool = False

    input = Input("... C", "vectors")
    output = Output("... C", "vectors of the same size")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", _features("... C"))
        wide = Linear(
            out_features=4 * dims["C"] if self.hidden_size is None else self.hidden_size,
            bias=self.bias,
        )
        gate = builder.add("activation", activation(self.activation), builder.add("gate", wide, x))
        gated = builder.add("multiply", Multiply(), gate, builder.add("up", wide, x))
        down = builder.add("down", Linear(out_features=dims["C"], bias=self.bias), gated)
        builder.add("output", GraphOutput(), down)
        return builder.build()


class _TransformerLayer(Composite):
    """A chain of parts, each with a residual connection around it."""

    category = Category.TRANSFORMER

    num_heads: Size = 8
    hidden_size: Size = 2048
    dropout: Probability = 0.1
    activation: ActivationName = "relu"
    norm_first: bool = False
    eps: Positive = 1e-5
    bias: bool = True

    def attend(self, causal: bool = False) -> MultiHeadAttention:
        """Make the attention of this layer."""
        return MultiHeadAttention(
            num_heads=self.num_heads, dropout=self.dropout, bias=self.bias, causal=causal
        )

    def think(self) -> FeedForward:
        """Make the feed-forward network of this layer."""
        return FeedForward(
            hidden_size=self.hidden_size,
            activation=self.activation,
            dropout=self.dropout,
            bias=self.bias,
        )

    def around(
        self,
        builder: GraphBuilder,
        number: int,
        x: NodeHandle,
        part: tuple[str, Composite],
        **others: NodeHandle,
    ) -> NodeHandle:
        """Place a part with its norm, dropout and residual connection."""
        norm = (f"norm{number}", LayerNorm(eps=self.eps, bias=self.bias))
        inner = builder.add(*norm, x) if self.norm_first else x
        inner = builder.add(*part, inner, **others)
        if self.dropout != 0.0:
            inner = builder.add(f"dropout{number}", Dropout(p=self.dropout), inner)
        x = builder.add(f"add_{number}", Add(), x, inner)
        return x if self.norm_first else builder.add(*norm, x)


class EncoderLayer(_TransformerLayer):
    """Let the steps of a sequence look at each other, and then think about each.

    Parameters:
        num_heads: how many heads the attention has.
        hidden_size: how wide the feed-forward network is in between.
        dropout: how likely a number is set to zero while training.
        activation: what bends the numbers of the feed-forward network.
        norm_first: normalise what goes into each part, instead of what comes out.
        eps: what the norms add to the variance, so that nothing is divided by zero.
        bias: add trained vectors.
        causal: a step sees itself and those before it only, as in a GPT.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1, arXiv:1706.03762;
        norm_first: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
        arXiv:2002.04745
    """

    aliases = ("transformer block", "bert", "gpt", "self-attention")
    torch = "nn.TransformerEncoderLayer"

    causal: bool = False

    input = Input("B T C", "the sequence")
    key_mask = Input("B T", "true at every step that may be seen", kind=Kind.MASK, optional=True)
    mask = Input(
        "B num_heads T T",
        "true where a step may see another",
        kind=Kind.MASK,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "the sequence, each step aware of the others")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", _features("B T C"))
        key_mask = builder.add("key_mask", _mask("B T"))
        mask = builder.add("mask", _mask("..."))
        attention = ("self_attn", self.attend(self.causal))
        x = self.around(builder, 1, x, attention, key_mask=key_mask, mask=mask)
        x = self.around(builder, 2, x, ("feed_forward", self.think()))
        builder.add("output", GraphOutput(), x)
        return builder.build()


class DecoderLayer(_TransformerLayer):
    """Let the steps of a sequence look at those before them, then at another sequence, and think.

    Parameters:
        num_heads: how many heads each attention has.
        hidden_size: how wide the feed-forward network is in between.
        dropout: how likely a number is set to zero while training.
        activation: what bends the numbers of the feed-forward network.
        norm_first: normalise what goes into each part, instead of what comes out.
        eps: what the norms add to the variance, so that nothing is divided by zero.
        bias: add trained vectors.
        causal: a step sees itself and those before it only.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1, arXiv:1706.03762;
        norm_first: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
        arXiv:2002.04745
    """

    aliases = ("transformer block", "cross-attention", "translation", "seq2seq")
    torch = "nn.TransformerDecoderLayer"

    causal: bool = True

    input = Input("B T C", "the sequence that is written")
    memory = Input("B S M", "the sequence that is looked at")
    key_mask = Input("B T", "true at every step that may be seen", kind=Kind.MASK, optional=True)
    memory_mask = Input(
        "B S", "true at every step of memory that may be seen", kind=Kind.MASK, optional=True
    )
    output = Output("B T C", "the sequence, each step aware of both")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", _features("B T C"))
        memory = builder.add("memory", _features("B S M"))
        key_mask = builder.add("key_mask", _mask("B T"))
        seen = builder.add("memory_mask", _mask("B S"))
        own, other = ("self_attn", self.attend(self.causal)), ("cross_attn", self.attend())
        x = self.around(builder, 1, x, own, key_mask=key_mask)
        x = self.around(builder, 2, x, other, key=memory, key_mask=seen)
        x = self.around(builder, 3, x, ("feed_forward", self.think()))
        builder.add("output", GraphOutput(), x)
        return builder.build()
