"""Layers of attention and feed-forward networks that are drawn from their parts."""

from collections.abc import Mapping

from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.mixture_of_experts import MixtureOfExperts
from nodes.transformer.multi_head_attention import MultiHeadAttention


def residual_layer(
    norm: Node, attention: Node, feed_forward: Node, blocks: Mapping[str, Graph] | None = None
) -> Graph:
    """Build x + attn(attn_norm(x)), then x + ffn(ffn_norm(x))."""
    builder = GraphBuilder(blocks=blocks or {})
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    for name, node in (("attn", attention), ("ffn", feed_forward)):
        y = builder.add(name, node, builder.add(f"{name}_norm", norm, x))
        x = builder.add("add" if name == "attn" else "add_2", Add(), x, y)
    builder.add("output", GraphOutput(), x)
    return builder.build()


def gpt_neox_layer() -> Graph:
    """Build x + attn(attn_norm(x)) + ffn(ffn_norm(x)), with partial rotation."""
    attention = MultiHeadAttention(
        num_heads="num_heads", causal=True, rotary=10_000.0, rotary_dim="rotary_dim"
    )
    block = GraphBuilder()
    x = block.add("x", BlockInput(shape="B T C", kind="features"))
    attn = block.add("attn", attention, block.add("attn_norm", LayerNorm(), x))
    ffn = FeedForward(activation="gelu")
    ffn_output = block.add("ffn", ffn, block.add("ffn_norm", LayerNorm(), x))
    block.add("output", GraphOutput(), block.add("add", Add(), x, attn, ffn_output))
    return block.build()


def mixtral_layer() -> Graph:
    """Build a layer of Llama whose feed-forward network is a mixture of experts."""
    attention = MultiHeadAttention(
        num_heads="num_heads",
        num_kv_heads="num_kv_heads",
        bias=False,
        causal=True,
        rotary="rope_theta",
    )
    experts = MixtureOfExperts(num_experts="num_experts", top_k=2, hidden_size="ffn_size")
    block = GraphBuilder()
    x = block.add("x", BlockInput(shape="B T C", kind="features"))
    for name, node in (("attn", attention), ("experts", experts)):
        y = block.add(name, node, block.add(f"{name}_norm", RMSNorm(eps="norm_eps"), x))
        x = block.add("add" if name == "attn" else "add_2", Add(), x, y)
    block.add("output", GraphOutput(), x)
    return block.build()


def gemma2_layer(window: str | None) -> Graph:
    """Build a layer of Gemma 2, with a norm before and after each sublayer."""
    attention = MultiHeadAttention(
        num_heads="num_heads",
        num_kv_heads="num_kv_heads",
        head_dim="head_dim",
        bias=False,
        causal=True,
        window=window,
        rotary="rope_theta",
        scale="attn_scale",
        softcap=50.0,
    )
    ffn = GatedFeedForward(hidden_size="ffn_size", activation="gelu_tanh")
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    for name, node in (("attn", attention), ("ffn", ffn)):
        y = builder.add(f"{name}_norm", RMSNorm(eps="norm_eps"), x)
        y = builder.add(f"{name}_post_norm", RMSNorm(eps="norm_eps"), builder.add(name, node, y))
        x = builder.add("add" if name == "attn" else "add_2", Add(), x, y)
    builder.add("output", GraphOutput(), x)
    return builder.build()
