"""Models whose steps look ahead, and models whose steps do not, of many constructions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from nodes.activation.relu import ReLU
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.softmax import Softmax
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.core.graphs.graph import MAIN, Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.recipe import Recipe
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.causal_mask import CausalMask
from nodes.masks.length_mask import LengthMask
from nodes.masks.window_mask import WindowMask
from nodes.merge.add import Add
from nodes.merge.concatenate import Concatenate
from nodes.merge.multiply import Multiply
from nodes.normalization.layer_norm import LayerNorm
from nodes.pooling.first_step import FirstStep
from nodes.pooling.last_step import LastStep
from nodes.pooling.max_pooling import MaxPooling
from nodes.pooling.mean_pooling import MeanPooling
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.reshape.reshape import Reshape
from nodes.reshape.select import Select
from nodes.reshape.shift_right import ShiftRight
from nodes.reshape.slice import Slice
from nodes.reshape.transpose import Transpose
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from nodes.tasks.sequence_classification import SequenceClassification
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention

WIDTH = 8
Body = Callable[[GraphBuilder, NodeHandle], NodeHandle]
"""Adds nodes behind the embedding of the tokens."""


def language_model(
    body: Body, blocks: Mapping[str, Graph] | None = None, **settings: object
) -> Model:
    """Build a language model around a body."""
    builder = GraphBuilder(blocks or {})
    tokens = builder.add("tokens", TokenInput())
    embed = Embedding(num_embeddings="vocab_size", embedding_dim=WIDTH)
    x = body(builder, builder.add("embed", embed, tokens))
    x = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), x)
    return trained(builder, LanguageModelling(**settings), vocab_size=30)


def classifier(body: Body, **settings: object) -> Model:
    """Build a classifier of token sequences around a body, which makes one vector of them."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = Embedding(num_embeddings="vocab_size", embedding_dim=WIDTH, padding_idx=0)
    x = body(builder, builder.add("embed", embed, tokens))
    x = builder.add("head", Linear(out_features="num_classes"), x)
    builder.add("logits", GraphOutput(), x)
    recipe = SequenceClassification(**settings)
    return trained(builder, recipe, vocab_size=30, num_classes=3)


def forecaster(body: Body, **settings: object) -> Model:
    """Build a forecaster of a table around a body, which makes one vector of the rows."""
    builder = GraphBuilder()
    x = body(builder, builder.add("x", FeatureInput(features="num_features")))
    x = builder.add("head", Linear(out_features="num_targets"), x)
    builder.add("forecast", GraphOutput(), x)
    return trained(builder, Forecasting(**settings), num_features=4, num_targets=2)


def trained(builder: GraphBuilder, recipe: Recipe, **sizes: int) -> Model:
    hyperparameters = {name: Hyperparameter(size) for name, size in sizes.items()}
    return Model("M", builder.build(), hyperparameters=hyperparameters, recipe=recipe)


