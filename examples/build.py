"""Build the examples with the Python API and save them beside this file.

    python -m examples.build

Each function below builds one model. Its description and the result of its training script are
its notes, in ``notes/NAME.txt``.
"""

from collections.abc import Callable

from examples.architectures import ARCHITECTURES, WITHOUT_KEY_MAP
from examples.noted_models import FOLDER, noted
from examples.shared_parts import CLASSES, VOCABULARY
from nodes.activation.softmax import Softmax
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.split_heads import SplitHeads
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.token_input import TokenInput
from nodes.library.transformer_layers import residual_layer
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.length_mask import LengthMask
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.pooling.last_step import LastStep
from nodes.pooling.mean_pooling import MeanPooling
from nodes.position.position_ids import PositionIds
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from nodes.tasks.sequence_classification import SequenceClassification
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention


@noted
def char_rnn() -> Model:
    """Build a character language model with an Elman recurrent network."""
    return recurrent_language_model("CharRNN", "rnn", RNN(**RECURRENT), 1e-3)


@noted
def char_lstm() -> Model:
    """Build a character language model with an LSTM."""
    return recurrent_language_model("CharLSTM", "lstm", LSTM(**RECURRENT), 4e-3)


@noted
def char_gru() -> Model:
    """Build a character language model with a GRU."""
    return recurrent_language_model("CharGRU", "gru", GRU(**RECURRENT), 3e-3)


RECURRENT = {"hidden_size": "hidden_size", "num_layers": "num_layers", "dropout": "dropout"}


