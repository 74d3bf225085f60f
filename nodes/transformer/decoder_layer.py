from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.shape import Bindings
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.transformer.transformer_layer import TransformerLayer


class DecoderLayer(TransformerLayer):
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
        eps: value added to the denominator in the normalizations for numerical stability.
        bias: adds a learnable bias to the linear layers and the layer normalizations.
        norm: the normalization, LayerNorm or RMSNorm.
        gated: the feed-forward network is a GatedFeedForward, with silu SwiGLU.
        attn_dropout: dropout of the attention weights alone; dropout if not given.
        ffn_dropout: dropout of the hidden layer alone; dropout if not given.
        num_kv_heads: number of heads of keys and values, as in MultiHeadAttention.
        head_dim: size of the queries, keys and values of a head; C / num_heads if not given.
        rotary: base of the rotary position embedding of self-attention, such as 10000; no rotation
            if not given.
        rope_type: scaling of the rotary frequencies, as in MultiHeadAttention.
        rope_factor: how many times longer sequences become, for a rope_type.
        original_max_position_embeddings: context length of the training before, for a rope_type.
        window: number of steps that a step attends to in self-attention, itself and those before
            it; all if not given. It needs causal.
        qk_norm: normalization of the queries and keys of each head.
        scale: scaling factor of the scores; 1 / sqrt(head_dim) if not given.
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
    score_bias = Input(
        "B num_heads T T",
        "added to the scores of self-attention, as by RelativePositionBias",
        optional=True,
        broadcast=True,
    )
    positions = Input(
        "B T",
        "position of each step for rotary; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "decoded sequence")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="B T C"))
        memory = builder.add("memory", BlockInput(kind="features", shape="B S M"))
        key_mask = builder.add("key_mask", BlockInput(kind="mask", shape="B T", optional=True))
        memory_mask = builder.add(
            "memory_mask", BlockInput(kind="mask", shape="B S", optional=True)
        )
        bias = builder.add("score_bias", BlockInput(kind="features", shape="...", optional=True))
        positions = builder.add("positions", BlockInput(kind="token ids", optional=True))
        self_attn = ("self_attn", self.self_attention(self.causal))
        cross_attn = ("cross_attn", self.attention())
        inputs = {"key_mask": key_mask, "score_bias": bias, "positions": positions}
        x = self.add_sublayer(builder, 1, x, self_attn, **inputs)
        x = self.add_sublayer(builder, 2, x, cross_attn, key=memory, key_mask=memory_mask)
        x = self.add_sublayer(builder, 3, x, ("feed_forward", self.feed_forward()))
        builder.add("output", GraphOutput(), x)
        return builder.build()
