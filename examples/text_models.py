"""Build further examples that read a text: encoders, classifiers and a latent attention."""

from examples.noted_models import noted
from examples.shared_parts import (
    CLASSES,
    EMBEDDING,
    SIZES,
    UNTIED,
    VOCABULARY,
    language_model,
    plain_model,
)
from nodes.activation.gelu import GELU
from nodes.activation.relu import ReLU
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.library.transformer_layers import residual_layer
from nodes.linear.linear import Linear
from nodes.masks.length_mask import LengthMask
from nodes.merge.concatenate import Concatenate
from nodes.merge.scalar_mix import ScalarMix
from nodes.merge.split import Split
from nodes.merge.stack import Stack
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.pooling.conditional_random_field import ConditionalRandomField
from nodes.pooling.max_pooling import MaxPooling
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.lstm import LSTM
from nodes.reshape.expand import Expand
from nodes.reshape.reshape import Reshape
from nodes.reshape.reverse import Reverse
from nodes.tasks.sequence_classification import SequenceClassification
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.gated_feed_forward import GatedFeedForward


@noted
def roberta() -> Model:
    """Build RoBERTa with the head of its masked language model: BERT without segments."""
    layer = EncoderLayer(
        num_heads="num_heads",
        hidden_size="4 * d_model",
        dropout="dropout",
        activation="gelu",
        repeat="num_layers",
    )
    builder = GraphBuilder()
    tokens, mask = builder.add("tokens", TokenInput()), builder.add("mask", MaskInput())
    x = builder.add("embed", EMBEDDING, tokens)
    x = builder.add("positions", LearnedEncoding(max_length="context"), x)
    x = builder.add("embed_norm", LayerNorm(), x)
    x = builder.add("layers", layer, x, key_mask=mask)
    x = builder.add("transform", Linear(out_features="d_model"), x)
    x = builder.add("norm", LayerNorm(), builder.add("activation", GELU(), x))
    x = builder.add("head", Linear(out_features="vocab_size", tie="embed"), x)
    builder.add("logits", GraphOutput(), x)
    sizes = {"vocab_size": 256, **SIZES, "context": 64, "dropout": 0.1}
    return plain_model("RoBERTa", builder, sizes)


@noted
def bilstm_crf() -> Model:
    """Build a tagger: a bidirectional LSTM under a conditional random field (Lample et al.)."""
    builder = GraphBuilder()
    tokens, lengths = builder.add("tokens", TokenInput()), builder.add("lengths", LengthInput())
    tags = builder.add("tags", TokenInput())
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="width", padding_idx=0)
    x = builder.add("dropout", Dropout(p="dropout"), builder.add("embed", embedding, tokens))
    lstm = LSTM(hidden_size="hidden_size", bidirectional=True)
    x = builder.add("lstm", lstm, x, lengths=lengths)
    scores = builder.add("scores", Linear(out_features="num_tags"), x)
    valid = builder.add("valid", LengthMask(), lengths, scores)
    crf = builder.add("crf", ConditionalRandomField(), scores, tags=tags, mask=valid)
    builder.add("log_likelihood", GraphOutput(), crf["log_likelihood"])
    builder.add("path", GraphOutput(), crf)
    sizes = {"vocab_size": 256, "num_tags": 9, "width": 32, "hidden_size": 48, "dropout": 0.3}
    return plain_model("BiLSTMCRF", builder, sizes, "torch")


@noted
def text_cnn() -> Model:
    """Build a text classifier of three convolutions side by side (Kim, 2014)."""
    builder = GraphBuilder()
    tokens, lengths = builder.add("tokens", TokenInput()), builder.add("lengths", LengthInput())
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="width", padding_idx=0)
    x = builder.add("embed", embedding, tokens)
    found = []
    for size in (3, 5, 7):
        conv = Conv1d(out_channels="num_filters", kernel_size=size, padding="same")
        y = builder.add(f"relu_{size}", ReLU(), builder.add(f"conv_{size}", conv, x))
        found.append(builder.add(f"pool_{size}", MaxPooling(), y, lengths=lengths))
    x = builder.add("dropout", Dropout(p="dropout"), builder.add("features", Concatenate(), *found))
    x = builder.add("head", Linear(out_features="num_classes"), x)
    builder.add("logits", GraphOutput(), x)
    return Model(
        "TextCNN",
        builder.build(),
        hyperparameters={
            "vocab_size": VOCABULARY,
            "num_classes": CLASSES,
            "width": Hyperparameter(64, "of the embedding"),
            "num_filters": Hyperparameter(64, "of each size"),
            "dropout": Hyperparameter(0.3),
        },
        recipe=SequenceClassification(steps=1000, learning_rate=2e-3),
    )