def recurrent_language_model(title: str, name: str, node: Node, rate: float) -> Model:
    """Build tokens -> embed -> recurrent node -> dropout -> head -> logits."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim="width"), tokens)
    x = builder.add(name, node, x)
    x = builder.add("dropout", Dropout(p="dropout"), x)
    x = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), x)
    return Model(
        title,
        builder.build(),
        hyperparameters={
            "vocab_size": VOCABULARY,
            "width": Hyperparameter(64, "of the embedding"),
            "hidden_size": Hyperparameter(256, "of the recurrent state"),
            "num_layers": Hyperparameter(2),
            "dropout": Hyperparameter(0.1),
        },
        recipe=LanguageModelling(steps=800, learning_rate=rate),
    )


@noted
def gpt() -> Model:
    """Build a small GPT-2: pre-norm blocks, learned positional embeddings, a tied head."""
    builder = GraphBuilder(blocks={"Block": gpt_block()})
    tokens = builder.add("tokens", TokenInput())
    x = builder.add(
        "embed", Embedding(num_embeddings="vocab_size", embedding_dim="d_model"), tokens
    )
    position = builder.add("position", PositionIds(), tokens)
    embedding = Embedding(num_embeddings="context", embedding_dim="d_model")
    p = builder.add("position_embed", embedding, position)
    x = builder.add("add", Add(), x, p)
    x = builder.add("dropout", Dropout(p="dropout"), x)
    x = builder.add("blocks", Block(block="Block", repeat="num_layers"), x)
    x = builder.add("norm", LayerNorm(), x)
    x = builder.add("head", Linear(out_features="vocab_size", bias=False, tie="embed"), x)
    builder.add("logits", GraphOutput(), x)
    return Model(
        "GPT",
        builder.build(),
        blocks=builder.blocks,
        hyperparameters={
            "vocab_size": VOCABULARY,
            "context": Hyperparameter(64, "longest sequence"),
            "d_model": Hyperparameter(128),
            "num_layers": Hyperparameter(4),
            "num_heads": Hyperparameter(4),
            "dropout": Hyperparameter(0.0),
        },
        initialization="normal",
        recipe=LanguageModelling(steps=800, learning_rate=3e-3, context="context"),
    )


def gpt_block() -> Graph:
    """Build a pre-norm Transformer block with causal self-attention."""
    attention = MultiHeadAttention(num_heads="num_heads", dropout="dropout", causal=True)
    feed_forward = FeedForward(activation="gelu", dropout="dropout")
    return residual_layer(LayerNorm(), attention, feed_forward)


@noted
def gpt_llama() -> Model:
    """Build a small Llama: RMSNorm, RoPE, grouped-query attention, SwiGLU."""
    attention = MultiHeadAttention(
        num_heads="num_heads",
        num_kv_heads="num_kv_heads",
        dropout="dropout",
        bias=False,
        causal=True,
        rotary="rope_theta",
    )
    builder = GraphBuilder(blocks={"Block": llama_block(attention)})
    tokens = builder.add("tokens", TokenInput())
    x = builder.add(
        "embed", Embedding(num_embeddings="vocab_size", embedding_dim="d_model"), tokens
    )
    x = builder.add("dropout", Dropout(p="dropout"), x)
    x = builder.add("blocks", Block(block="Block", repeat="num_layers"), x)
    x = builder.add("norm", RMSNorm(eps="norm_eps"), x)
    x = builder.add("head", Linear(out_features="vocab_size", bias=False, tie="embed"), x)
    builder.add("logits", GraphOutput(), x)
    return Model(
        "Llama",
        builder.build(),
        blocks=builder.blocks,
        hyperparameters={
            "vocab_size": VOCABULARY,
            "d_model": Hyperparameter(128),
            "num_layers": Hyperparameter(4),
            "num_heads": Hyperparameter(4),
            "num_kv_heads": Hyperparameter(2, "heads that share keys and values"),
            "ffn_size": Hyperparameter(352),
            "rope_theta": Hyperparameter(10_000.0),
            "norm_eps": Hyperparameter(1e-6),
            "dropout": Hyperparameter(0.0),
        },
        initialization="normal",
        recipe=LanguageModelling(steps=800, learning_rate=3e-3),
    )


def llama_block(attention: Node) -> Graph:
    """Build a Llama block, with dropout on both residual branches."""
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    y = builder.add("attn_norm", RMSNorm(eps="norm_eps"), x)
    y = builder.add("attn", attention, y)
    y = builder.add("attn_dropout", Dropout(p="dropout"), y)
    x = builder.add("add", Add(), x, y)
    y = builder.add("ffn_norm", RMSNorm(eps="norm_eps"), x)
    y = builder.add("ffn", GatedFeedForward(hidden_size="ffn_size"), y)
    y = builder.add("ffn_dropout", Dropout(p="dropout"), y)
    x = builder.add("add_2", Add(), x, y)
    builder.add("output", GraphOutput(), x)
    return builder.build()


@noted
def encoder_classifier() -> Model:
    """Build a Transformer encoder that classifies the language of a name."""
    builder = GraphBuilder()
    lengths, x = embedded_text(builder)
    x = builder.add("sinusoidal_encoding", SinusoidalEncoding(), x)
    mask = builder.add("mask", LengthMask(), lengths, x)
    layer = EncoderLayer(
        num_heads="num_heads", hidden_size="ffn_size", dropout="dropout", repeat="num_layers"
    )
    x = builder.add("layers", layer, x, key_mask=mask)
    x = builder.add("pool", MeanPooling(), x, mask=mask)
    classify(builder, x)
    sizes = {
        "width": Hyperparameter(128, "of the embedding and the layers"),
        "num_heads": Hyperparameter(4),
        "ffn_size": Hyperparameter(256),
        "num_layers": Hyperparameter(2),
    }
    recipe = SequenceClassification(steps=1500, learning_rate=2e-3)
    return classifier("EncoderClassifier", builder, sizes, recipe)


@noted
def bilstm_classifier() -> Model:
    """Build a bidirectional LSTM that classifies the language of a name."""
    builder = GraphBuilder()
    lengths, x = embedded_text(builder)
    lstm = LSTM(hidden_size="hidden_size", bidirectional=True)
    x = builder.add("lstm", lstm, x, lengths=lengths)
    x = builder.add("pool", MeanPooling(), x, lengths=lengths)
    x = builder.add("dropout", Dropout(p="dropout"), x)
    classify(builder, x)
    sizes = {
        "width": Hyperparameter(64, "of the embedding"),
        "hidden_size": Hyperparameter(128, "in each direction"),
    }
    recipe = SequenceClassification(steps=1000, learning_rate=3e-3)
    return classifier("BiLSTMClassifier", builder, sizes, recipe)


def embedded_text(builder: GraphBuilder) -> tuple[NodeHandle, NodeHandle]:
    """Build the inputs of a text classifier and its embedding, with a padding id."""
    tokens = builder.add("tokens", TokenInput())
    lengths = builder.add("lengths", LengthInput())
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="width", padding_idx=0)
    return lengths, builder.add("embed", embedding, tokens)


def classify(builder: GraphBuilder, x: NodeHandle) -> None:
    """Build the classification head, which computes the logits."""
    x = builder.add("head", Linear(out_features="num_classes"), x)
    builder.add("logits", GraphOutput(), x)


def classifier(
    title: str,
    builder: GraphBuilder,
    sizes: dict[str, Hyperparameter],
    recipe: SequenceClassification,
) -> Model:
    """Make the model of a sequence classifier and its training recipe."""
    return Model(
        title,
        builder.build(),
        hyperparameters={
            "vocab_size": VOCABULARY,
            "num_classes": CLASSES,
            **sizes,
            "dropout": Hyperparameter(0.1),
        },
        recipe=recipe,
    )


@noted
def price_lstm() -> Model:
    """Build an LSTM that forecasts next month's stock prices from the last two years."""
    builder = GraphBuilder()
    prices = builder.add("prices", FeatureInput(features="num_features"))
    x = builder.add("lstm", LSTM(hidden_size="hidden_size"), prices)
    x = builder.add("last", LastStep(), x)
    x = builder.add("head", Linear(out_features="num_targets"), x)
    builder.add("forecast", GraphOutput(), x)
    return Model(
        "PriceLSTM",
        builder.build(),
        hyperparameters={
            "num_features": Hyperparameter(4, "number of columns, set from the data"),
            "num_targets": Hyperparameter(4, "number of columns, set from the data"),
            "hidden_size": Hyperparameter(32),
        },
        recipe=Forecasting(
            data="stocks.csv", window=24, steps=200, batch_size=16, eval_every=25, differences=True
        ),
    )


