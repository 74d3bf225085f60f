"""Commands on nodes: their results and refusals."""

import pytest

from builder.commands import comments, nodes
from builder.document.document import READ_ONLY, Document, Selection
from nodes.activation.gelu import GELU
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.core.graphs.naming_rules import check_name
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.split import Split
from nodes.normalization.layer_norm import LayerNorm
from nodes.recurrent.gru import GRU
from nodes.transformer.feed_forward import FeedForward
from tests.builder.documents import (
    edges,
    errors,
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
    source,
)

START = language_model()


# -- adding ------------------------------------------------------------------------------------


def test_an_added_node_is_named_placed_and_selected():
    document = sound(nodes.add(Document(), Linear(), (10.0, 20.0)))
    assert document.graph.nodes == {"linear": Linear()}
    assert document.positions == {"linear": (10.0, 20.0)}
    assert selected(document) == {"linear"}
    assert [*nodes.add(document, Linear(), (0, 0)).graph.nodes] == ["linear", "linear_2"]


def test_names_that_differ_in_case_only_are_not_free():
    document = nodes.add(Document(), Linear(), (0, 0), "Linear")
    assert selected(sound(nodes.add(document, Linear(), (0, 0)))) == {"linear_2"}
    message = "the name Linear is taken; choose another name"
    assert refusal(nodes.add, document, Linear(), (0, 0), "LINEAR") == message


def test_an_appended_node_is_connected_where_it_fits():
    document = sound(nodes.append(START, GELU(), "head", (0, 0)))
    assert edges(document)["gelu.input"] == "head.output"
    document = sound(nodes.append(START, GRU(), "lstm", (0, 0)))
    assert edges(document)["gru.input"] == "lstm.output"
    document = sound(nodes.append(START, LayerNorm(), "tokens", (0, 0)))
    assert "layer_norm.input" not in edges(document)
    assert "gelu" in nodes.append(START, GELU(), None, (0, 0)).graph.nodes
    message = "the node gone no longer exists"
    assert refusal(nodes.append, START, GELU(), "gone", (0, 0)) == message


def test_a_language_model_is_built_by_appending():
    document = nodes.add(Document(), TokenInput(), (0, 0))
    for node in (START.graph.nodes[name] for name in ("embed", "lstm", "head", "logits")):
        (last,) = selected(document)
        document = sound(nodes.append(document, node, last, (0, 0)))
    assert [*edges(document)] == [
        "embedding.input",
        "lstm.input",
        "linear.input",
        "graph_output.input",
    ]


def test_a_node_added_on_an_edge_pushes_what_is_downstream():
    document = sound(nodes.add_on_edge(START, LayerNorm(), ref("drop.input"), (600.0, 0.0)))
    assert edges(document)["layer_norm.input"] == "lstm.output"
    assert edges(document)["drop.input"] == "layer_norm.output"
    assert document.positions["drop"] == (840.0, 0.0)
    assert document.positions["logits"] == (1560.0, 0.0)
    assert document.positions["lstm"] == START.positions["lstm"]


def test_a_node_without_edges_is_inserted_on_an_edge():
    document = nodes.add(START, GELU(), (600.0, 500.0), "act")
    document = sound(nodes.insert_on_edge(document, "act", ref("head.input")))
    assert edges(document)["act.input"] == "sum.output"
    assert edges(document)["head.input"] == "act.output"


@pytest.mark.parametrize(
    ("source", "target"), [("lstm.output", "act.input"), ("act.output", "sum.terms.2")]
)
def test_a_node_with_an_edge_on_either_side_is_not_inserted(source, target):
    document = nodes.add(START, GELU(), (600.0, 500.0), "act")
    document = document.with_graph(document.graph.with_edge(ref(source), ref(target)))
    message = "act: expected a node without edges; remove its edges first"
    assert refusal(nodes.insert_on_edge, document, "act", ref("head.input")) == message


def test_a_node_that_does_not_fit_is_not_inserted():
    for name, node in {
        "token_input": TokenInput(),
        "graph_output": GraphOutput(),
        "embedding": START.graph.nodes["embed"],
    }.items():
        message = f"{name} does not fit between sum.output and head.input: the kinds differ"
        assert refusal(nodes.add_on_edge, START, node, ref("head.input"), (0, 0)) == message


def test_a_node_is_not_inserted_where_no_edge_ends():
    message = "no edge ends at lstm.initial_hidden"
    target = ref("lstm.initial_hidden")
    assert refusal(nodes.add_on_edge, START, GELU(), target, (0, 0)) == message
    message = "the node gone no longer exists"
    assert refusal(nodes.insert_on_edge, START, "gone", ref("head.input")) == message


# -- moving ------------------------------------------------------------------------------------


def test_the_selection_is_moved():
    document = sound(nodes.move(select(START, "embed", "lstm"), 10, -20))
    assert document.positions["embed"] == (250.0, -20.0)
    assert document.positions["drop"] == START.positions["drop"]
    assert document.graph is START.graph


