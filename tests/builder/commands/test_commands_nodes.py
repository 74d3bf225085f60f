"""Edits of nodes: what each makes of a document, and what it refuses."""

import pytest

from builder.commands import comments, nodes
from builder.document.document import Document, Selection
from nodes.activation import GELU
from nodes.attention import ScaledDotProductAttention
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.io import BlockInput, GraphOutput, TokenInput
from nodes.linear import Linear
from nodes.merge import Add, Split
from nodes.normalization import LayerNorm
from nodes.recurrent import GRU
from nodes.transformer import FeedForward
from tests.builder.desktop import (
    edges,
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
    source,
    told,
)

START = language_model()


# -- adding ------------------------------------------------------------------------------------


def test_a_node_that_is_added_is_named_placed_and_selected():
    document = sound(nodes.add(Document(), Linear(), (10.0, 20.0)))
    assert document.graph.nodes == {"linear": Linear()}
    assert document.positions == {"linear": (10.0, 20.0)}
    assert selected(document) == {"linear"}
    assert [*nodes.add(document, Linear(), (0, 0)).graph.nodes] == ["linear", "linear_2"]


def test_a_name_that_looks_like_another_is_not_given_twice():
    document = nodes.add(Document(), Linear(), (0, 0), "Linear")
    assert selected(sound(nodes.add(document, Linear(), (0, 0)))) == {"linear_2"}
    told = "Linear is there already; choose another name"
    assert refusal(nodes.add, document, Linear(), (0, 0), "LINEAR") == told


def test_a_node_is_appended_where_it_fits():
    document = sound(nodes.append(START, GELU(), "head", (0, 0)))
    assert edges(document)["gelu.input"] == "head.output"
    document = sound(nodes.append(START, GRU(), "lstm", (0, 0)))
    assert edges(document)["gru.input"] == "lstm.output"
    document = sound(nodes.append(START, LayerNorm(), "tokens", (0, 0)))
    assert "layer_norm.input" not in edges(document)
    assert "gelu" in nodes.append(START, GELU(), None, (0, 0)).graph.nodes


def test_a_language_model_is_drawn_by_appending():
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


def test_a_node_is_added_on_an_edge_and_what_follows_makes_room():
    document = sound(nodes.add_on_edge(START, LayerNorm(), ref("drop.input"), (600.0, 0.0)))
    assert edges(document)["layer_norm.input"] == "lstm.output"
    assert edges(document)["drop.input"] == "layer_norm.output"
    assert document.positions["drop"] == (840.0, 0.0)
    assert document.positions["logits"] == (1560.0, 0.0)
    assert document.positions["lstm"] == START.positions["lstm"]


def test_a_node_that_stands_free_is_put_on_an_edge():
    document = nodes.add(START, GELU(), (600.0, 500.0), "act")
    document = sound(nodes.insert(document, "act", ref("head.input")))
    assert edges(document)["act.input"] == "sum.output"
    assert edges(document)["head.input"] == "act.output"
    assert "has edges already" in refusal(nodes.insert, document, "act", ref("lstm.input"))


def test_what_does_not_fit_is_not_put_on_an_edge():
    for node in (TokenInput(), GraphOutput(), START.graph.nodes["embed"]):
        assert "does not fit" in refusal(nodes.add_on_edge, START, node, ref("head.input"), (0, 0))
    assert "no edge ends" in refusal(
        nodes.add_on_edge, START, GELU(), ref("lstm.initial_hidden"), (0, 0)
    )


# -- moving ------------------------------------------------------------------------------------


def test_what_is_selected_is_moved():
    document = sound(nodes.move(select(START, "embed", "lstm"), 10, -20))
    assert document.positions["embed"] == (250.0, -20.0)
    assert document.positions["drop"] == START.positions["drop"]
    assert document.graph is START.graph


def test_a_frame_carries_what_lies_in_it():
    document = comments.frame(select(START, "embed", "lstm"))
    document = comments.comment(document, (300.0, 0.0), "small")
    document = comments.resize(document, "comment", 60, 40)
    document = document.selecting(Selection(comments=frozenset({"frame"})))
    moved = sound(nodes.move(document, 1000, 1000))
    assert moved.positions["lstm"] == (1480.0, 1000.0)
    assert moved.positions["drop"] == START.positions["drop"]
    assert (moved.comments["comment"].x, moved.comments["comment"].y) == (1300.0, 1000.0)
    assert moved.comments["frame"].x == document.comments["frame"].x + 1000


def test_nodes_are_put_at_places_within_the_canvas():
    document = sound(nodes.set_positions(START, {"embed": (1e300, 5.0), "gone": (0, 0)}))
    assert document.positions == {**START.positions, "embed": (1e9, 5.0)}


# -- removing ----------------------------------------------------------------------------------


def test_what_is_selected_is_removed_with_its_edges():
    document = comments.comment(START, (0, 0), "x")
    both = Selection(frozenset({"lstm"}), frozenset({ref("head.input")}), frozenset({"comment"}))
    document = sound(nodes.remove(document.selecting(both)))
    assert edges(document) == {
        "embed.input": "tokens.output",
        "sum.terms.0": "embed.output",
        "sum.terms.1": "drop.output",
        "logits.input": "head.output",
    }
    assert not document.comments
    assert not document.selection
    assert "nothing is selected" in refusal(nodes.remove, document)


def test_what_was_around_nodes_that_are_healed_is_joined():
    document = sound(nodes.delete_and_reconnect(select(START, "lstm", "drop")))
    assert edges(document)["sum.terms.1"] == "embed.output"
    assert told(document) == []


