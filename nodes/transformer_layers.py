"""Transformer encoder and decoder layers."""

from nodes.activation import ActivationName
from nodes.core.graphs.graph import Composite, Graph
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Positive, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.shape import Bindings
from nodes.dropout import Dropout
from nodes.feed_forward import FeedForward
from nodes.io import BlockInput, GraphOutput
from nodes.merge import Add
from nodes.multi_head_attention import MultiHeadAttention
from nodes.normalization import LayerNorm


class _TransformerLayer(Composite):
    """Sublayers, each with layer normalization, dropout and a residual connection."""

    category = Category.TRANSFORMER

    num_heads: Size = 8
    hidden_size: Size = 2048
    dropout: Probability = 0.1
    activation: ActivationName = "relu"
    norm_first: bool = False
    eps: Positive = 1e-5
    bias: bool = True

    def attention(self, causal: bool = False) -> MultiHeadAttention:
        """Make an attention of this layer."""
        return MultiHeadAttention(
            num_heads=self.num_heads, dropout=self.dropout, bias=self.bias, causal=causal
        )

    def feed_forward(self) -> FeedForward:
        """Make the feed-forward network of this layer."""
        return FeedForward(
            hidden_size=self.hidden_size,
            activation=self.activation,
            dropout=self.dropout,
            bias=self.bias,
        )

    def add_sublayer(
        self,
        builder: GraphBuilder,
        number: int,
        x: NodeHandle,
        sublayer: tuple[str, Composite],
        **inputs: NodeHandle,
    ) -> NodeHandle:
        """Add a sublayer with its norm, dropout and residual connection."""
        norm = (f"norm{number}", LayerNorm(eps=self.eps, bias=self.bias))
        inner = builder.add(*norm, x) if self.norm_first else x
        inner = builder.add(*sublayer, inner, **inputs)
        if self.dropout != 0.0:
            inner = builder.add(f"dropout{number}", Dropout(p=self.dropout), inner)
        x = builder.add(f"add_{number}", Add(), x, inner)
        return x if self.norm_first else builder.add(*norm, x)


class EncoderLayer(_TransformerLayer):
    """Transformer encoder layer: self-attention and a feed-forward network.

    x = norm(x + attention(x)), then x = norm(x + feed_forward(x)); with norm_first
    x = x + attention(norm(x)), then x = x + feed_forward(norm(x)), which trains more stably when
    deep, but needs one more norm after the last layer: x (B, T, C) gives (B, T, C). Causal it is
    the layer of a GPT. Add positional encodings before the first layer, and connect key_mask where
    sequences are padded. Masks are boolean: key_mask is true at valid steps and mask where
    attention is allowed, the opposite of PyTorch's src_key_padding_mask and src_mask.

    Parameters:
        num_heads: number of attention heads; it must divide C.
        hidden_size: size of the feed-forward network's hidden layer (dim_feedforward in PyTorch).
        dropout: probability of an element to be zeroed in training: of the attention weights, the
            hidden layer and the output of each sublayer.
        activation: activation function of the feed-forward network.
        norm_first: normalize before each sublayer (pre-norm) instead of after it (post-norm).
        eps: value added to the denominator in layer normalization for numerical stability.
        bias: adds a learnable bias to the linear layers and the layer normalizations.
        causal: a step attends only to itself and to earlier steps.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1, arXiv:1706.03762;
        norm_first: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
        arXiv:2002.04745
    """

    aliases = ("transformer block", "transformer layer", "bert", "gpt", "self-attention")
    torch = "nn.TransformerEncoderLayer"

    causal: bool = False

    input = Input("B T C", "sequence of vectors")
    key_mask = Input("B T", "true at valid steps", kind=Kind.MASK, optional=True)
    mask = Input(
        "B num_heads T T",
        "true where a query may attend to a key",
        kind=Kind.MASK,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "encoded sequence")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="B T C"))
        key_mask = builder.add("key_mask", BlockInput(kind="mask", shape="B T", optional=True))
        mask = builder.add("mask", BlockInput(kind="mask", shape="...", optional=True))
        self_attn = ("self_attn", self.attention(self.causal))
        x = self.add_sublayer(builder, 1, x, self_attn, key_mask=key_mask, mask=mask)
        x = self.add_sublayer(builder, 2, x, ("feed_forward", self.feed_forward()))
        builder.add("output", GraphOutput(), x)
        return builder.build()


class DecoderLayer(_TransformerLayer):
    """Transformer decoder layer: self-attention, cross-attention and feed-forward.

    x = norm(x + attention(x)), x = norm(x + attention(x, memory)), x = norm(x + feed_forward(x));
    with norm_first the norms precede the sublayers, as in EncoderLayer: x (B, T, C) and memory
    (B, S, M) give (B, T, C). For sequence-to-sequence models, where memory is the output of the
    encoder. The input is the target shifted right (ShiftRight), or each step would see the token
    that it has to predict. Masks are boolean, true at valid steps. A decoder-only model such as GPT
    is made of causal EncoderLayers.

    Parameters:
        num_heads: number of attention heads in each attention; it must divide C.
        hidden_size: size of the feed-forward network's hidden layer (dim_feedforward in PyTorch).
        dropout: probability of an element to be zeroed in training: of the attention weights, the
            hidden layer and the output of each sublayer.
        activation: activation function of the feed-forward network.
        norm_first: normalize before each sublayer (pre-norm) instead of after it (post-norm).
        eps: value added to the denominator in layer normalization for numerical stability.
        bias: adds a learnable bias to the linear layers and the layer normalizations.
        causal: in self-attention a step attends only to itself and to earlier steps.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1, arXiv:1706.03762;
        norm_first: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
        arXiv:2002.04745
    """

    aliases = (
        "transformer block",
        "transformer layer",
        "cross-attention",
        "encoder-decoder",
        "translation",
        "seq2seq",
    )
    torch = "nn.TransformerDecoderLayer"

    causal: bool = True

    input = Input("B T C", "target sequence")
    memory = Input("B S M", "output of the encoder")
    key_mask = Input("B T", "true at valid steps", kind=Kind.MASK, optional=True)
    memory_mask = Input("B S", "true at valid steps of memory", kind=Kind.MASK, optional=True)
    output = Output("B T C", "decoded sequence")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="B T C"))
        memory = builder.add("memory", BlockInput(kind="features", shape="B S M"))
        key_mask = builder.add("key_mask", BlockInput(kind="mask", shape="B T", optional=True))
        memory_mask = builder.add(
            "memory_mask", BlockInput(kind="mask", shape="B S", optional=True)
        )
        self_attn = ("self_attn", self.attention(self.causal))
        cross_attn = ("cross_attn", self.attention())
        x = self.add_sublayer(builder, 1, x, self_attn, key_mask=key_mask)
        x = self.add_sublayer(builder, 2, x, cross_attn, key=memory, key_mask=memory_mask)
        x = self.add_sublayer(builder, 3, x, ("feed_forward", self.feed_forward()))
        builder.add("output", GraphOutput(), x)
        return builder.build()