def test_a_frame_moves_its_content():
    document = comments.frame(select(START, "embed", "lstm"))
    document = comments.comment(document, (300.0, 0.0), "small")
    document = comments.resize(document, "comment", 60, 40)
    document = document.selecting(Selection(comments=frozenset({"frame"})))
    moved = sound(nodes.move(document, 1000, 1000))
    assert moved.positions["lstm"] == (1480.0, 1000.0)
    assert moved.positions["drop"] == START.positions["drop"]
    assert (moved.comments["comment"].x, moved.comments["comment"].y) == (1300.0, 1000.0)
    assert moved.comments["frame"].x == document.comments["frame"].x + 1000


def test_positions_are_clamped_to_the_canvas():
    document = sound(nodes.set_positions(START, {"embed": (1e300, 5.0), "gone": (0, 0)}))
    assert document.positions == {**START.positions, "embed": (1e9, 5.0)}


# -- removing ----------------------------------------------------------------------------------


def test_selected_nodes_are_deleted_with_their_edges():
    document = comments.comment(START, (0, 0), "x")
    both = Selection(frozenset({"lstm"}), frozenset({ref("head.input")}), frozenset({"comment"}))
    document = sound(nodes.delete(document.selecting(both)))
    assert edges(document) == {
        "embed.input": "tokens.output",
        "sum.terms.0": "embed.output",
        "sum.terms.1": "drop.output",
        "logits.input": "head.output",
    }
    assert not document.comments
    assert not document.selection
    assert refusal(nodes.delete, document) == "nothing is selected; select what to delete"


def test_the_neighbours_of_deleted_nodes_are_reconnected():
    document = sound(nodes.delete_and_reconnect(select(START, "lstm", "drop")))
    assert edges(document)["sum.terms.1"] == "embed.output"
    assert errors(document) == []


def test_of_two_inputs_the_first_is_reconnected():
    document = sound(nodes.delete_and_reconnect(select(START, "sum")))
    assert edges(document)["head.input"] == "embed.output"


def test_neighbours_that_do_not_fit_are_not_reconnected():
    document = sound(nodes.delete_and_reconnect(select(START, "embed")))
    assert "lstm.input" not in edges(document)
    assert "sum.terms.0" not in edges(document)


def test_outputs_are_paired_with_inputs_by_index_or_else_the_first_that_fits():
    document = Document()
    for name, node in {"q": Add(), "k": Add(), "both": Split(), "c": Add(), "d": Add()}.items():
        document = nodes.add(document, node, (0, 0), name)
    document = nodes.add(document, ScaledDotProductAttention(), (0, 0), "attend")
    for start, end in (
        ("q.output", "attend.query"),
        ("k.output", "attend.key"),
        ("attend.output", "c.terms.0"),
        ("attend.attention", "d.terms.0"),
        ("q.output", "both.input"),
    ):
        document = document.with_graph(document.graph.with_edge(ref(start), ref(end)))
    reconnected = edges(sound(nodes.delete_and_reconnect(select(document, "attend"))))
    assert (reconnected["c.terms.0"], reconnected["d.terms.0"]) == ("q.output", "k.output")
    document = document.with_graph(document.graph.with_edge(ref("both.second"), ref("c.terms.0")))
    assert edges(nodes.delete_and_reconnect(select(document, "both")))["c.terms.0"] == "q.output"


def test_a_node_that_reads_itself_is_not_its_own_source():
    graph = START.graph.with_edge(ref("sum.output"), ref("sum.terms.0"))
    graph = graph.with_edge(ref("embed.output"), ref("sum.terms.1"))
    document = sound(nodes.delete_and_reconnect(select(START.with_graph(graph), "sum")))
    assert edges(document)["head.input"] == "embed.output"


def test_detaching_reconnects_the_neighbours_and_keeps_the_nodes():
    document = sound(nodes.detach(select(START, "lstm", "drop")))
    assert edges(document)["sum.terms.1"] == "embed.output"
    assert edges(document)["drop.input"] == "lstm.output"
    assert "lstm.input" not in edges(document)
    assert [*document.graph.nodes] == [*START.graph.nodes]
    assert document.positions is START.positions


# -- names -------------------------------------------------------------------------------------


def test_renaming_keeps_edges_position_selection_and_ties():
    document = nodes.set_parameter(select(START, "embed"), "head", "tie", "embed")
    document = sound(nodes.rename(document, "embed", " words "))
    assert edges(document)["words.input"] == "tokens.output"
    assert document.positions["words"] == START.positions["embed"]
    assert selected(document) == {"words"}
    assert document.graph.nodes["head"].tie == "words"
    assert [*document.graph.nodes][1] == "words"


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "two\nlines", "x" * 201, "\ud800"])
def test_an_invalid_name_is_refused(name):
    with pytest.raises(ValueError, match="name") as caught:
        check_name(name)
    assert refusal(nodes.rename, START, "embed", name) == str(caught.value)


