"""Mistakes of time are reported at the node that makes them, with a remedy; others are not."""

from collections.abc import Callable

import pytest

from codegen.check import Severity, check
from nodes.activation import Softmax
from nodes.attention import MergeHeads, ScaledDotProductAttention, SplitHeads
from nodes.convolution import Conv1d, MaxPool1d
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.core.graphs.recipe import Recipe
from nodes.dropout import Dropout
from nodes.embedding import Embedding
from nodes.io import FeatureInput, GraphOutput, LengthInput, MaskInput, TokenInput
from nodes.linear import Linear, MatMul
from nodes.masks import CausalMask, LengthMask, WindowMask
from nodes.merge import Add, Concatenate
from nodes.multi_head_attention import MultiHeadAttention
from nodes.pooling import FirstStep, LastStep, MaxPooling, MeanPooling
from nodes.position import LearnedEncoding, PositionIds, SinusoidalEncoding
from nodes.recurrent import GRU, LSTM, RNN
from nodes.reshape import Reshape, Select, Slice, Transpose
from nodes.shift import ShiftRight
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from nodes.tasks.sequence_classification import SequenceClassification
from nodes.transformer_layers import DecoderLayer, EncoderLayer

WIDTH = 8
Body = Callable[[GraphBuilder, NodeHandle], NodeHandle]
"""Adds nodes behind the embedding of the tokens."""


def language_model(body: Body, **settings: object) -> Model:
    """Build a language model around a body."""
    builder = GraphBuilder()
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


def reported(model: Model, severity: Severity) -> list[str]:
    """List the nodes with problems of a severity."""
    return [str(one.location) for one in check(model).problems if one.severity is severity]


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
    return builder.add("beside", Concatenate(), x, moved)


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


@pytest.mark.parametrize("name", LEAKS)
def test_a_look_ahead_of_a_language_model_is_an_error_at_its_node(name):
    body, node = LEAKS[name]
    assert node in reported(language_model(body), Severity.ERROR)


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
    "split and merged": chain(
        ("split", Reshape(pattern="B T (size C) -> B (T size) C")),
        ("merge", Reshape(pattern="B (T size) C -> B T (size C)")),
    ),
}


@pytest.mark.parametrize("name", CAUSAL)
def test_a_causal_language_model_has_no_problem_of_time(name):
    report = check(language_model(CAUSAL[name]))
    assert [str(problem) for problem in report.problems] == []


def test_the_message_says_how_far_a_step_looks_ahead():
    model = language_model(residual("conv", Conv1d(out_channels=WIDTH, padding="same")))
    assert [str(problem) for problem in check(model).problems] == [
        "conv: expected no step to depend on a later one for language modelling, got 1 step ahead. "
        "Set padding to causal, or insert ShiftRight(1) before add.terms.1."
    ]


def test_an_encoder_may_look_ahead():
    def body(builder, x):
        lengths = builder.add("lengths", LengthInput())
        positions = builder.add("positions", SinusoidalEncoding(), x)
        mask = builder.add("mask", LengthMask(), lengths, positions)
        layer = EncoderLayer(num_heads=2, hidden_size=16)
        encoded = builder.add("enc", layer, positions, key_mask=mask)
        return builder.add("pool", MeanPooling(), encoded, mask)

    assert check(classifier(body)).problems == ()


def test_a_target_that_is_shifted_twice_is_a_warning():
    model = language_model(chain(("shift", ShiftRight()), ("lstm", LSTM(hidden_size=WIDTH))))
    assert [str(problem) for problem in check(model).problems] == [
        "shift: expected each step to depend on the step itself for language modelling, whose "
        "targets are one step ahead, got only those at least 1 step before. "
        "Remove shift and read embed.output instead."
    ]


# -- padding ---------------------------------------------------------------------------------------


def last_of(recurrent: Node) -> Body:
    return chain(("rnn", recurrent), ("last", LastStep()))


