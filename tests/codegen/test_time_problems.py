"""Mistakes of time are reported at the node that makes them, with a remedy; others are not."""

import pytest

from codegen.check import Severity, check
from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.linear.matmul import MatMul
from nodes.masks.length_mask import LengthMask
from nodes.merge.add import Add
from nodes.merge.concatenate import Concatenate
from nodes.merge.split import Split
from nodes.pooling.first_step import FirstStep
from nodes.pooling.last_step import LastStep
from nodes.pooling.max_pooling import MaxPooling
from nodes.pooling.mean_pooling import MeanPooling
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds
from nodes.position.position_ids import PositionIds
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.reshape.reshape import Reshape
from nodes.reshape.select import Select
from nodes.reshape.shift_right import ShiftRight
from nodes.reshape.slice import Slice
from nodes.reshape.transpose import Transpose
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from tests.time_models import (
    CAUSAL,
    LEAKS,
    WIDTH,
    Body,
    causal_models,
    chain,
    classifier,
    forecaster,
    language_model,
    leaking_models,
    pooled_context,
    residual,
)


def errors(model: Model) -> list[Location]:
    """List the locations of the errors of a model."""
    return [one.location for one in check(model).errors]


def reported(model: Model, severity: Severity) -> list[str]:
    """List the nodes with problems of a severity."""
    return [str(one.location) for one in check(model).problems if one.severity is severity]


@pytest.mark.parametrize("name", LEAKS)
def test_a_look_ahead_of_a_language_model_is_an_error_at_its_node(name):
    body, node = LEAKS[name]
    assert node in reported(language_model(body), Severity.ERROR)


@pytest.mark.parametrize("name", CAUSAL)
def test_a_causal_language_model_has_no_problem_of_time(name):
    report = check(language_model(CAUSAL[name]))
    assert [str(problem) for problem in report.problems] == []


def test_a_look_ahead_is_found_in_every_surrounding():
    wrong = [name for name, model, where in leaking_models() if where not in errors(model)]
    assert wrong == []


def test_a_causal_model_is_silent_in_every_surrounding():
    wrong = [name for name, model in causal_models() if check(model).problems]
    assert wrong == []


def test_the_message_says_how_far_a_step_looks_ahead():
    model = language_model(residual("conv", Conv1d(out_channels=WIDTH, padding="same")))
    assert [str(problem) for problem in check(model).problems] == [
        "conv: expected no step to depend on a later one for language modelling, got 1 step ahead. "
        "Set padding to causal, or insert ShiftRight(1) before add.terms.1."
    ]


def test_a_source_of_another_length_may_be_read_to_its_end():
    def body(builder, x):
        source = builder.add("source", TokenInput(length="S"))
        vectors = Embedding(num_embeddings="vocab_size", embedding_dim=WIDTH)
        seen = builder.add("vectors", vectors, source)
        encoded = builder.add("enc", GRU(hidden_size=4, bidirectional=True), seen)
        return builder.add("dec", DecoderLayer(num_heads=2, hidden_size=16), x, encoded)

    report = check(language_model(body))
    assert [str(one) for one in report.problems if "later one" in one.message] == []


def test_a_look_ahead_is_reported_without_the_order_that_it_ignores():
    assert [str(one.location) for one in check(language_model(pooled_context)).problems] == ["add"]


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