def test_a_taken_name_is_refused():
    message = "the name lstm is taken; choose another name"
    assert refusal(nodes.rename, START, "embed", "LSTM") == message


def test_a_name_may_change_its_case():
    assert "LSTM" in sound(nodes.rename(START, "lstm", "LSTM")).graph.nodes
    assert nodes.rename(START, "lstm", "lstm") is START


def in_block() -> Document:
    inner = Graph({"x": BlockInput(), "act": GELU(), "y": GraphOutput()})
    inner = inner.with_edge(ref("x.output"), ref("act.input"))
    inner = inner.with_edge(ref("act.output"), ref("y.input"))
    document = Document(Model(START.model.name, START.graph, {"Act": inner}))
    document = nodes.add_on_edge(document, Block(block="Act"), ref("head.input"), (0, 0))
    assert edges(document)["head.input"] == "act.y"
    return document.at(("act",))


def test_the_ports_of_a_block_are_renamed_with_its_inputs_and_outputs():
    document = sound(nodes.rename(nodes.rename(in_block(), "x", "wide"), "y", "bent"))
    outside = edges(document.at(()))
    assert outside["act.wide"] == "sum.output"
    assert outside["head.input"] == "act.bent"


def test_the_edges_at_a_block_are_removed_with_its_inputs_and_outputs():
    document = sound(nodes.delete(select(in_block(), "y")))
    assert "head.input" not in edges(document.at(()))
    document = sound(nodes.replace_type(in_block(), "x", TokenInput))
    assert "act.x" in edges(document.at(()))
    document = sound(nodes.replace_type(in_block(), "x", GELU))
    assert "act.x" not in edges(document.at(()))


# -- bypassing and copying ---------------------------------------------------------------------


def test_bypassing_is_toggled():
    once = sound(nodes.bypass(select(START, "drop", "sum")))
    assert once.graph.bypassed == {"drop", "sum"}
    assert source(once) != source(START)
    assert source(nodes.bypass(once)) == source(START)
    assert nodes.bypass(select(once, "drop", "lstm")).graph.bypassed == {"drop", "lstm", "sum"}


def test_inputs_and_outputs_are_not_bypassed():
    for name in ("tokens", "logits"):
        message = f"{name} is an input or output, which cannot be bypassed; deselect it"
        assert refusal(nodes.bypass, select(START, "lstm", name)) == message


def test_without_selected_nodes_commands_on_them_are_refused():
    message = "no node is selected; click one, or drag a box around several"
    for command in (nodes.bypass, nodes.delete_and_reconnect, nodes.detach):
        assert refusal(command, START) == message
    message = "nothing is selected; select nodes, comments or frames to duplicate"
    assert refusal(nodes.duplicate, START, (0, 0)) == message


def test_copies_have_the_edges_between_them():
    document = nodes.bypass(select(START, "drop"))
    document = sound(nodes.duplicate(select(document, "lstm", "drop"), (10, 20)))
    assert selected(document) == {"lstm_2", "drop_2"}
    assert edges(document)["drop_2.input"] == "lstm_2.output"
    assert "lstm_2.input" not in edges(document)
    assert document.graph.bypassed == {"drop", "drop_2"}
    assert document.positions["lstm_2"] == (490.0, 20.0)


def test_copies_may_have_the_sources_of_the_originals():
    document = sound(nodes.duplicate(select(START, "lstm", "sum"), (0, 0), incoming=True))
    assert edges(document)["lstm_2.input"] == "embed.output"
    assert edges(document)["sum_2.terms.0"] == "embed.output"
    assert edges(document)["sum_2.terms.1"] == "drop.output"


def test_a_copied_tie_refers_to_the_copy():
    document = nodes.set_parameter(START, "head", "tie", "embed")
    both = nodes.duplicate(select(document, "embed", "head"), (0, 0))
    assert both.graph.nodes["head_2"].tie == "embed_2"
    one = nodes.duplicate(select(document, "head"), (0, 0))
    assert one.graph.nodes["head_2"].tie == "embed"


def test_copies_of_copies_have_unique_names():
    document = select(nodes.add(Document(), Add(), (0, 0)), "add")
    for count in range(2, 12):
        document = sound(nodes.duplicate(document, (0, 0)))
        assert selected(document) == {f"add_{count}"}


# -- the inside of composites --------------------------------------------------------------------


def test_the_inside_of_a_composite_is_read_only():
    document = nodes.add(Document(), FeedForward(), (0, 0)).at(("feed_forward",))
    for command in (nodes.delete, nodes.delete_and_reconnect, nodes.detach, nodes.bypass):
        assert refusal(command, document) == READ_ONLY
    assert refusal(nodes.add, document, Linear(), (0, 0)) == READ_ONLY
    assert refusal(nodes.move, document, 1, 1) == READ_ONLY
    assert refusal(nodes.rename, document, "up", "down") == READ_ONLY
