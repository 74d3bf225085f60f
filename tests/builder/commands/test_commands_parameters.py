"""Commands on the parameters of a node, as typed, and on its type."""

import pytest

from builder.commands import blocks, nodes
from nodes.activation.relu import ReLU
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.graph import Block
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout.dropout import Dropout
from nodes.io.graph_output import GraphOutput
from nodes.merge.concatenate import Concatenate
from nodes.recurrent.gru import GRU
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.builder.documents import edges, language_model, refusal, select, sound

START = language_model()
GROUPED = blocks.group(select(START, "lstm"), "Core")


# -- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameter", "typed", "value"),
    [
        ("drop", "p", "0.1", 0.1),
        ("drop", "p", ".25", 0.25),
        ("drop", "p", "rate", "rate"),
        ("head", "out_features", " 128 ", 128),
        ("head", "out_features", "", None),
        ("head", "bias", "False", False),
        ("head", "tie", "embed", "embed"),
        ("head", "tie", "", ""),
        ("lstm", "hidden_size", "2 * width", "2 * width"),
        ("embed", "scale", "sqrt", "sqrt"),
        ("embed", "scale", "2", 2.0),
    ],
)
def test_a_parameter_is_parsed_from_text(name, parameter, typed, value):
    document = sound(nodes.set_parameter(START, name, parameter, typed))
    made = type(START.graph.nodes[name])
    wanted = made.model_validate({**dict(START.graph.nodes[name]), parameter: value})
    assert document.graph.nodes[name] == wanted


@pytest.mark.parametrize(
    ("name", "parameter", "typed", "message"),
    [
        ("drop", "p", "1.5", "p: expected a number from 0 to below 1, got 1.5"),
        ("drop", "p", "", "p: expected a value, got nothing"),
        ("drop", "p", "a b", "p: expected an operator or the end, got 'b' in 'a b'"),
        ("lstm", "hidden_size", "0", "hidden_size: expected a whole number of at least 1, got 0"),
        (
            "lstm",
            "hidden_size",
            "1.5",
            "hidden_size: expected a whole number or an expression, got 1.5",
        ),
        (
            "lstm",
            "hidden_size",
            "width / 2",
            'hidden_size: "/" at column 7: sizes are whole numbers; write // for floor division',
        ),
        ("head", "bias", "maybe", "bias: expected true or false, got 'maybe'"),
        ("head", "biased", "1", "Linear has no parameter biased"),
        ("gone", "bias", "1", "the node gone no longer exists"),
    ],
)
def test_an_invalid_value_is_refused_with_the_reason(name, parameter, typed, message):
    assert refusal(nodes.set_parameter, START, name, parameter, typed) == message


def test_an_unchanged_parameter_is_no_edit():
    assert nodes.set_parameter(START, "lstm", "hidden_size", "width") is START


def test_a_parameter_is_reset_to_its_default():
    document = sound(nodes.reset_parameter(START, "drop", "p"))
    assert document.graph.nodes["drop"] == Dropout()
    message = "block has no default; enter a value"
    assert refusal(nodes.reset_parameter, GROUPED, "core", "block") == message


def test_a_model_beyond_the_limits_of_a_file_is_refused():
    inside = GROUPED.at(("core",))
    assert "do not contain themselves" in refusal(nodes.add, inside, Block(block="Core"), (0, 0))
    message = "block: expected a block of this model, got 'Gone'"
    assert refusal(nodes.set_parameter, GROUPED, "core", "block", "Gone") == message


def test_the_parameters_of_an_unknown_type_are_read_only():
    document = nodes.add(START, Unknown(type="Mamba", parameters={"d": 1}), (0, 0), "m")
    message = "the node type Mamba is not installed; its parameters are read-only"
    assert refusal(nodes.set_parameter, document, "m", "d", "2") == message


# -- another type ------------------------------------------------------------------------------


def test_another_recurrent_layer_keeps_edges_and_parameters():
    document = sound(nodes.replace_type(START, "lstm", GRU))
    assert document.graph.nodes["lstm"] == GRU(hidden_size="width")
    assert edges(document) == edges(START)


def test_edges_move_to_ports_of_another_name_where_they_fit():
    document = sound(nodes.replace_type(START, "sum", Concatenate))
    assert edges(document)["sum.parts.0"] == "embed.output"
    assert edges(document)["sum.parts.1"] == "drop.output"
    document = sound(nodes.replace_type(document, "sum", MultiHeadAttention(num_heads=2)))
    assert edges(document)["sum.query"] == "embed.output"
    assert edges(document)["sum.key"] == "drop.output"
    assert edges(document)["head.input"] == "sum.output"
    assert document.graph.nodes["sum"].num_heads == 2


def test_a_bypassed_node_that_becomes_an_output_is_not_bypassed():
    document = nodes.bypass(select(START, "drop", "sum"))
    document = sound(nodes.replace_type(document, "drop", GraphOutput))
    assert document.graph.bypassed == {"sum"}


def test_edges_that_fit_no_port_are_removed():
    document = sound(nodes.replace_type(START, "sum", ReLU()))
    assert edges(document)["sum.input"] == "embed.output"
    assert "drop" not in {end.partition(".")[0] for end in edges(document).values()}
    document = sound(nodes.replace_type(START, "embed", SplitHeads()))
    assert "embed.input" not in edges(document)


def test_a_parameter_that_does_not_fit_the_new_type_has_its_default():
    document = nodes.set_parameter(START, "lstm", "num_layers", "3")
    document = nodes.replace_type(document, "lstm", MultiHeadAttention)
    assert document.graph.nodes["lstm"] == MultiHeadAttention()
    message = "expected a block of this model, got none; choose one by name"
    assert refusal(nodes.replace_type, START, "lstm", Block) == message
