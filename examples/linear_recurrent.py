"""Build the examples whose layers are recurrences that are linear in their state."""

from examples.noted_models import noted
from examples.shared_parts import EMBEDDING, TIED, UNTIED, language_model
from nodes.activation.soft_cap import SoftCap
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.library.recurrent_layers import RWKV_PARTS, griffin_block, mamba_layer, rwkv_layer
from nodes.library.transformer_layers import residual_layer
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention

VECTORS = BlockInput(shape="B T C", kind="features")


@noted
def mamba() -> Model:
    """Build Mamba: a selective state space model instead of attention."""
    builder = GraphBuilder(blocks={"Layer": mamba_layer()})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("norm", RMSNorm(eps=1e-5), x)
    sizes = {"d_model": 128, "num_layers": 4, "state_size": 16, "dt_rank": 8}
    x = builder.add("head", UNTIED, x)
    return language_model("Mamba", builder, x, sizes, initialization="torch")


@noted
def rwkv() -> Model:
    """Build RWKV (version 4): an average of values that decays, instead of attention."""
    builder = GraphBuilder(blocks={**RWKV_PARTS, "Layer": rwkv_layer()})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("embed_norm", LayerNorm(), x)
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("head", UNTIED, builder.add("norm", LayerNorm(), x))
    sizes = {"d_model": 128, "num_layers": 4}
    return language_model("RWKV", builder, x, sizes, "torch")


@noted
def griffin() -> Model:
    """Build Griffin: two recurrent layers for each layer of attention with a window."""
    attention = MultiHeadAttention(
        num_heads="num_heads",
        num_kv_heads=1,
        qkv_bias=False,
        causal=True,
        window="window",
        rotary=10_000.0,
        rotary_dim="d_model // num_heads // 2",
    )
    ffn = GatedFeedForward(hidden_size="ffn_size", activation="gelu_tanh", bias=True)
    norm = RMSNorm(eps=1e-6)
    blocks = {"Recurrence": griffin_block()}
    blocks["RecurrentLayer"] = residual_layer(norm, Block(block="Recurrence"), ffn, blocks)
    blocks["AttentionLayer"] = residual_layer(norm, attention, ffn)
    group = GraphBuilder(blocks=blocks)
    x = group.add("x", VECTORS)
    for name in ("first", "second"):
        x = group.add(name, Block(block="RecurrentLayer"), x)
    group.add("output", GraphOutput(), group.add("local", Block(block="AttentionLayer"), x))
    builder = GraphBuilder(blocks={**blocks, "Group": group.build()})
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="d_model", scale="sqrt")
    x = builder.add("embed", embedding, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Group", repeat="num_groups"), x)
    x = builder.add("head", TIED, builder.add("norm", norm, x))
    x = builder.add("cap", SoftCap(cap=30.0), x)
    sizes = {"d_model": 64, "num_groups": 2, "num_heads": 4, "ffn_size": 192, "window": 16}
    return language_model("Griffin", builder, x, sizes)
