"""Commands on the whole model: hyperparameters, name, initialization and remedies."""

from dataclasses import replace

import pytest

from builder.commands import blocks, edges, model_settings, nodes
from builder.document.document import Document
from codegen.check import check
from codegen.check.model_remedies import SetHyperparameter
from codegen.check.remedy import AddNode, Insert, RemoveNode, SetParameter
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.feed_forward import FeedForward
from tests.builder.documents import edges as drawn
from tests.builder.documents import (
    errors,
    language_model,
    ref,
    refusal,
    select,
    selected,
    sound,
)

START = language_model()


# -- hyperparameters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [("128", 128), (" 0.1", 0.1), ("true", True), ("gelu", "gelu"), ("1e-3", 1e-3), (7, 7)],
)
def test_a_hyperparameter_is_parsed_from_text(typed, value):
    document = sound(model_settings.set_hyperparameter(START, "fresh", typed, " in  words "))
    found = document.model.hyperparameters["fresh"]
    assert (found.value, type(found.value)) == (value, type(value))
    assert found.doc == "in words"


def test_another_value_keeps_the_description():
    document = sound(model_settings.set_hyperparameter(START, "width", "32"))
    assert document.model.hyperparameters["width"] == Hyperparameter(32, "of everything")
    assert [*document.model.hyperparameters] == ["width", "rate"]


@pytest.mark.parametrize("name", ["", "1d", "d-model", "e\u0301\u00d7", "a" * 65, "a.b"])
def test_a_hyperparameter_has_the_name_of_a_variable(name):
    got = repr(name.replace("e\u0301", "\u00e9")) if name else "nothing"
    message = (
        f"expected a name of letters, digits and underscores that begins with a letter, got {got}"
    )
    assert refusal(model_settings.set_hyperparameter, START, name, "1") == message
    assert refusal(model_settings.rename_hyperparameter, START, "width", name) == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "expected a number, true, false or a word, got nothing"),
        ("none", "expected a number, true, false or a word, got nothing"),
        (None, "expected a number, true, false or a word, got nothing"),
        ([1], "expected a number, true, false or a word, got [1]"),
        *(
            (value, f"expected a number of magnitude below 2**53, got {got}; use a smaller one")
            for value, got in (
                (float("nan"), "nan"),
                (float("-inf"), "-inf"),
                ("1e999", "inf"),
                ("9" * 17, "9" * 17),
                (-(2**53), "-9007199254740992"),
            )
        ),
    ],
)
def test_an_invalid_value_is_refused(value, message):
    assert refusal(model_settings.set_hyperparameter, START, "width", value) == message


def test_renaming_a_hyperparameter_changes_all_references():
    inner = Graph({"drop": Dropout(p="rate"), "wide": Linear(out_features="width * width_2")})
    known = {**START.model.hyperparameters, "width_2": Hyperparameter(2)}
    recipe = LanguageModelling(vocabulary="width")
    start = Document(Model("m", START.graph, {"B": inner}, known, recipe=recipe))
    document = sound(model_settings.rename_hyperparameter(start, "width", "d_model"))
    document = sound(model_settings.rename_hyperparameter(document, "rate", "p"))
    model = document.model
    assert [*model.hyperparameters] == ["d_model", "p", "width_2"]
    assert str(model.graph.nodes["lstm"].hidden_size) == "d_model"
    assert model.blocks["B"].nodes["wide"] == Linear(out_features="d_model * width_2")
    assert model.blocks["B"].nodes["drop"] == Dropout(p="p")
    assert model.recipe.vocabulary == "d_model"


def test_a_taken_name_and_an_unknown_hyperparameter_are_refused():
    rename = model_settings.rename_hyperparameter
    message = "the name rate is taken; choose another name"
    assert refusal(rename, START, "width", "rate") == message
    message = "the hyperparameter gone does not exist"
    assert refusal(rename, START, "gone", "rate2") == message
    assert refusal(model_settings.remove_hyperparameter, START, "gone") == message
    assert model_settings.rename_hyperparameter(START, "width", "width") is START


def test_a_hyperparameter_in_use_is_not_removed():
    message = (
        "width is used by embed.embedding_dim, lstm.hidden_size; change the values there first"
    )
    assert refusal(model_settings.remove_hyperparameter, START, "width") == message
    document = nodes.duplicate(select(START, "embed", "lstm"), (0, 0))
    document = replace(
        document, model=replace(document.model, recipe=LanguageModelling(vocabulary="width"))
    )
    message = (
        "width is used by embed.embedding_dim, lstm.hidden_size, embed_2.embedding_dim and 2 more; "
        "change the values there first"
    )
    assert refusal(model_settings.remove_hyperparameter, document, "width") == message
    document = blocks.group(select(START, "lstm"), "Core")
    message = (
        "width is used by embed.embedding_dim, Core/lstm.hidden_size; change the values there first"
    )
    assert refusal(model_settings.remove_hyperparameter, document, "width") == message
    document = nodes.set_parameter(START, "drop", "p", "0.1")
    document = sound(model_settings.remove_hyperparameter(document, "rate"))
    assert [*document.model.hyperparameters] == ["width"]