@noted
def elmo() -> Model:
    """Build the language models in both directions of ELMo, and the mix of their layers."""
    lstm = LSTM(hidden_size="d_model")
    builder = GraphBuilder()
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    flipped = builder.add("flip", Reverse(), x)
    head = Linear(out_features="vocab_size")
    mixed = [builder.add("embeddings", Concatenate(), x, x)]
    forward, backward = x, flipped
    for number in (1, 2):
        forward = builder.add(f"forward_{number}", lstm, forward)
        backward = builder.add(f"backward_{number}", lstm, backward)
        back = builder.add(f"flip_back_{number}", Reverse(), backward)
        mixed.append(builder.add(f"layer_{number}", Concatenate(), forward, back))
    stacked = builder.add("stack", Stack(), *mixed)
    builder.add("vectors", GraphOutput(), builder.add("mix", ScalarMix(), stacked))
    builder.add("next_logits", GraphOutput(), builder.add("head", head, forward))
    tied = head.model_copy(update={"tie": "head"})
    builder.add("previous_logits", GraphOutput(), builder.add("back_head", tied, back))
    return plain_model("ELMo", builder, {"vocab_size": 256, "d_model": 128}, "torch")


@noted
def universal_transformer() -> Model:
    """Build a Transformer that applies one layer again and again, with shared weights."""
    layer = EncoderLayer(
        num_heads="num_heads", hidden_size="4 * d_model", dropout="dropout", causal=True
    )
    step = GraphBuilder()
    x = step.add("x", BlockInput(shape="B T C", kind="features"))
    x = step.add("layer", layer, step.add("positions", SinusoidalEncoding(), x))
    step.add("output", GraphOutput(), x)
    builder = GraphBuilder(blocks={"Step": step.build()})
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="d_model", scale="sqrt")
    x = builder.add("embed", embedding, builder.add("tokens", TokenInput()))
    x = builder.add("steps", Block(block="Step", repeat="num_steps", share=True), x)
    x = builder.add("head", UNTIED, x)
    sizes = {"d_model": 128, "num_steps": 4, "num_heads": 4, "dropout": 0.1}
    return language_model("UniversalTransformer", builder, x, sizes, "torch")


def latent_attention() -> Graph:
    """Build multi-head latent attention: queries, keys and values behind narrow projections."""
    heads, rotary = SplitHeads(num_heads="num_heads"), RotaryEncoding(interleaved=True)
    part = Split(size="nope_dim")
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    q = builder.add("q_down", Linear(out_features="q_rank", bias=False), x)
    q = builder.add("q_norm", RMSNorm(eps="norm_eps"), q)
    wide = "num_heads * (nope_dim + rope_dim)"
    q = builder.add("q_up", Linear(out_features=wide, bias=False), q)
    q = builder.add("q_parts", part, builder.add("q_heads", heads, q))
    turned = builder.add("q_rotary", rotary, q["second"])
    query = builder.add("query", Concatenate(), q, turned)
    both = Linear(out_features="kv_rank + rope_dim", bias=False)
    latent = builder.add("latent", Split(size="kv_rank"), builder.add("kv_down", both, x))
    k = builder.add("k_head", Reshape(pattern="B T C -> B 1 T C"), latent["second"])
    k = builder.add("k_rotary", rotary, k)
    k = builder.add("k_shared", Expand(size="num_heads"), k)
    kv = builder.add("kv_norm", RMSNorm(eps="norm_eps"), latent)
    wide = "num_heads * (nope_dim + value_dim)"
    kv = builder.add("kv_up", Linear(out_features=wide, bias=False), kv)
    kv = builder.add("kv_parts", part, builder.add("kv_heads", heads, kv))
    key = builder.add("key", Concatenate(), kv, k)
    attention = ScaledDotProductAttention(causal=True)
    y = builder.add("attention", attention, query, key, kv["second"])
    y = builder.add("merged", MergeHeads(), y)
    projection = Linear(out_features="d_model", bias=False)
    builder.add("output", GraphOutput(), builder.add("out", projection, y))
    return builder.build()


@noted
def deepseek() -> Model:
    """Build the layers of DeepSeek without experts: latent attention, SwiGLU."""
    attention = latent_attention()
    ffn = GatedFeedForward(hidden_size="ffn_size")
    norm = RMSNorm(eps="norm_eps")
    blocks = {"LatentAttention": attention}
    layer = residual_layer(norm, Block(block="LatentAttention"), ffn, blocks)
    builder = GraphBuilder(blocks={**blocks, "Layer": layer})
    x = builder.add("embed", EMBEDDING, builder.add("tokens", TokenInput()))
    x = builder.add("layers", Block(block="Layer", repeat="num_layers"), x)
    x = builder.add("head", UNTIED, builder.add("norm", norm, x))
    sizes = {
        **SIZES,
        "q_rank": 48,
        "kv_rank": 32,
        "nope_dim": 16,
        "rope_dim": 8,
        "value_dim": 24,
        "ffn_size": 256,
        "norm_eps": 1e-6,
    }
    return language_model("DeepSeek", builder, x, sizes)
