"""Build the examples of well-known Transformers and of what came after them.

Each is as small as the other examples, and has the structure of the model that it is named after:
with the weights of that model it computes the same numbers (`benchmarks.parity`).
"""

from collections.abc import Callable

from examples.linear_recurrent import griffin, mamba, rwkv
from examples.noted_models import noted
from examples.sequence_to_sequence import (
    bart,
    seq2seq_bahdanau,
    seq2seq_luong,
    transformer_2017,
)
from examples.shared_parts import EMBEDDING, SIZES, TIED, UNTIED, language_model
from examples.text_models import (
    bilstm_crf,
    deepseek,
    elmo,
    roberta,
    text_cnn,
    universal_transformer,
)
from examples.time_series import patch_tst
from nodes.activation.gelu import GELU
from nodes.activation.soft_cap import SoftCap
from nodes.core.graphs.graph import Block, Hyperparameter, HyperparameterValue, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.library.transformer_layers import gemma2_layer, gpt_neox_layer, mixtral_layer
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.position.alibi import ALiBi
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.relative_position_bias import RelativePositionBias
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer

LLAMA = {
    "num_heads": "num_heads",
    "num_kv_heads": "num_kv_heads",
    "hidden_size": "ffn_size",
    "dropout": 0.0,
    "activation": "silu",
    "norm": "rms",
    "norm_first": True,
    "gated": True,
    "bias": False,
    "causal": True,
    "rotary": "rope_theta",
    "eps": "norm_eps",
    "repeat": "num_layers",
}
LLAMA_SIZES: dict[str, HyperparameterValue] = {
    **SIZES,
    "num_kv_heads": 2,
    "ffn_size": 352,
    "rope_theta": 10_000.0,
    "norm_eps": 1e-6,
}


def decoder_only(
    title: str, layers: Node, norm: Node, head: Node, sizes: dict[str, HyperparameterValue]
) -> Model:
    """Build tokens -> embed -> layers -> norm -> head -> logits."""
    builder = GraphBuilder()
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("norm", norm, builder.add("layers", layers, x))
    return language_model(title, builder, builder.add("head", head, x), sizes)


@noted
def gpt2() -> Model:
    """Build GPT-2: learned positions and pre-norm layers."""
    layer = EncoderLayer(
        num_heads="num_heads",
        hidden_size="4 * d_model",
        dropout="dropout",
        activation="gelu_tanh",
        norm_first=True,
        causal=True,
        repeat="num_layers",
    )
    builder = GraphBuilder()
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("positions", LearnedEncoding(max_length="context"), x)
    x = builder.add("norm", LayerNorm(), builder.add("layers", layer, x))
    sizes = {**SIZES, "context": 64, "dropout": 0.0}
    return language_model("GPT2", builder, builder.add("head", TIED, x), sizes)


@noted
def llama() -> Model:
    """Build Llama: RMS norm, rotary positions, grouped-query attention, SwiGLU."""
    norm = RMSNorm(eps="norm_eps")
    return decoder_only("Llama", EncoderLayer(**LLAMA), norm, UNTIED, LLAMA_SIZES)


@noted
def mistral() -> Model:
    """Build Mistral: Llama with a sliding window."""
    layer = EncoderLayer(**LLAMA, window="window")
    sizes = {**LLAMA_SIZES, "window": 16}
    return decoder_only("Mistral", layer, RMSNorm(eps="norm_eps"), UNTIED, sizes)


@noted
def qwen3() -> Model:
    """Build Qwen3: Llama with normalized queries and keys, and heads of a size of their own."""
    layer = EncoderLayer(**LLAMA, head_dim="head_dim", qk_norm="rms")
    sizes = {**LLAMA_SIZES, "head_dim": 64}
    return decoder_only("Qwen3", layer, RMSNorm(eps="norm_eps"), UNTIED, sizes)


@noted
def gpt_neox() -> Model:
    """Build GPT-NeoX: attention and feed-forward network side by side, partial rotation."""
    builder = GraphBuilder(blocks={"Layer": gpt_neox_layer()})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("norm", LayerNorm(), x)
    sizes = {**SIZES, "rotary_dim": 8}
    return language_model("GPTNeoX", builder, builder.add("head", UNTIED, x), sizes)


@noted
def bloom() -> Model:
    """Build BLOOM: no positions but a bias of attention that is linear in the distance."""
    layer = EncoderLayer(
        num_heads="num_heads",
        hidden_size="4 * d_model",
        dropout=0.0,
        activation="gelu_tanh",
        norm_first=True,
        causal=True,
        repeat="num_layers",
    )
    builder = GraphBuilder()
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("embed_norm", LayerNorm(), x)
    bias = builder.add("alibi", ALiBi(num_heads="num_heads"), x)
    x = builder.add("layers", layer, x, score_bias=bias)
    x = builder.add("norm", LayerNorm(), x)
    return language_model("Bloom", builder, builder.add("head", TIED, x), SIZES)


