from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.shape import Bindings
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.transformer.transformer_layer import TransformerLayer


class EncoderLayer(TransformerLayer):
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
        eps: value added to the denominator in the normalizations for numerical stability.
        bias: adds a learnable bias to the linear layers and the layer normalizations.
        norm: the normalization, LayerNorm or RMSNorm.
        gated: the feed-forward network is a GatedFeedForward, with silu SwiGLU.
        attn_dropout: dropout of the attention weights alone; dropout if not given.
        ffn_dropout: dropout of the hidden layer alone; dropout if not given.
        num_kv_heads: number of heads of keys and values, as in MultiHeadAttention.
        head_dim: size of the queries, keys and values of a head; C / num_heads if not given.
        rotary: base of the rotary position embedding of the attention, such as 10000; no rotation
            if not given.
        rope_type: scaling of the rotary frequencies, as in MultiHeadAttention.
        rope_factor: how many times longer sequences become, for a rope_type.
        original_max_position_embeddings: context length of the training before, for a rope_type.
        window: number of steps that a step attends to, itself and those before it; all if not
            given. It needs causal.
        qk_norm: normalization of the queries and keys of each head.
        scale: scaling factor of the scores; 1 / sqrt(head_dim) if not given.
        causal: a step attends only to itself and to earlier steps.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1, arXiv:1706.03762;
        norm_first: Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
        arXiv:2002.04745
    """

    aliases = ("transformer block", "transformer layer", "bert", "gpt", "llama")
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
    score_bias = Input(
        "B num_heads T T", "added to the scores, as by ALiBi", optional=True, broadcast=True
    )
    positions = Input(
        "B T",
        "position of each step for rotary; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "encoded sequence")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="B T C"))
        key_mask = builder.add("key_mask", BlockInput(kind="mask", shape="B T", optional=True))
        mask = builder.add("mask", BlockInput(kind="mask", shape="...", optional=True))
        bias = builder.add("score_bias", BlockInput(kind="features", shape="...", optional=True))
        positions = builder.add("positions", BlockInput(kind="token ids", optional=True))
        self_attn = ("self_attn", self.self_attention(self.causal))
        inputs = {"key_mask": key_mask, "mask": mask, "score_bias": bias, "positions": positions}
        x = self.add_sublayer(builder, 1, x, self_attn, **inputs)
        x = self.add_sublayer(builder, 2, x, ("feed_forward", self.feed_forward()))
        builder.add("output", GraphOutput(), x)
        return builder.build()