def pooled_by_mask(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    mask = builder.add("mask", MaskInput())
    convolved = builder.add("conv", Conv1d(out_channels=WIDTH, padding="causal"), x)
    return builder.add("pool", MaxPooling(), convolved, mask)


def masked_after_stride(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Pool every second step with a mask of all steps, cut to as many."""
    lengths = builder.add("lengths", LengthInput())
    conv = Conv1d(out_channels=WIDTH, padding="causal", stride=2)
    convolved = builder.add("conv", conv, x)
    mask = builder.add("mask", LengthMask(), lengths, convolved)
    return builder.add("pool", MeanPooling(), convolved, mask)


PADDED = {
    "a mean": (chain(("gru", GRU(hidden_size=WIDTH)), ("pool", MeanPooling())), "pool"),
    "a maximum": (chain(("gru", GRU(hidden_size=WIDTH)), ("pool", MaxPooling())), "pool"),
    "a last step": (last_of(LSTM(hidden_size=WIDTH)), "last"),
    "attention": (
        chain(
            ("positions", SinusoidalEncoding()),
            ("enc", EncoderLayer(num_heads=2, hidden_size=16)),
            ("first", FirstStep()),
        ),
        "enc",
    ),
    "a backward direction": (
        chain(("rnn", LSTM(hidden_size=4, bidirectional=True)), ("first", FirstStep())),
        "rnn",
    ),
    "a mask made after a stride": (masked_after_stride, "pool"),
}


@pytest.mark.parametrize("name", PADDED)
def test_padding_that_a_classifier_reads_is_an_error_at_its_node(name):
    body, node = PADDED[name]
    assert node in reported(classifier(body), Severity.ERROR)


def with_lengths(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    lengths = builder.add("lengths", LengthInput())
    rnn = builder.add("rnn", LSTM(hidden_size=WIDTH), x, lengths)
    return builder.add("last", LastStep(), rnn, lengths=lengths)


def both_ends(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    lengths = builder.add("lengths", LengthInput())
    rnn = builder.add("rnn", LSTM(hidden_size=4, bidirectional=True), x, lengths)
    forward = builder.add("forward", Select(dim=0), rnn["hidden"])
    backward = builder.add("backward", Select(dim=0, index=1), rnn["hidden"])
    return builder.add("both", Concatenate(), forward, backward)


@pytest.mark.parametrize("body", [with_lengths, both_ends, pooled_by_mask])
def test_a_classifier_that_guards_its_padding_has_no_problem(body):
    assert [str(problem) for problem in check(classifier(body)).problems] == []


def test_the_remedy_of_padding_connects_lengths():
    problems = check(classifier(last_of(LSTM(hidden_size=WIDTH)))).problems
    assert [one.title for problem in problems for one in problem.remedies] == [
        "Add LengthInput lengths before last.lengths and rnn.lengths",
        "Add LengthInput lengths before last.lengths",
        "Add MaskInput mask before last.mask",
    ]


# -- steps and order -------------------------------------------------------------------------------


def test_the_last_step_of_a_backward_direction_is_a_warning():
    model = forecaster(last_of(LSTM(hidden_size=4, bidirectional=True)))
    assert reported(model, Severity.WARNING) == ["last"]
    select = ("select", Select(dim=1, index=-1))
    model = forecaster(chain(("rnn", GRU(hidden_size=4, bidirectional=True)), select))
    assert reported(model, Severity.WARNING) == ["select"]


def test_the_first_step_of_a_forward_network_is_a_warning():
    model = forecaster(chain(("rnn", LSTM(hidden_size=4)), ("first", FirstStep())))
    assert [str(problem) for problem in check(model).problems] == [
        "first: expected to depend on all steps for forecasting, got the first 1 step. "
        "Replace first by LastStep, or replace first by MeanPooling."
    ]


@pytest.mark.parametrize(
    "body",
    [
        chain(("enc", EncoderLayer(num_heads=2, hidden_size=8)), ("pool", MeanPooling())),
        chain(("pool", MaxPooling())),
        chain(("positions", SinusoidalEncoding(base=100.0)), ("pool", MeanPooling())),
    ],
)
def test_an_order_that_cannot_matter_is_a_warning(body):
    model = forecaster(body)
    assert len(reported(model, Severity.WARNING)) == 1


def test_an_order_that_matters_is_no_problem():
    for first in (SinusoidalEncoding(), Conv1d(out_channels=4, padding="same")):
        layers = ("enc", EncoderLayer(num_heads=2, hidden_size=8)), ("pool", MeanPooling())
        assert check(forecaster(chain(("first", first), *layers))).problems == ()


def test_rows_of_a_batch_that_mix_are_an_error():
    turned = ("turn", Transpose(dim0=0, dim1=1)), ("rnn", LSTM(hidden_size=WIDTH))
    model = language_model(chain(*turned, ("back", Transpose(dim0=0, dim1=1))))
    assert reported(model, Severity.ERROR) == ["rnn"]


# -- lengths and positions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cut",
    [
        Conv1d(out_channels=WIDTH, stride=2, padding=1),
        Slice(dim=1, start=1),
        Slice(dim=1, stop=-2),
        MaxPool1d(),
    ],
)
def test_lengths_after_a_stride_or_a_cut_are_an_error(cut):
    def body(builder, x):
        lengths = builder.add("lengths", LengthInput())
        shorter = builder.add("cut", cut, x)
        rnn = builder.add("rnn", LSTM(hidden_size=WIDTH), shorter, lengths)
        return builder.add("pool", Select(dim=0), rnn["hidden"])

    assert "rnn.lengths" in reported(classifier(body), Severity.ERROR)


def learned_positions(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    ids = builder.add("ids", PositionIds(), x)
    table = Embedding(num_embeddings=16, embedding_dim=WIDTH)
    return builder.add("add", Add(), x, builder.add("table", table, ids))


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (chain(("table", LearnedEncoding(max_length=16))), "table.max_length"),
        (learned_positions, "table.num_embeddings"),
    ],
)
def test_fewer_positions_than_steps_are_an_error(body, where):
    model = language_model(body, seq_len=64)
    assert reported(model, Severity.ERROR) == [where]
    assert reported(language_model(body, seq_len=16), Severity.ERROR) == []


def test_generation_beyond_the_positions_is_a_warning_with_a_remedy():
    model = language_model(chain(("table", LearnedEncoding(max_length=64))))
    (problem,) = check(model).problems
    assert problem.severity is Severity.WARNING
    (remedy, *_) = problem.remedies
    assert check(remedy.apply(model)).problems == ()
