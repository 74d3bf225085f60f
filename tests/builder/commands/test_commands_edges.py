"""Commands on edges: their results and refusals."""

from builder.commands import edges as commands
from builder.commands import nodes
from builder.commands.ports import output_kind
from nodes.core.graphs.graph import Block
from nodes.core.graphs.port import Kind, KindMismatch
from nodes.dropout.dropout import Dropout
from nodes.io.length_input import LengthInput
from nodes.reshape.shift_right import ShiftRight
from tests.builder.documents import edges, language_model, ref, refusal, sound
from tests.codegen.drawing import block, with_blocks

START = language_model()
SELF = "an edge cannot join a node to itself"


def connect(document, source, target):
    return commands.connect(document, ref(source), ref(target))


def test_an_edge_replaces_the_one_at_its_target():
    document = sound(connect(START, "embed.output", "head.input"))
    assert edges(document) == {**edges(START), "head.input": "embed.output"}


def test_a_variadic_port_without_an_index_is_its_next_free_one():
    document = sound(connect(START, "lstm.output", "sum.terms"))
    assert edges(document)["sum.terms.2"] == "lstm.output"
    document = commands.disconnect(document, [ref("sum.terms.0")])
    document = sound(connect(document, "embed.output", "sum.terms"))
    assert edges(document)["sum.terms.0"] == "embed.output"


def test_ports_of_different_sizes_can_be_connected():
    document = nodes.set_parameter(START, "lstm", "hidden_size", "7")
    assert connect(document, "lstm.output", "sum.terms.2")


def refused(source: str, target: str, reason: object) -> str:
    return f"{source} cannot be connected to {target}: {reason}"


def test_another_kind_is_refused():
    ends = "tokens.output", "lstm.input"
    mismatch = KindMismatch(Kind.FEATURES, Kind.TOKENS)
    assert refusal(connect, START, *ends) == refused(*ends, mismatch)
    document = nodes.add(START, LengthInput(), (0, 0), "n")
    ends = "n.output", "lstm.input"
    mismatch = KindMismatch(Kind.FEATURES, Kind.LENGTHS)
    assert refusal(connect, document, *ends) == refused(*ends, mismatch)


def test_a_kind_is_traced_through_nodes_of_any_kind():
    document = nodes.add(START, ShiftRight(), (0, 0), "any")
    document = connect(document, "tokens.output", "any.input")
    assert connect(document, "any.output", "embed.input")
    ends = "any.output", "lstm.input"
    mismatch = KindMismatch(Kind.FEATURES, Kind.TOKENS)
    assert refusal(connect, document, *ends) == refused(*ends, mismatch)


def test_a_cycle_is_refused():
    ends = "head.output", "lstm.input"
    reason = "the edge would close a cycle: lstm -> drop -> sum -> head -> lstm"
    assert refusal(connect, START, *ends) == refused(*ends, reason)
    ends = "lstm.output", "lstm.input"
    assert refusal(connect, START, *ends) == refused(*ends, SELF)


def test_ports_that_do_not_exist_are_refused():
    for ends in (
        ("gone.output", "head.input"),
        ("lstm.output", "gone.input"),
        ("lstm.gone", "head.input"),
        ("lstm.output", "head.gone"),
        ("lstm.output", "sum.terms.01"),
    ):
        assert refusal(connect, START, *ends) == refused(*ends, "the port no longer exists")


def test_the_kind_of_an_output_is_found_through_nested_blocks():
    blocks = {"B0": block(Dropout())}
    for level in range(1, 40):
        blocks[f"B{level}"] = block(Block(block=f"B{level - 1}"), blocks=blocks)
    model = with_blocks(Block(block="B39"), **blocks)
    assert output_kind(model, model.graph, ref("stack.out")) is Kind.FEATURES


def test_edges_are_removed():
    document = sound(commands.disconnect(START, [ref("sum.terms.0"), ref("gone.input")]))
    assert edges(document).keys() == edges(START).keys() - {"sum.terms.0"}


def test_all_edges_of_an_output_are_moved():
    document = nodes.add(START, START.graph.nodes["embed"], (0, 0), "other")
    document = connect(document, "tokens.output", "other.input")
    document = sound(commands.move_source(document, ref("embed.output"), ref("other.output")))
    assert edges(document)["lstm.input"] == "other.output"
    assert edges(document)["sum.terms.0"] == "other.output"
    assert "embed.output" not in edges(document).values()


def test_edges_are_not_moved_if_one_of_them_is_refused():
    move = commands.move_source
    message = refused("lstm.output", "lstm.input", SELF)
    assert refusal(move, START, ref("embed.output"), ref("lstm.output")) == message
    message = refused("tokens.output", "lstm.input", KindMismatch(Kind.FEATURES, Kind.TOKENS))
    assert refusal(move, START, ref("embed.output"), ref("tokens.output")) == message
    message = "no edge starts at lstm.cell"
    assert refusal(move, START, ref("lstm.cell"), ref("lstm.output")) == message
    assert move(START, ref("embed.output"), ref("embed.output")) is START


def test_the_end_of_an_edge_is_moved():
    document = sound(commands.reconnect(START, ref("drop.input"), ref("sum.terms.1")))
    assert "drop.input" not in edges(document)
    assert edges(document)["sum.terms.1"] == "lstm.output"
    reconnect = commands.reconnect
    reason = "the edge would close a cycle: lstm -> drop -> sum -> lstm"
    message = refused("sum.output", "lstm.input", reason)
    assert refusal(reconnect, START, ref("head.input"), ref("lstm.input")) == message
    message = "no edge ends at gone.input"
    assert refusal(reconnect, START, ref("gone.input"), ref("head.input")) == message
    assert reconnect(START, ref("head.input"), ref("head.input")) is START