def chain(*nodes: tuple[str, Node]) -> Body:
    """Return a body that is a chain of nodes."""

    def body(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        for name, node in nodes:
            x = builder.add(name, node, x)
        return x

    return body


def residual(name: str, node: Node) -> Body:
    """Return a body that adds a node's output to its input."""

    def body(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        return builder.add("add", Add(), x, builder.add(name, node, x))

    return body


def pooled_context(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Add the mean of all steps to each of them."""
    pool = builder.add("pool", MeanPooling(), x)
    whole = builder.add("row", Reshape(pattern="B C -> B 1 C"), pool)
    return builder.add("add", Add(), x, whole)


def drawn_attention(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Draw attention without a mask from products and a softmax."""
    scores = builder.add("scores", MatMul(transpose_right=True, scale="sqrt"), x, x)
    weights = builder.add("weights", Softmax(), scores)
    return builder.add("mix", MatMul(), weights, x)


def masked(mask: Node) -> Body:
    """Return a body of attention with a mask."""

    def body(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        made = builder.add("mask", mask, x)
        return builder.add("attn", MultiHeadAttention(num_heads=2), x, mask=made)

    return body


def hidden_state(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Add the last state of a recurrent network to every step."""
    rnn = builder.add("rnn", RNN(hidden_size=WIDTH), x)
    last = builder.add("last", Select(dim=0), rnn["hidden"])
    row = builder.add("row", Reshape(pattern="B C -> B 1 C"), last)
    return builder.add("add", Add(), x, row)


def wrong_way_mask(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Attend with a causal mask that is transposed, so that it allows later keys only."""
    mask = builder.add("mask", CausalMask(), x)
    turned = builder.add("turned", Transpose(dim0=0, dim1=1), mask)
    return builder.add("attn", MultiHeadAttention(num_heads=2), x, mask=turned)


def next_step_beside(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Put the next step beside each step, and any last one beside the last."""
    later = builder.add("later", Slice(dim=1, start=1), x)
    final = builder.add("final", Slice(dim=1, start=-1), x)
    moved = builder.add("moved", Concatenate(dim=1), later, final)
    beside = builder.add("beside", Concatenate(), x, moved)
    return builder.add("mixed", Linear(out_features=WIDTH), beside)


LEAKS: dict[str, tuple[Body, str]] = {
    "a bidirectional LSTM": (chain(("lstm", LSTM(hidden_size=4, bidirectional=True))), "lstm"),
    "attention": (chain(("attn", MultiHeadAttention(num_heads=2))), "attn"),
    "an encoder": (chain(("enc", EncoderLayer(num_heads=2, hidden_size=16))), "enc"),
    "the second of two layers": (
        chain(("gru", GRU(hidden_size=WIDTH)), ("enc", EncoderLayer(num_heads=2, hidden_size=16))),
        "enc",
    ),
    "a decoder of its own input": (
        lambda b, x: b.add("dec", DecoderLayer(num_heads=2, hidden_size=16), x, x),
        "dec",
    ),
    "a same convolution": (residual("conv", Conv1d(out_channels=WIDTH, padding="same")), "conv"),
    "a padded pooling": (
        chain(("pool", MaxPool1d(kernel_size=3, stride=1, padding=1))),
        "pool",
    ),
    "a softmax over time": (chain(("softmax", Softmax(dim=1))), "softmax"),
    "drawn attention": (drawn_attention, "weights"),
    "a mean of all steps": (pooled_context, "add"),
    "a last state": (hidden_state, "add"),
    "a mask of both ways": (masked(WindowMask(window=3, causal=False)), "mask"),
    "a mask of the wrong way": (wrong_way_mask, "turned"),
    "the next step": (next_step_beside, "later"),
}


def causal_cross(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Attend from each step to the steps before it."""
    before = builder.add("before", ShiftRight(), x)
    return builder.add("attn", MultiHeadAttention(num_heads=2, causal=True), x, before)


def first_step_everywhere(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Add the first step to every step."""
    first = builder.add("first", FirstStep(), x)
    row = builder.add("row", Reshape(pattern="B C -> B 1 C"), first)
    return builder.add("add", Add(), x, row)


def shifted_context(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Give a first step that looks one step ahead to all, one step later."""
    conv = builder.add("conv", Conv1d(out_channels=WIDTH, padding="same"), x)
    first = builder.add("first", FirstStep(), conv)
    row = builder.add("row", Reshape(pattern="B C -> B 1 C"), first)
    shift = builder.add("shift", ShiftRight(), builder.add("sum", Add(), x, row))
    return builder.add("add", Add(), x, shift)


def own_heads(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Split heads, attend with a causal mask, and merge them."""
    mask = builder.add("mask", CausalMask(), x)
    heads = builder.add("heads", SplitHeads(num_heads=2), x)
    attention = ScaledDotProductAttention()
    attended = builder.add("attend", attention, heads, heads, heads, mask)
    return builder.add("merge", MergeHeads(), attended)


CAUSAL: dict[str, Body] = {
    "an LSTM": chain(("lstm", LSTM(hidden_size=WIDTH))),
    "causal attention": chain(("attn", MultiHeadAttention(num_heads=2, causal=True, rotary=1e4))),
    "a causal mask": masked(CausalMask()),
    "a window mask": masked(WindowMask(window=3)),
    "own heads": own_heads,
    "causal convolutions": chain(
        ("one", Conv1d(out_channels=WIDTH, padding="causal", dilation=2)),
        ("two", Conv1d(out_channels=WIDTH, padding="causal", kernel_size=2)),
    ),
    "a look-ahead that is shifted back": chain(
        ("conv", Conv1d(out_channels=WIDTH, padding="same")), ("shift", ShiftRight())
    ),
    "attention to earlier steps": causal_cross,
    "the first step": first_step_everywhere,
    "the first step after a look-ahead, one step later": shifted_context,
    "transposed there and back": chain(
        ("there", Transpose()), ("drop", Dropout()), ("back", Transpose())
    ),
    "twice as fine and back": chain(
        ("fine", Reshape(pattern="B T (size C) -> B (T size) C")),
        ("causal", Conv1d(out_channels=4, padding="causal", kernel_size=5)),
        ("coarse", Conv1d(out_channels=WIDTH, kernel_size=2, stride=2)),
    ),
    "split and merged": chain(
        ("split", Reshape(pattern="B T (size C) -> B (T size) C")),
        ("merge", Reshape(pattern="B (T size) C -> B T (size C)")),
    ),
}


# -- around them -----------------------------------------------------------------------------------

OUTER, INNER = "Outer", "Inner"


def after(first: Node) -> Callable[[Body], Body]:
    """Put a node before a body."""
    return lambda body: lambda b, x: body(b, b.add("first_layer", first, x))


def before(last: Node) -> Callable[[Body], Body]:
    """Put a node behind a body."""
    return lambda body: lambda b, x: b.add("last_layer", last, body(b, x))


def beside(body: Body) -> Body:
    """Add the steps of a recurrent network to a body."""
    return lambda b, x: b.add("both", Add(), b.add("side", GRU(hidden_size=WIDTH), x), body(b, x))


def gated(body: Body) -> Body:
    """Multiply the input by the sigmoid of a body."""

    def around(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        width = builder.add("width", Linear(out_features=WIDTH), body(builder, x))
        return builder.add("product", Multiply(), x, builder.add("gate", Sigmoid(), width))

    return around


def skipped(body: Body) -> Body:
    """Concatenate the input with a body."""
    return lambda b, x: b.add("skip", Concatenate(), x, body(b, x))


def turned(body: Body) -> Body:
    """Transpose the steps of a body there and back."""

    def around(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        over = builder.add("over", Transpose(), body(builder, x))
        return builder.add("again", Transpose(), builder.add("relu", ReLU(), over))

    return around


AROUND: dict[str, Callable[[Body], Body]] = {
    "alone": lambda body: body,
    "after an LSTM": after(LSTM(hidden_size=WIDTH)),
    "after causal attention": after(MultiHeadAttention(num_heads=2, causal=True)),
    "after a causal convolution": after(Conv1d(out_channels=WIDTH, padding="causal")),
    "after positions": after(SinusoidalEncoding()),
    "after normalization": after(LayerNorm()),
    "after dropout": after(Dropout()),
    "before a GRU": before(GRU(hidden_size=WIDTH)),
    "before a causal convolution": before(Conv1d(out_channels=WIDTH, padding="causal")),
    "before a feed-forward network": before(FeedForward(hidden_size=16)),
    "beside a GRU": beside,
    "in a gate": gated,
    "beside its input": skipped,
    "transposed": turned,
}
"""What does not change whether a step looks ahead, and where."""

BLOCKS = {"in a block": (1, 1), "in a repeated block": (3, 1), "in a block in a block": (1, 2)}
"""How often a block is repeated, and how many blocks there are around a body."""


def in_blocks(body: Body, repeat: int, depth: int) -> Model:
    """Build a language model whose body is in a block, or in a block in a block."""
    inner = GraphBuilder()
    x = inner.add("x", BlockInput(kind="features", shape="B T C"))
    width = inner.add("width", Linear(out_features=WIDTH), body(inner, x))
    inner.add("y", GraphOutput(), width)
    blocks = {INNER: inner.build()}
    if depth > 1:
        outer = GraphBuilder(blocks)
        x = outer.add("x", BlockInput(kind="features", shape="B T C"))
        outer.add("y", GraphOutput(), outer.add("inner", Block(block=INNER), x))
        blocks[OUTER] = outer.build()
    name = OUTER if depth > 1 else INNER
    place = Block(block=name, repeat=repeat)
    return replace(language_model(lambda b, x: b.add("place", place, x), blocks), blocks=blocks)


def leaking_models() -> Iterator[tuple[str, Model, Location]]:
    """Build language models that look ahead, each with the location where they do."""
    for name, (body, node) in LEAKS.items():
        for title, around in AROUND.items():
            yield f"{name} {title}", language_model(around(body)), Location(MAIN, node)
        for title, (repeat, depth) in BLOCKS.items():
            yield f"{name} {title}", in_blocks(body, repeat, depth), Location(INNER, node)


def causal_models() -> Iterator[tuple[str, Model]]:
    """Build language models that do not look ahead."""
    for name, body in CAUSAL.items():
        for title, around in AROUND.items():
            yield f"{name} {title}", language_model(around(body))
        for title, (repeat, depth) in BLOCKS.items():
            yield f"{name} {title}", in_blocks(body, repeat, depth)


# -- classifiers -----------------------------------------------------------------------------------


def random_classifier(seed: int) -> Model:
    """Build a classifier of random layers and a pooling, some of which take the lengths."""
    random = Random(seed)

    def body(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        lengths = builder.add("lengths", LengthInput())
        mask = builder.add("mask", LengthMask(), lengths, x)
        for number in range(random.randint(1, 3)):
            layer = random.choice(LAYERS)
            guards: dict[str, NodeHandle] = {}
            if random.random() < 0.7:
                ports = {"lengths": lengths, "key_mask": mask}
                guards = {port: ports[port] for port in ports if layer.find_input(port)}
            x = builder.add(f"layer{number}", layer, x, **guards)
        pooling = random.choice((MeanPooling(), MaxPooling(), LastStep(), FirstStep()))
        guard = {"mask": mask} if random.random() < 0.7 and pooling.find_input("mask") else {}
        return builder.add("pool", pooling, x, **guard)

    return classifier(body)


LAYERS: tuple[Node, ...] = (
    RNN(hidden_size=WIDTH),
    GRU(hidden_size=4, bidirectional=True),
    LSTM(hidden_size=4, bidirectional=True),
    Conv1d(out_channels=WIDTH, padding="same"),
    Conv1d(out_channels=WIDTH, padding="causal", bias=False),
    EncoderLayer(num_heads=2, hidden_size=16),
    MultiHeadAttention(num_heads=2, causal=True),
    SinusoidalEncoding(),
    Linear(),
    LayerNorm(),
    Dropout(),
    ShiftRight(),
)
