"""Edits of edges: what may be joined, and what may not."""

from builder.commands import edges as commands
from builder.commands import nodes
from nodes.io import LengthInput
from nodes.shift import ShiftRight
from tests.builder.desktop import edges, language_model, ref, refusal, sound

START = language_model()


def connect(document, source, target):
    return commands.connect(document, ref(source), ref(target))


def test_an_edge_replaces_the_one_that_ended_there():
    document = sound(connect(START, "embed.output", "head.input"))
    assert edges(document) == {**edges(START), "head.input": "embed.output"}


def test_a_port_that_takes_any_number_takes_one_more():
    document = sound(connect(START, "lstm.output", "sum.terms"))
    assert edges(document)["sum.terms.2"] == "lstm.output"
    document = commands.disconnect(document, [ref("sum.terms.0")])
    document = sound(connect(document, "embed.output", "sum.terms"))
    assert edges(document)["sum.terms.0"] == "embed.output"


def test_sizes_that_differ_may_be_joined():
    document = nodes.set_parameter(START, "lstm", "hidden_size", "7")
    assert connect(document, "lstm.output", "sum.terms.2")


def test_another_kind_is_refused():
    told = refusal(connect, START, "tokens.output", "lstm.input")
    assert told == (
        "tokens.output and lstm.input cannot be joined: expected features, got token ids"
    )
    document = nodes.add(START, LengthInput(), (0, 0), "n")
    assert "got lengths" in refusal(connect, document, "n.output", "lstm.input")


def test_a_kind_is_known_behind_nodes_that_take_any():
    document = nodes.add(START, ShiftRight(), (0, 0), "any")
    document = connect(document, "tokens.output", "any.input")
    assert connect(document, "any.output", "embed.input")
    assert "got token ids" in refusal(connect, document, "any.output", "lstm.input")


def test_a_loop_is_refused():
    told = refusal(connect, START, "head.output", "lstm.input")
    assert "loop" in told
    assert "cannot feed itself" in refusal(connect, START, "lstm.output", "lstm.input")


def test_ports_that_are_not_there_are_refused():
    for source, target in (
        ("gone.output", "head.input"),
        ("lstm.output", "gone.input"),
        ("lstm.gone", "head.input"),
        ("lstm.output", "head.gone"),
        ("lstm.output", "sum.terms.01"),
    ):
        assert "any more" in refusal(connect, START, source, target)


def test_edges_are_removed():
    document = sound(commands.disconnect(START, [ref("sum.terms.0"), ref("gone.input")]))
    assert edges(document).keys() == edges(START).keys() - {"sum.terms.0"}


def test_all_edges_of_an_output_start_elsewhere():
    document = nodes.add(START, START.graph.nodes["embed"], (0, 0), "other")
    document = connect(document, "tokens.output", "other.input")
    document = sound(commands.move_source(document, ref("embed.output"), ref("other.output")))
    assert edges(document)["lstm.input"] == "other.output"
    assert edges(document)["sum.terms.0"] == "other.output"
    assert "embed.output" not in edges(document).values()


def test_edges_do_not_start_where_one_of_them_would_be_wrong():
    move = commands.move_source
    assert "feed itself" in refusal(move, START, ref("embed.output"), ref("lstm.output"))
    assert "token ids" in refusal(move, START, ref("embed.output"), ref("tokens.output"))
    assert "no edge starts" in refusal(move, START, ref("lstm.cell"), ref("lstm.output"))
    assert move(START, ref("embed.output"), ref("embed.output")) is START


def test_an_edge_ends_elsewhere():
    document = sound(commands.reconnect(START, ref("drop.input"), ref("sum.terms.1")))
    assert "drop.input" not in edges(document)
    assert edges(document)["sum.terms.1"] == "lstm.output"
    assert "loop" in refusal(commands.reconnect, START, ref("head.input"), ref("lstm.input"))
    assert "no edge ends" in refusal(
        commands.reconnect, START, ref("gone.input"), ref("head.input")
    )
    assert commands.reconnect(START, ref("head.input"), ref("head.input")) is START