def pooled_halves(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Pool two vectors for every two steps, each of which has read both of them."""
    lengths = builder.add("lengths", LengthInput())
    pairs = builder.add("pairs", MaxPool1d(), x)
    halves = builder.add("halves", Reshape(pattern="B T (size C) -> B (T size) C"), pairs)
    mask = builder.add("mask", LengthMask(), lengths, halves)
    return builder.add("pool", MeanPooling(), halves, mask)


def shifted_scores(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
    """Delay the queries of scores whose keys look one step ahead."""
    mask = builder.add("mask", LengthMask(), builder.add("lengths", LengthInput()), x)
    steps = builder.add("gru", GRU(hidden_size=WIDTH), x)
    seen = builder.add("conv", Conv1d(out_channels=WIDTH, padding="same"), steps)
    scores = builder.add("scores", MatMul(transpose_right=True), seen, seen)
    later = builder.add("later", ShiftRight(), scores)
    return builder.add("pool", MeanPooling(), builder.add("mix", MatMul(), later, x), mask)


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
    "halves of pairs of steps": (pooled_halves, "pool"),
    "shifted scores": (shifted_scores, "conv"),
    "the first step of a slice": (
        chain(
            ("gru", GRU(hidden_size=WIDTH)),
            ("rest", Slice(dim=1, start=2)),
            ("first", FirstStep()),
        ),
        "first",
    ),
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


def test_lengths_after_an_unpadded_convolution_fit_after_a_causal_one():
    def body(builder, x):
        lengths = builder.add("lengths", LengthInput())
        shorter = builder.add("conv", Conv1d(out_channels=WIDTH), x)
        mask = builder.add("mask", LengthMask(), lengths, shorter)
        return builder.add("pool", MaxPooling(), shorter, mask)

    problems = check(classifier(body)).problems
    assert [str(one.location) for one in problems] == ["pool", "mask.lengths"]
    for problem in problems:
        assert problem.remedies[0].title == "Set padding of conv to causal"


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


@pytest.mark.parametrize(
    ("part", "warned"),
    [
        ((Split(), "first"), []),
        ((Split(), "second"), ["last"]),
        ((Slice(dim=2, stop=4), "output"), []),
        ((Slice(dim=2, start=4), "output"), ["last"]),
    ],
)
def test_the_channels_of_the_forward_direction_are_read_at_the_last_step(part, warned):
    def body(builder, x):
        both = builder.add("both", GRU(hidden_size=4, bidirectional=True), x)
        half, port = part
        return builder.add("last", LastStep(), builder.add("half", half, both)[port])

    reports = [one for one in check(forecaster(body)).problems if "backward" in one.message]
    assert [str(one.location) for one in reports] == warned


def test_the_first_step_of_a_forward_network_is_a_warning():
    model = forecaster(chain(("rnn", LSTM(hidden_size=4)), ("first", FirstStep())))
    assert [str(problem) for problem in check(model).problems] == [
        "first: expected to depend on all steps for forecasting, got the first step only. "
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


@pytest.mark.parametrize("table", [Embedding(num_embeddings=16), LearnedEncoding(max_length=16)])
@pytest.mark.parametrize("padded", [False, True])
def test_positions_that_begin_later_need_more_rows(table, padded):
    def body(builder: GraphBuilder, x: NodeHandle) -> NodeHandle:
        if padded:
            mask = builder.add("mask", LengthMask(), builder.add("lengths", LengthInput()), x)
            ids = builder.add("ids", PaddedPositionIds(offset=2), mask)
        else:
            ids = builder.add("ids", PositionIds(offset=2), x)
        if isinstance(table, LearnedEncoding):
            return builder.add("table", table, x, ids)
        rows = table.model_copy(update={"embedding_dim": WIDTH})
        return builder.add("add", Add(), x, builder.add("table", rows, ids))

    def found(steps: int) -> list[str]:
        problems = check(language_model(body, seq_len=steps)).problems
        return [p.message for p in problems if "positions, as" in p.message]

    assert found(14) == []
    assert found(15) == ["expected at least 17 positions, as seq_len is 15, got 16"]


def test_generation_beyond_the_positions_is_a_warning_with_a_remedy():
    model = language_model(chain(("table", LearnedEncoding(max_length=64))))
    (problem,) = check(model).problems
    assert problem.severity is Severity.WARNING
    (remedy, *_) = problem.remedies
    assert check(remedy.apply(model)).problems == ()
