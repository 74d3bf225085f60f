"""Build the examples whose layers are recurrences that are linear in their state."""

from examples.noted_models import noted
from examples.shared_parts import EMBEDDING, TIED, UNTIED, language_model, residual_layer
from nodes.activation.gelu import GELU
from nodes.activation.relu_squared import ReLUSquared
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.soft_cap import SoftCap
from nodes.activation.softplus import Softplus
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.learned_mix import LearnedMix
from nodes.merge.multiply import Multiply
from nodes.merge.split import Split
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.recurrent.rglru import RGLRU
from nodes.recurrent.selective_scan import SelectiveScan
from nodes.recurrent.wkv import WKV
from nodes.reshape.shift_right import ShiftRight
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention

VECTORS = BlockInput(shape="B T C", kind="features")


@noted
def mamba() -> Model:
    """Build Mamba: a selective state space model instead of attention."""
    inner = "2 * d_model"
    conv = Conv1d(out_channels=inner, kernel_size=4, padding="causal", groups=inner)
    block = GraphBuilder()
    x = block.add("x", VECTORS)
    y = block.add("norm", RMSNorm(eps=1e-5), x)
    y = block.add("in_proj", Linear(out_features="4 * d_model", bias=False), y)
    parts = block.add("parts", Split(), y)
    u = block.add("activation", SiLU(), block.add("conv", conv, parts))
    y = block.add("x_proj", Linear(out_features="dt_rank + 2 * state_size", bias=False), u)
    steps = block.add("steps", Split(size="dt_rank"), y)
    matrices = block.add("matrices", Split(), steps["second"])
    delta = block.add("dt_proj", Linear(out_features=inner), steps)
    delta = block.add("delta", Softplus(), delta)
    y = block.add("scan", SelectiveScan(), u, delta, matrices, matrices["second"])
    gate = block.add("gate", SiLU(), parts["second"])
    y = block.add("gated", Multiply(), y, gate)
    y = block.add("out_proj", Linear(out_features="d_model", bias=False), y)
    block.add("output", GraphOutput(), block.add("add", Add(), x, y))
    builder = GraphBuilder(blocks={"Layer": block.build()})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("norm", RMSNorm(eps=1e-5), x)
    sizes = {"d_model": 128, "num_layers": 4, "state_size": 16, "dt_rank": 8}
    x = builder.add("head", UNTIED, x)
    return language_model("Mamba", builder, x, sizes, initialization="torch")


def time_mixing() -> Graph:
    """Build the time mixing of RWKV: each of three projections reads a step and the one before."""
    builder = GraphBuilder()
    x = builder.add("x", VECTORS)
    before = builder.add("before", ShiftRight(), x)
    read = {}
    for name in ("key", "value", "receptance"):
        mixed = builder.add(f"mix_{name}", LearnedMix(), x, before)
        read[name] = builder.add(name, Linear(bias=False), mixed)
    y = builder.add("wkv", WKV(), read["key"], read["value"])
    gate = builder.add("gate", Sigmoid(), read["receptance"])
    y = builder.add("out", Linear(bias=False), builder.add("gated", Multiply(), gate, y))
    builder.add("output", GraphOutput(), y)
    return builder.build()


def channel_mixing() -> Graph:
    """Build the channel mixing of RWKV, its feed-forward network."""
    builder = GraphBuilder()
    x = builder.add("x", VECTORS)
    before = builder.add("before", ShiftRight(), x)
    key = builder.add("mix_key", LearnedMix(), x, before)
    key = builder.add("key", Linear(out_features="4 * d_model", bias=False), key)
    key = builder.add("activation", ReLUSquared(), key)
    value = builder.add("value", Linear(out_features="d_model", bias=False), key)
    gate = builder.add("mix_receptance", LearnedMix(), x, before)
    gate = builder.add("gate", Sigmoid(), builder.add("receptance", Linear(bias=False), gate))
    builder.add("output", GraphOutput(), builder.add("gated", Multiply(), gate, value))
    return builder.build()


@noted
def rwkv() -> Model:
    """Build RWKV (version 4): an average of values that decays, instead of attention."""
    blocks = {"TimeMixing": time_mixing(), "ChannelMixing": channel_mixing()}
    parts = Block(block="TimeMixing"), Block(block="ChannelMixing")
    layer = residual_layer(LayerNorm(), *parts, blocks)
    builder = GraphBuilder(blocks={**blocks, "Layer": layer})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("embed_norm", LayerNorm(), x)
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("head", UNTIED, builder.add("norm", LayerNorm(), x))
    sizes = {"d_model": 128, "num_layers": 4}
    return language_model("RWKV", builder, x, sizes, "torch")


def recurrent_block() -> Graph:
    """Build the recurrent block of Griffin: a convolution and an RG-LRU beside a gate."""
    conv = Conv1d(out_channels="d_model", kernel_size=4, padding="causal", groups="d_model")
    builder = GraphBuilder()
    x = builder.add("x", VECTORS)
    gate = builder.add("gate", GELU(approximate="tanh"), builder.add("gate_proj", Linear(), x))
    y = builder.add("conv", conv, builder.add("proj", Linear(), x))
    y = builder.add("lru", RGLRU(num_heads="num_heads"), y)
    y = builder.add("out", Linear(), builder.add("gated", Multiply(), y, gate))
    builder.add("output", GraphOutput(), y)
    return builder.build()


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
    blocks = {"Recurrence": recurrent_block()}
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
