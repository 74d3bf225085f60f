"""The base of the Transformer encoder and decoder layers."""

from collections.abc import Iterator
from typing import Literal

from nodes.activation.activation_name import ActivationName
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Category, Node, ParameterError
from nodes.core.graphs.parameter_types import Choice, Positive, Probability, Size
from nodes.dropout.dropout import Dropout
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.position.rotary_scaling import CONTEXT, RopeType
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention, QKNorm


class TransformerLayer(Composite):
    """Sublayers, each with a normalization, dropout and a residual connection."""

    is_base = True
    category = Category.TRANSFORMER

    num_heads: Size = 8
    hidden_size: Size = 2048
    dropout: Probability = 0.1
    activation: ActivationName = "relu"
    norm_first: bool = False
    eps: Positive = 1e-5
    bias: bool = True
    norm: Choice[Literal["layer", "rms"]] = "layer"
    gated: bool = False
    attn_dropout: Probability | None = None
    ffn_dropout: Probability | None = None
    num_kv_heads: Size | None = None
    head_dim: Size | None = None
    rotary: Positive | None = None
    rope_type: RopeType = "default"
    rope_factor: Positive = 1.0
    original_max_position_embeddings: Size | None = None
    window: Size | None = None
    qk_norm: QKNorm = "none"
    scale: Positive | None = None

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        yield from self.self_attention(getattr(self, "causal", False)).parameter_errors()

    def parameter_warnings(self) -> Iterator[ParameterError]:
        return self.self_attention(getattr(self, "causal", False)).parameter_warnings()

    def attention(self) -> MultiHeadAttention:
        """Make an attention of this layer to another sequence."""
        return MultiHeadAttention(
            num_heads=self.num_heads,
            num_kv_heads=self.num_kv_heads,
            head_dim=self.head_dim,
            dropout=self.dropout if self.attn_dropout is None else self.attn_dropout,
            bias=self.bias,
            qk_norm=self.qk_norm,
            qk_norm_eps=None if self.qk_norm == "l2" else self.eps,
            scale=self.scale,
        )

    def self_attention(self, causal: bool) -> MultiHeadAttention:
        """Make the self-attention of this layer, which knows positions."""
        names = ("rotary", "rope_type", "rope_factor", CONTEXT, "window")
        changes = {name: getattr(self, name) for name in names}
        return self.attention().model_copy(update={**changes, "causal": causal})

    def feed_forward(self) -> FeedForward | GatedFeedForward:
        """Make the feed-forward network of this layer."""
        node_type = GatedFeedForward if self.gated else FeedForward
        return node_type(
            hidden_size=self.hidden_size,
            activation=self.activation,
            dropout=self.dropout if self.ffn_dropout is None else self.ffn_dropout,
            bias=self.bias,
        )

    def normalization(self) -> Node:
        """Make a normalization of this layer."""
        if self.norm == "rms":
            return RMSNorm(eps=self.eps)
        return LayerNorm(eps=self.eps, bias=self.bias)

    def add_sublayer(
        self,
        builder: GraphBuilder,
        number: int,
        x: NodeHandle,
        sublayer: tuple[str, Composite],
        **inputs: NodeHandle,
    ) -> NodeHandle:
        """Add a sublayer with its norm, dropout and residual connection."""
        norm = (f"norm{number}", self.normalization())
        inner = builder.add(*norm, x) if self.norm_first else x
        inner = builder.add(*sublayer, inner, **inputs)
        if self.dropout != 0.0:
            inner = builder.add(f"dropout{number}", Dropout(p=self.dropout), inner)
        x = builder.add(f"add_{number}", Add(), x, inner)
        return x if self.norm_first else builder.add(*norm, x)
