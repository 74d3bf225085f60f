"""Build the examples with an encoder and a decoder."""

from examples.noted_models import noted
from examples.shared_parts import EMBEDDING, SIZES, TIED, plain_model
from nodes.activation.tanh import Tanh
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.library.decoder_steps import bahdanau_step
from nodes.linear.linear import Linear
from nodes.masks.length_mask import LengthMask
from nodes.masks.padding_mask import PaddingMask
from nodes.merge.concatenate import Concatenate
from nodes.normalization.layer_norm import LayerNorm
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.reshape.reshape import Reshape
from nodes.reshape.select import Select
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer


def source_and_target(builder: GraphBuilder) -> tuple[NodeHandle, NodeHandle, NodeHandle]:
    """Build the inputs: the source, its mask of valid steps, and the target."""
    source = builder.add("source", TokenInput(length="S"))
    mask = builder.add("source_mask", MaskInput(length="S"))
    return source, mask, builder.add("target", TokenInput())


@noted
def transformer_2017() -> Model:
    """Build the Transformer of "Attention Is All You Need", with one embedding for all."""
    layer = {
        "num_heads": "num_heads",
        "hidden_size": "4 * d_model",
        "dropout": "dropout",
        "attn_dropout": 0.0,
        "ffn_dropout": 0.0,
        "repeat": "num_layers",
    }
    scaled = Embedding(num_embeddings="vocab_size", embedding_dim="d_model", scale="sqrt")
    builder = GraphBuilder()
    source, mask, target = source_and_target(builder)
    memory = builder.add("embed", scaled, source)
    memory = builder.add("positions", SinusoidalEncoding(), memory)
    memory = builder.add("dropout", Dropout(p="dropout"), memory)
    memory = builder.add("encoder", EncoderLayer(**layer), memory, key_mask=mask)
    x = builder.add("target_embed", scaled.model_copy(update={"tie": "embed"}), target)
    x = builder.add("target_positions", SinusoidalEncoding(), x)
    x = builder.add("target_dropout", Dropout(p="dropout"), x)
    x = builder.add("decoder", DecoderLayer(**layer), x, memory, memory_mask=mask)
    builder.add("logits", GraphOutput(), builder.add("head", TIED, x))
    sizes = {"vocab_size": 256, **SIZES, "dropout": 0.1}
    return plain_model("Transformer", builder, sizes)


@noted
def bart() -> Model:
    """Build BART: the layers of BERT in an encoder and a decoder."""
    layer = {
        "num_heads": "num_heads",
        "hidden_size": "4 * d_model",
        "dropout": "dropout",
        "attn_dropout": 0.0,
        "ffn_dropout": 0.0,
        "activation": "gelu",
        "repeat": "num_layers",
    }
    builder = GraphBuilder()
    source, mask, target = source_and_target(builder)
    positions = LearnedEncoding(max_length="context")
    memory = builder.add("positions", positions, builder.add("embed", EMBEDDING, source))
    memory = builder.add("embed_norm", LayerNorm(), memory)
    memory = builder.add("encoder", EncoderLayer(**layer), memory, key_mask=mask)
    x = builder.add("target_embed", EMBEDDING.model_copy(update={"tie": "embed"}), target)
    x = builder.add("target_norm", LayerNorm(), builder.add("target_positions", positions, x))
    x = builder.add("decoder", DecoderLayer(**layer), x, memory, memory_mask=mask)
    builder.add("logits", GraphOutput(), builder.add("head", TIED, x))
    sizes = {"vocab_size": 256, **SIZES, "context": 64, "dropout": 0.1}
    return plain_model("BART", builder, sizes)


@noted
def seq2seq_bahdanau() -> Model:
    """Build a decoder with attention inside its recurrence (Bahdanau et al.)."""
    builder = GraphBuilder(blocks={"Step": bahdanau_step()})
    source = builder.add("source", TokenInput(length="S"))
    lengths = builder.add("source_lengths", LengthInput())
    target = builder.add("target", TokenInput())
    gru = GRU(hidden_size="d_model", bidirectional=True)
    memory = builder.add("embed", EMBEDDING, source)
    memory = builder.add("encoder", gru, memory, lengths=lengths)
    mask = builder.add("mask", LengthMask(), lengths, memory)
    keys = builder.add("keys", Linear(out_features="d_model", bias=False), memory)
    first = builder.add("backward", Select(dim=0, index=1), memory["hidden"])
    start = builder.add("start", Linear(out_features="d_model"), first)
    start = builder.add("start_tanh", Tanh(), start)
    x = builder.add("target_embed", EMBEDDING, target)
    x = builder.add("decoder", Block(block="Step"), x, memory, keys, mask, start)
    y = builder.add("dropout", Dropout(p="dropout"), x)
    y = builder.add("head", Linear(out_features="vocab_size"), y)
    builder.add("logits", GraphOutput(), y)
    builder.add("alignment", GraphOutput(), x["alignment"])
    sizes = {"vocab_size": 256, "d_model": 128, "dropout": 0.1}
    return plain_model("Seq2SeqBahdanau", builder, sizes)


@noted
def seq2seq_luong() -> Model:
    """Build an LSTM encoder and decoder with attention behind the decoder (Luong et al.)."""
    lstm = LSTM(hidden_size="d_model", num_layers="num_layers", dropout="dropout")
    heads = Reshape(pattern="B T C -> B 1 T C")
    builder = GraphBuilder()
    source, mask, target = source_and_target(builder)
    memory = builder.add("encoder", lstm, builder.add("embed", EMBEDDING, source))
    x = builder.add("target_embed", EMBEDDING, target)
    state = {"initial_hidden": memory["hidden"], "initial_cell": memory["cell"]}
    x = builder.add("decoder", lstm, x, **state)
    query = builder.add("query", heads, x)
    key = builder.add("key", heads, builder.add("score", Linear(bias=False), memory))
    value = builder.add("value", heads, memory)
    allowed = builder.add("allowed", PaddingMask(), mask)
    dot = ScaledDotProductAttention(scale=1.0)
    attention = builder.add("attention", dot, query, key, value, mask=allowed)
    context = builder.add("context", Reshape(pattern="B 1 T C -> B T C"), attention)
    x = builder.add("both", Concatenate(), context, x)
    x = builder.add("combine", Linear(out_features="d_model", bias=False), x)
    x = builder.add("activation", Tanh(), x)
    x = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), x)
    builder.add("alignment", GraphOutput(), attention["attention"])
    sizes = {"vocab_size": 256, "d_model": 128, "num_layers": 2, "dropout": 0.1}
    return plain_model("Seq2SeqLuong", builder, sizes)