@noted
def attention_from_primitives() -> Model:
    """Build multi-head self-attention from matrix products, a softmax and a split into heads."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features="d_model"))
    heads = {}
    for name in ("query", "key", "value"):
        y = builder.add(f"{name}_proj", Linear(), x)
        heads[name] = builder.add(name, SplitHeads(num_heads="num_heads"), y)
    product = MatMul(transpose_right=True, scale="sqrt")
    scores = builder.add("scores", product, heads["query"], heads["key"])
    weights = builder.add("weights", Softmax(), scores)
    y = builder.add("mix", MatMul(), weights, heads["value"])
    y = builder.add("merged", MergeHeads(), y)
    y = builder.add("out", Linear(), y)
    builder.add("output", GraphOutput(), y)
    builder.add("attention", GraphOutput(), weights)
    sizes = {"d_model": Hyperparameter(64), "num_heads": Hyperparameter(4)}
    return Model("AttentionFromPrimitives", builder.build(), hyperparameters=sizes)


EXAMPLES: tuple[Callable[[], Model], ...] = (
    char_rnn,
    char_lstm,
    char_gru,
    gpt,
    gpt_llama,
    encoder_classifier,
    bilstm_classifier,
    price_lstm,
    attention_from_primitives,
    *ARCHITECTURES,
    *WITHOUT_KEY_MAP,
)


def main() -> None:
    """Write every example."""
    for example in EXAMPLES:
        (FOLDER / f"{example.__name__}.json").write_bytes(dumps(example()))


if __name__ == "__main__":
    main()