@noted
def gemma2() -> Model:
    """Build Gemma 2: layers in pairs, one with a window, and soft caps of scores and logits."""
    blocks = {"LocalLayer": gemma2_layer("window"), "GlobalLayer": gemma2_layer(None)}
    pair = GraphBuilder(blocks=blocks)
    x = pair.add("x", BlockInput(shape="B T C", kind="features"))
    x = pair.add("local", Block(block="LocalLayer"), x)
    x = pair.add("wide", Block(block="GlobalLayer"), x)
    pair.add("output", GraphOutput(), x)
    builder = GraphBuilder(blocks={**blocks, "Pair": pair.build()})
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="d_model", scale="sqrt")
    x = builder.add("embed", embedding, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Pair", repeat="num_pairs"), x)
    x = builder.add("norm", RMSNorm(eps="norm_eps"), x)
    x = builder.add("head", TIED, x)
    x = builder.add("cap", SoftCap(cap=30.0), x)
    sizes = {
        **LLAMA_SIZES,
        "num_pairs": 2,
        "head_dim": 32,
        "window": 16,
        "attn_scale": 0.17677669529663687,
    }
    del sizes["num_layers"]
    return language_model("Gemma2", builder, x, sizes)


@noted
def mixtral() -> Model:
    """Build Mixtral: Llama whose feed-forward networks are mixtures of experts."""
    builder = GraphBuilder(blocks={"Layer": mixtral_layer()})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("norm", RMSNorm(eps="norm_eps"), x)
    sizes = {**LLAMA_SIZES, "num_experts": 8, "ffn_size": 96}
    return language_model("Mixtral", builder, builder.add("head", UNTIED, x), sizes)


@noted
def bert() -> Model:
    """Build BERT with the head of its masked language model."""
    layer = EncoderLayer(
        num_heads="num_heads",
        hidden_size="4 * d_model",
        dropout="dropout",
        activation="gelu",
        eps=1e-12,
        repeat="num_layers",
    )
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    segments, mask = builder.add("segments", TokenInput()), builder.add("mask", MaskInput())
    x = builder.add(
        "positions", LearnedEncoding(max_length="context"), builder.add("embed", EMBEDDING, tokens)
    )
    kinds = Embedding(num_embeddings=2, embedding_dim="d_model")
    x = builder.add("add", Add(), x, builder.add("segment_embed", kinds, segments))
    x = builder.add("embed_norm", LayerNorm(eps=1e-12), x)
    x = builder.add("layers", layer, x, key_mask=mask)
    x = builder.add("transform", Linear(out_features="d_model"), x)
    x = builder.add("activation", GELU(), x)
    x = builder.add("norm", LayerNorm(eps=1e-12), x)
    x = builder.add("head", Linear(out_features="vocab_size", tie="embed"), x)
    builder.add("logits", GraphOutput(), x)
    sizes = {"vocab_size": 256, **SIZES, "context": 64, "dropout": 0.1}
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model("BERT", builder.build(), hyperparameters=known, initialization="normal")


@noted
def t5() -> Model:
    """Build T5 (version 1.1): an encoder and a decoder, each with one relative position bias."""
    layer = {
        "num_heads": "num_heads",
        "head_dim": "head_dim",
        "hidden_size": "ffn_size",
        "dropout": "dropout",
        "activation": "gelu_tanh",
        "norm": "rms",
        "norm_first": True,
        "gated": True,
        "bias": False,
        "scale": 1.0,
        "eps": 1e-6,
        "repeat": "num_layers",
    }
    builder = GraphBuilder()
    source = builder.add("source", TokenInput(length="S"))
    source_mask = builder.add("source_mask", MaskInput(length="S"))
    target = builder.add("target", TokenInput())
    memory = builder.add("embed", EMBEDDING, source)
    bias = builder.add("encoder_bias", RelativePositionBias(num_heads="num_heads"), memory)
    memory = builder.add(
        "encoder", EncoderLayer(**layer), memory, key_mask=source_mask, score_bias=bias
    )
    memory = builder.add("encoder_norm", RMSNorm(eps=1e-6), memory)
    shared = Embedding(num_embeddings="vocab_size", embedding_dim="d_model", tie="embed")
    x = builder.add("target_embed", shared, target)
    own = RelativePositionBias(num_heads="num_heads", bidirectional=False)
    bias = builder.add("decoder_bias", own, x)
    inputs = {"memory_mask": source_mask, "score_bias": bias}
    x = builder.add("decoder", DecoderLayer(**layer), x, memory, **inputs)
    x = builder.add("decoder_norm", RMSNorm(eps=1e-6), x)
    builder.add("logits", GraphOutput(), builder.add("head", UNTIED, x))
    sizes = {"vocab_size": 256, **SIZES, "head_dim": 32, "ffn_size": 256, "dropout": 0.1}
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model("T5", builder.build(), hyperparameters=known, initialization="normal")


ARCHITECTURES: tuple[Callable[[], Model], ...] = (
    gpt2,
    bert,
    t5,
    llama,
    mistral,
    qwen3,
    gemma2,
    gpt_neox,
    bloom,
    mixtral,
    mamba,
    rwkv,
    griffin,
    deepseek,
    roberta,
    bart,
    transformer_2017,
    patch_tst,
)
"""Those that have a key map of a reference implementation."""

WITHOUT_KEY_MAP: tuple[Callable[[], Model], ...] = (
    seq2seq_bahdanau,
    seq2seq_luong,
    bilstm_crf,
    text_cnn,
    elmo,
    universal_transformer,
)
