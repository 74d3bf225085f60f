"""The base of the Transformer encoder and decoder layers."""

from nodes.activation.activation_name import ActivationName
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Positive, Probability, Size
from nodes.dropout.dropout import Dropout
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention


class TransformerLayer(Composite):
    """Sublayers, each with layer normalization, dropout and a residual connection."""

    is_base = True
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