def test_of_two_inputs_the_first_goes_on():
    document = sound(nodes.delete_and_reconnect(select(START, "sum")))
    assert edges(document)["head.input"] == "embed.output"


def test_nothing_goes_on_that_does_not_fit():
    document = sound(nodes.delete_and_reconnect(select(START, "embed")))
    assert "lstm.input" not in edges(document)
    assert "sum.terms.0" not in edges(document)


def test_what_goes_on_is_of_the_same_place_or_else_the_first_that_fits():
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
    healed = edges(sound(nodes.delete_and_reconnect(select(document, "attend"))))
    assert (healed["c.terms.0"], healed["d.terms.0"]) == ("q.output", "k.output")
    document = document.with_graph(document.graph.with_edge(ref("both.second"), ref("c.terms.0")))
    assert edges(nodes.delete_and_reconnect(select(document, "both")))["c.terms.0"] == "q.output"


def test_extracting_closes_the_chain_and_keeps_the_nodes():
    document = sound(nodes.extract(select(START, "lstm", "drop")))
    assert edges(document)["sum.terms.1"] == "embed.output"
    assert edges(document)["drop.input"] == "lstm.output"
    assert "lstm.input" not in edges(document)
    assert [*document.graph.nodes] == [*START.graph.nodes]
    assert document.positions is START.positions


# -- names -------------------------------------------------------------------------------------


def test_a_name_goes_with_edges_place_selection_and_ties():
    document = nodes.set_parameter(select(START, "embed"), "head", "tie", "embed")
    document = sound(nodes.rename(document, "embed", " words "))
    assert edges(document)["words.input"] == "tokens.output"
    assert document.positions["words"] == START.positions["embed"]
    assert selected(document) == {"words"}
    assert document.graph.nodes["head"].tie == "words"
    assert [*document.graph.nodes][1] == "words"


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "two\nlines", "LSTM", "x" * 201, "\ud800"])
def test_a_name_that_no_file_holds_is_refused(name):
    assert refusal(nodes.rename, START, "embed", name)


def test_a_name_may_change_its_letters():
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


def test_the_ports_of_a_block_are_renamed_with_the_ends_of_its_graph():
    document = sound(nodes.rename(nodes.rename(in_block(), "x", "wide"), "y", "bent"))
    outside = edges(document.at(()))
    assert outside["act.wide"] == "sum.output"
    assert outside["head.input"] == "act.bent"


def test_the_edges_at_a_block_go_with_the_ends_of_its_graph():
    document = sound(nodes.remove(select(in_block(), "y")))
    assert "head.input" not in edges(document.at(()))
    document = sound(nodes.replace_type(in_block(), "x", TokenInput))
    assert "act.x" in edges(document.at(()))
    document = sound(nodes.replace_type(in_block(), "x", GELU))
    assert "act.x" not in edges(document.at(()))


# -- bypassing and copying ---------------------------------------------------------------------


def test_bypassing_is_switched_on_and_off():
    once = sound(nodes.bypass(select(START, "drop", "sum")))
    assert once.graph.bypassed == {"drop", "sum"}
    assert source(once) != source(START)
    assert source(nodes.bypass(once)) == source(START)
    assert nodes.bypass(select(once, "drop", "lstm")).graph.bypassed == {"drop", "lstm", "sum"}


def test_the_ends_of_a_graph_are_not_bypassed():
    for name in ("tokens", "logits"):
        assert "cannot be passed over" in refusal(nodes.bypass, select(START, "lstm", name))
    assert "no node is selected" in refusal(nodes.bypass, START)


def test_copies_have_the_edges_between_them():
    document = nodes.bypass(select(START, "drop"))
    document = sound(nodes.duplicate(select(document, "lstm", "drop"), (10, 20)))
    assert selected(document) == {"lstm_2", "drop_2"}
    assert edges(document)["drop_2.input"] == "lstm_2.output"
    assert "lstm_2.input" not in edges(document)
    assert document.graph.bypassed == {"drop", "drop_2"}
    assert document.positions["lstm_2"] == (490.0, 20.0)


def test_copies_may_be_fed_by_what_feeds_the_originals():
    document = sound(nodes.duplicate(select(START, "lstm", "sum"), (0, 0), incoming=True))
    assert edges(document)["lstm_2.input"] == "embed.output"
    assert edges(document)["sum_2.terms.0"] == "embed.output"
    assert edges(document)["sum_2.terms.1"] == "drop.output"


def test_a_copy_that_is_tied_is_tied_to_the_copy():
    document = nodes.set_parameter(START, "head", "tie", "embed")
    both = nodes.duplicate(select(document, "embed", "head"), (0, 0))
    assert both.graph.nodes["head_2"].tie == "embed_2"
    one = nodes.duplicate(select(document, "head"), (0, 0))
    assert one.graph.nodes["head_2"].tie == "embed"


def test_copies_of_copies_have_names_of_their_own():
    document = select(nodes.add(Document(), Add(), (0, 0)), "add")
    for count in range(2, 12):
        document = sound(nodes.duplicate(document, (0, 0)))
        assert selected(document) == {f"add_{count}"}


# -- what can only be looked at ------------------------------------------------------------------


def test_the_inside_of_a_composite_is_not_edited():
    document = nodes.add(Document(), FeedForward(), (0, 0)).at(("feed_forward",))
    for command in (nodes.remove, nodes.delete_and_reconnect, nodes.extract, nodes.bypass):
        assert "can only be looked at" in refusal(command, document)
    assert "looked at" in refusal(nodes.add, document, Linear(), (0, 0))
    assert "looked at" in refusal(nodes.move, document, 1, 1)
    assert "looked at" in refusal(nodes.rename, document, "up", "down")