# -- the model ---------------------------------------------------------------------------------


def test_the_model_is_renamed():
    assert sound(model_settings.rename_model(START, " My model ")).model.name == "My model"
    for name in ("", " ", "a\nb", "x" * 201):
        assert "a name" in refusal(model_settings.rename_model, START, name)


def test_the_initialization_is_one_of_those_known():
    assert (
        sound(model_settings.set_initialization(START, "normal")).model.initialization == "normal"
    )
    message = "expected torch or normal, got 'random'"
    assert refusal(model_settings.set_initialization, START, "random") == message


# -- remedies ----------------------------------------------------------------------------------


def test_a_node_added_by_a_remedy_lies_between_its_neighbours():
    document = nodes.add(START, Linear(out_features=7), (720.0, 0.0), "narrow")
    document = edges.reconnect(document, ref("drop.input"), ref("narrow.input"))
    document = edges.connect(document, ref("narrow.output"), ref("drop.input"))
    (problem,) = check(document.model).errors
    insert = next(remedy for remedy in problem.remedies if isinstance(remedy, Insert))
    fixed = sound(model_settings.apply_remedy(document, insert))
    assert errors(fixed) == []
    (name,) = selected(fixed)
    before, after = drawn(fixed)[f"{name}.input"], fixed.positions["sum"]
    assert before == "drop.output"
    assert fixed.positions["drop"][0] < fixed.positions[name][0] < after[0]


def test_nodes_added_by_remedies_do_not_overlap():
    document = Document()
    for remedy in (
        AddNode("", "TokenInput"),
        AddNode("", "FeatureInput"),
        AddNode("", "Embedding", (), ref("token_input.output")),
        AddNode("", "GraphOutput", (), ref("embedding.output")),
        AddNode("", "GraphOutput", (), ref("embedding.output")),
    ):
        document = sound(model_settings.apply_remedy(document, remedy))
    positions = [*document.positions.values()]
    assert len({*positions}) == len(positions) == 5
    apart = [
        (abs(a[0] - b[0]), abs(a[1] - b[1])) for a in positions for b in positions if a is not b
    ]
    assert all(across >= 180 or down >= 90 for across, down in apart)


def test_remedies_fix_all_problems_of_a_simple_graph():
    document = nodes.add(Document(), Embedding(embedding_dim="d"), (0.0, 0.0))
    document = nodes.append(document, Linear(), "embedding", (240.0, 0.0))
    for _ in range(5):
        problems = [error for error in check(document.model).errors if error.remedies]
        if problems:
            document = sound(model_settings.apply_remedy(document, problems[0].remedies[0]))
    assert errors(document) == []


def test_a_remedy_in_another_graph_is_applied_there():
    inner = Graph({"x": BlockInput(), "y": GraphOutput(), "extra": BlockInput()})
    inner = inner.with_edge(ref("x.output"), ref("y.input"))
    model = Model("m", START.graph, {"B": inner}, START.model.hyperparameters)
    document = nodes.add_on_edge(Document(model), Block(block="B"), ref("head.input"), (0, 0))
    document = edges.connect(document, ref("embed.output"), ref("b.extra"))
    document = sound(
        model_settings.apply_remedy(select(document, "lstm"), RemoveNode("B", "extra"))
    )
    assert "b.extra" not in drawn(document)
    document = sound(
        model_settings.apply_remedy(document, AddNode("B", "GELU", (), ref("x.output")))
    )
    assert "gelu" in document.model.layout["B"]
    assert selected(document) == {"lstm"}


def test_a_remedy_applied_inside_a_composite_selects_nothing():
    document = nodes.add(START, FeedForward(), (0, 0), "ffn").at(("ffn",))
    document = model_settings.apply_remedy(document, AddNode("", "GELU"))
    assert "gelu" in document.graph.nodes
    assert not document.selection


def test_an_outdated_remedy_is_refused():
    for remedy in (
        Insert("", ref("gone.input"), "Linear"),
        SetParameter("", "gone", "p", 1),
        SetParameter("", "drop", "p", 5),
        RemoveNode("Gone", "x"),
    ):
        message = "the model has changed since this fix was offered; select the problem again"
        assert refusal(model_settings.apply_remedy, START, remedy) == message
    assert (
        model_settings.apply_remedy(START, SetHyperparameter("width", 8)).model.values["width"] == 8
    )
