"""Layers whose recurrence is linear in its state: Mamba, Mamba-2, RWKV and Griffin."""

from nodes.activation.gelu import GELU
from nodes.activation.relu_squared import ReLUSquared
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.softplus import Softplus
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Block, Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.library.transformer_layers import residual_layer
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.learned_mix import LearnedMix
from nodes.merge.multiply import Multiply
from nodes.merge.split import Split
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.recurrent.multi_head_selective_scan import MultiHeadSelectiveScan
from nodes.recurrent.rglru import RGLRU
from nodes.recurrent.selective_scan import SelectiveScan
from nodes.recurrent.wkv import WKV
from nodes.reshape.shift_right import ShiftRight

VECTORS = BlockInput(shape="B T C", kind="features")


def mamba_layer() -> Graph:
    """Build x + out(scan(conv(in(norm(x)))) * gate)."""
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
    return block.build()


def mamba2_layer() -> Graph:
    """Build x + out(norm(scan(conv(in(norm(x)))) * gate)), with one decay for each head."""
    inner, read = "2 * d_model", "2 * d_model + 2 * state_size"
    conv = Conv1d(out_channels=read, kernel_size=4, padding="causal", groups=read)
    block = GraphBuilder()
    x = block.add("x", VECTORS)
    y = block.add("norm", RMSNorm(eps=1e-5), x)
    gate = block.add("gate_proj", Linear(out_features=inner, bias=False), y)
    delta = block.add(
        "delta", Softplus(), block.add("dt_proj", Linear(out_features="num_heads"), y)
    )
    y = block.add("in_proj", Linear(out_features=read, bias=False), y)
    y = block.add("activation", SiLU(), block.add("conv", conv, y))
    u = block.add("inputs", Split(size=inner), y)
    matrices = block.add("matrices", Split(), u["second"])
    scan = MultiHeadSelectiveScan(num_heads="num_heads")
    y = block.add("scan", scan, u, delta, matrices, matrices["second"])
    y = block.add("gated", Multiply(), y, block.add("gate", SiLU(), gate))
    y = block.add("gated_norm", RMSNorm(eps=1e-5), y)
    y = block.add("out_proj", Linear(out_features="d_model", bias=False), y)
    block.add("output", GraphOutput(), block.add("add", Add(), x, y))
    return block.build()


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


RWKV_PARTS = {"TimeMixing": time_mixing(), "ChannelMixing": channel_mixing()}


def rwkv_layer() -> Graph:
    """Build a layer of RWKV, version 4, of its two parts."""
    parts = Block(block="TimeMixing"), Block(block="ChannelMixing")
    return residual_layer(LayerNorm(), *parts, RWKV_PARTS)


def griffin_block() -> Graph:
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
