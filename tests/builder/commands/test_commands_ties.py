"""Ties and hyperparameters under edits: what a node means stays, or a notice names what changed."""

import json
from dataclasses import replace

import pytest

from builder.commands import blocks, copy_paste, model_settings, nodes
from builder.document.document import Document, Selection
from builder.document.store import Store
from codegen.check import check
from codegen.check.remedy import RemoveNode
from codegen.compile import compile_model
from codegen.cost import total
from examples.build import EXAMPLES
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.recurrent.lstm import LSTM
from tests.builder.documents import refusal, select, selected, sound
from tests.builder.editors import an_editor

SIZES = {"B": 1, "T": 4, "S": 4}
WORD = "embed"


def tied_model(**tied: str) -> Document:
    """Build a model with an embedding, and with heads that are tied to others by name."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    value = builder.add(WORD, Embedding(num_embeddings=32, embedding_dim="width"), tokens)
    value = builder.add("lstm", LSTM(hidden_size="width"), value)
    for name, other in tied.items():
        head = builder.add(name, Linear(out_features=32, bias=False, tie=other), value)
        builder.add(f"{name} out", GraphOutput(), head)
    return Document(Model(graph=builder.build(), hyperparameters={"width": Hyperparameter(8)}))


def ties(document: Document) -> dict[str, str]:
    return {name: node.tied_to for name, node in document.graph.nodes.items() if node.tied_to}


def parameters(document: Document) -> int:
    main = check(document.model).main
    assert main is not None
    return total(document.model, main, SIZES).parameters


def pasted(source: Document, target: Document, *names: str) -> Document:
    return sound(copy_paste.paste(target, copy_paste.copy(select(source, *names)), (0.0, 0.0)))


# -- deleting ------------------------------------------------------------------------------------

REMOVALS = {
    "delete": lambda document, name: nodes.delete(select(document, name)),
    "delete and reconnect": lambda d, name: nodes.delete_and_reconnect(select(d, name)),
    "remedy": lambda d, name: model_settings.apply_remedy(d, RemoveNode("", name)),
    "replace": lambda document, name: nodes.replace_type(document, name, GELU()),
}


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_removing_a_node_names_the_node_that_is_tied_to_it(remove):
    document = remove(tied_model(head=WORD), WORD)
    assert ties(document) == {}
    assert "head has a weight of its own now, as embed no longer has one" in document.notices


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_nodes_that_shared_the_weight_of_a_removed_node_share_one_still(remove):
    document = remove(tied_model(head=WORD, tail=WORD, tip="tail"), WORD)
    assert ties(document) == {"tail": "head", "tip": "tail"}
    assert "tail shares the weight of head now, instead of embed" in document.notices


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_a_tie_through_a_removed_node_leads_to_the_node_behind_it(remove):
    document = tied_model(head=WORD, tail="head", tip="tail")
    removed = remove(document, "head")
    assert ties(removed) == {"tail": WORD, "tip": "tail"}
    both = nodes.delete(select(document, "head", "tail"))
    assert ties(both) == {"tip": WORD}


def test_ties_in_a_circle_end():
    document = tied_model(head="tail", tail="head", tip="head")
    assert ties(nodes.delete(select(document, "tail"))) == {"tip": "head"}
    assert ties(nodes.delete(select(document, "head", "tail"))) == {}


def test_deleting_all_nodes_that_share_a_weight_needs_no_notice():
    document = tied_model(head=WORD)
    assert nodes.delete(select(document, WORD, "head")).notices == ()
    assert nodes.delete(select(document, "head")).notices == ()


def test_undo_restores_a_tie():
    store = Store(tied_model(head=WORD))
    shown = []
    store.notice_listeners.append(shown.append)
    store.commit("Delete", nodes.delete(select(store.document, WORD)))
    assert shown == [("head has a weight of its own now, as embed no longer has one",)]
    assert store.committed.notices == ()
    store.undo()
    assert ties(store.document) == {"head": WORD}


# -- names that come to mean another node --------------------------------------------------------


def test_a_new_node_that_a_tie_names_already_is_reported():
    document = tied_model(head="gone")
    notice = ("head shares the weight of gone now, which had none before",)
    assert nodes.add(document, Linear(), (0, 0), "gone").notices == notice
    assert nodes.rename(document, WORD, "gone").notices == notice
    assert nodes.replace_type(nodes.add(document, GELU(), (0, 0), "gone"), "gone", Linear()).notices


def test_renaming_a_node_changes_the_ties_to_it():
    document = nodes.rename(tied_model(head=WORD), WORD, "слова")
    assert ties(document) == {"head": "слова"}
    assert document.notices == ()


def test_a_wrong_tie_in_a_block_does_not_mean_a_node_outside():
    document = blocks.group(select(tied_model(head="gone"), "head"), "Head")
    (placed,) = selected(document)
    document = nodes.rename(document, WORD, "gone")
    assert document.notices == ()
    document = blocks.ungroup(document, placed)
    assert ties(document) == {}
    assert document.notices == (
        f"head is not tied to gone any more: {placed} has no such node inside",
    )


def test_a_group_that_would_split_a_tie_is_refused():
    message = "head shares the weight of embed; select both, or neither of them"
    assert refusal(blocks.group, select(tied_model(head=WORD), "head"), "B") == message


def test_grouping_and_ungrouping_keep_ties_and_weights():
    document = tied_model(head=WORD, tail="head")
    before = parameters(document)
    grouped = blocks.group(select(document, WORD, "lstm", "head", "tail"), "Core")
    assert parameters(grouped) == before
    (placed,) = selected(grouped)
    again = blocks.ungroup(grouped, placed)
    assert ties(again) == ties(document)
    assert (parameters(again), again.notices) == (before, ())


# -- pasting and duplicating ---------------------------------------------------------------------


def test_a_copy_is_never_tied_to_another_node_of_the_same_name():
    stranger = tied_model(tail="")
    document = pasted(tied_model(head=WORD), stranger, "head")
    assert selected(document) == {"head"}
    assert ties(document) == {}
    assert document.notices == (
        "head has a weight of its own: embed, whose weight head shares, is in another graph; "
        "copy both to keep the tie",
    )


def test_nodes_that_are_copied_together_stay_tied():
    document = pasted(tied_model(head=WORD), tied_model(), WORD, "head")
    assert ties(document) == {"head": "embed_2"}
    assert document.notices == ()


@pytest.mark.parametrize("copy", ["duplicate", "paste"])
def test_a_copy_in_the_same_graph_stays_tied(copy):
    document = tied_model(head=WORD)
    if copy == "paste":
        document = pasted(document, nodes.rename(document, "lstm", "core"), "head")
    else:
        document = nodes.duplicate(select(document, "head"), (0.0, 100.0))
    assert ties(document) == {"head": WORD, "head_2": WORD}
    assert document.notices == ()


def deleted_and_added(document: Document) -> Document:
    rest = nodes.delete(select(document, WORD))
    return nodes.add(rest, document.graph.nodes[WORD], (0.0, 0.0), WORD)


def renamed_and_added(document: Document) -> Document:
    return nodes.add(nodes.rename(document, WORD, "first"), Embedding(), (0.0, 0.0), WORD)


CHANGES = {
    "deleted": lambda document: nodes.delete(select(document, WORD)),
    "another in its place": deleted_and_added,
    "renamed": lambda document: nodes.rename(document, WORD, "first"),
    "renamed, another in its place": renamed_and_added,
    "of another size": lambda document: nodes.set_parameter(document, WORD, "num_embeddings", 9),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_copy_is_not_tied_to_a_node_that_has_changed(change):
    document = tied_model(head=WORD)
    document = pasted(document, replace(change(document), notices=()), "head")
    assert "head_2" not in ties(document)
    (notice,) = document.notices
    assert notice.startswith("head_2 has a weight of its own: embed, whose weight head shares, has")


def test_a_copy_in_a_block_of_the_same_model_is_not_tied_to_a_node_outside():
    document = blocks.group(select(tied_model(head=WORD), "lstm"), "Core")
    inside = document.at(tuple(document.selection.nodes))
    inside = nodes.add(inside, Embedding(), (0.0, 0.0), WORD)
    after = pasted(document, inside, "head")
    assert ties(after) == {}
    assert len(after.notices) == 1


def test_a_text_of_an_older_version_is_not_tied_by_name():
    document = tied_model(head=WORD)
    entries = json.loads(copy_paste.copy(select(document, "head")))
    old = json.dumps({key: entries[key] for key in ("wireformer-nodes", "model", "incoming")})
    assert ties(copy_paste.paste(document, old, (0.0, 0.0))) == {"head": WORD}


def test_edges_from_nodes_that_were_not_copied_are_pasted_in_the_same_graph_only():
    document = tied_model(head="")
    text = copy_paste.copy(select(document, "head"))
    same = copy_paste.paste(document, text, (0.0, 0.0), True)
    assert same.graph.sources["head_2"]
    other = copy_paste.paste(tied_model(), text, (0.0, 0.0), True)
    assert not other.graph.sources["head"]
    assert other.notices == ("head.input is not connected: lstm.output is in another graph",)


@pytest.mark.parametrize("build", EXAMPLES)
def test_a_whole_model_pasted_into_an_empty_document_is_the_same_model(build):
    model = replace(build(), recipe=None)
    text = copy_paste.copy(select(Document(model), *model.graph.nodes))
    document = sound(copy_paste.paste(Document(Model(name=model.name)), text, (0.0, 0.0)))
    used = document.model.hyperparameters
    assert used == {name: model.hyperparameters[name] for name in used}
    assert document.model.initialization == model.initialization
    notes = replace(document.model.graph, notes=model.graph.notes)
    assert (
        compile_model(replace(document.model, graph=notes)).source
        == compile_model(replace(model, hyperparameters=used)).source
    )


# -- hyperparameters -----------------------------------------------------------------------------


def with_width(value: object, doc: str = "") -> Document:
    hyperparameters = {} if value is None else {"width": Hyperparameter(value, doc)}
    graph = Graph({"lstm": LSTM(hidden_size="width")})
    return Document(Model(graph=graph, hyperparameters=hyperparameters))


@pytest.mark.parametrize(
    ("there", "here", "value", "notices"),
    [
        (16, 16, 16, ()),
        (16, 8, 8, ("width is 8 here, and was 16 where the nodes were copied",)),
        (16, "gelu", "gelu", ("width is 'gelu' here, and was 16 where the nodes were copied",)),
        (1, True, True, ("width is True here, and was 1 where the nodes were copied",)),
        (16, None, 16, ("added the hyperparameters width = 16",)),
        (None, 8, 8, ("width is 8 here, and did not exist where the nodes were copied",)),
        (
            None,
            None,
            None,
            ("width exists neither here nor where the nodes were copied; add it",),
        ),
    ],
)
def test_a_hyperparameter_of_pasted_nodes(there, here, value, notices):
    document = pasted(with_width(there, "of all"), with_width(here), "lstm")
    assert document.model.values.get("width") == value
    assert document.notices == notices


def test_a_pasted_hyperparameter_keeps_its_description():
    document = pasted(with_width(16, "of all"), Document(), "lstm")
    assert document.model.hyperparameters == {"width": Hyperparameter(16, "of all")}


@pytest.mark.parametrize(("target", "initialization"), [(Document(), "normal"), (None, "torch")])
def test_only_an_empty_document_takes_over_the_initialization(target, initialization):
    source = model_settings.set_initialization(with_width(16), "normal")
    document = pasted(source, target or with_width(16), "lstm")
    assert document.model.initialization == initialization
    notice = "weights are initialized by torch here, and by normal where the nodes were copied"
    assert (notice in document.notices) == (target is None)


def test_a_block_that_is_pasted_under_another_name_is_reported():
    here = blocks.group(select(tied_model(), "lstm"), "Core")
    (placed,) = selected(here)
    there = nodes.set_parameter(here.at((placed,)), "lstm", "num_layers", 2).at(())
    document = pasted(there, here, placed)
    assert document.notices == ("the block Core is pasted as Core 2, as the one here differs",)


def test_new_meanings_of_names_that_did_not_exist_are_reported():
    document = with_width(None)
    document = model_settings.set_hyperparameter(document, "size", 8)
    renamed = model_settings.rename_hyperparameter(document, "size", "width")
    assert renamed.notices == ("lstm.hidden_size: width exists now",)


def test_a_hyperparameter_of_any_script_is_renamed_in_expressions():
    document = with_width(16)
    document = nodes.set_parameter(document, "lstm", "hidden_size", "2 * width + 1")
    document = model_settings.rename_hyperparameter(document, "width", "ширина")
    assert str(document.graph.nodes["lstm"].hidden_size) == "2 * ширина + 1"
    document = sound(model_settings.rename_hyperparameter(document, "ширина", "宽度"))
    assert str(document.graph.nodes["lstm"].hidden_size) == "2 * 宽度 + 1"
    assert document.notices == ()


# -- other losses --------------------------------------------------------------------------------


def test_replacing_a_node_names_the_parameters_and_edges_that_are_lost():
    document = nodes.replace_type(tied_model(), "lstm", GELU())
    assert document.notices == ("lstm is replaced without hidden_size",)
    document = nodes.replace_type(tied_model(), "lstm", TokenInput())
    assert "the edge from embed.output" in document.notices[0]


def test_edges_that_an_edit_of_a_block_removes_elsewhere_are_named():
    document = blocks.group(select(tied_model(), "lstm"), "Core")
    (placed,) = selected(document)
    inside = document.at((placed,))
    (port,) = inside.graph.input_nodes
    document = nodes.delete(inside.selecting(Selection.of(port)))
    assert document.notices == (
        f"edges removed from the main graph: embed.output to {placed}.{port}",
    )


def test_nodes_that_ungrouping_leaves_out_are_named():
    document = blocks.group(select(tied_model(), "lstm"), "Core")
    (placed,) = selected(document)
    cut = replace(document.graph, edges={})
    document = blocks.ungroup(document.with_graph(cut), placed)
    assert document.notices == ("left out, as their inputs are not connected: lstm",)


@pytest.mark.parametrize("count", [3, 10, 14])
def test_the_notices_of_one_command_are_one_notification(tmp_path, count):
    heads = {f"head{number}": WORD for number in range(count)}
    editor = an_editor(tmp_path, tied_model(**heads).model)
    editor.store.select(Selection.of(WORD))
    editor.run_command("Delete", nodes.delete)
    (shown,) = editor.view_state.notifications
    lines = shown.text.split("\n")
    assert (
        lines[:10]
        == [
            "head0 has a weight of its own now, as embed no longer has one",
            *(f"head{n} shares the weight of head0 now, instead of embed" for n in range(1, count)),
        ][:10]
    )
    assert lines[10:] == (["and 4 more"] if count == 14 else [])


def test_notices_are_shown_in_the_window(tmp_path):
    editor = an_editor(tmp_path, tied_model(head=WORD).model)
    editor.store.select(Selection.of(WORD))
    editor.run_command("Delete", nodes.delete)
    (shown,) = editor.view_state.notifications
    assert shown.text == "head has a weight of its own now, as embed no longer has one"
    editor.store.undo()
    assert ties(editor.document) == {"head": WORD}
