"""The inspector shows what is selected as fields, and enters what is typed or says why not."""

from itertools import pairwise

import pytest

from builder.canvas.active_graph import show
from builder.document.document import Document, Selection
from builder.panels.cost_model import CostModel
from builder.panels.form_model import Control, FormModel, number, plural
from builder.panels.inspector_model import inspect
from builder.panels.parameter_fields import DIFFER, parameter_docs
from codegen.check import check
from nodes.attention import SplitHeads
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Comment, Graph, Hyperparameter, Model, PortRef
from nodes.dropout import Dropout
from nodes.embedding import Embedding
from nodes.io import GraphOutput, TokenInput
from nodes.linear import Linear
from nodes.recurrent import LSTM, RNN


def graph(**nodes) -> Graph:
    made = Graph({"tokens": TokenInput(), **nodes, "logits": GraphOutput()})
    names = list(made.nodes)
    for before, after in pairwise(names):
        source = PortRef(before, made.nodes[before].outputs[0].name)
        made = made.with_edge(source, PortRef(after, made.nodes[after].inputs[0].name))
    return made


MODEL = Model(
    "Little",
    graph(
        embed=Embedding(num_embeddings="vocab", embedding_dim="4 * width"),
        lstm=LSTM(hidden_size=32, dropout="drop", num_layers=2),
        head=Linear(out_features=10),
        more=Linear(),
    ),
    hyperparameters={
        "vocab": Hyperparameter(50),
        "width": Hyperparameter(16),
        "drop": Hyperparameter(0.25),
        "bend": Hyperparameter("relu"),
    },
)


def sheet(document: Document) -> FormModel:
    report = check(document.model)
    shown = show(document, report)
    return inspect(document, shown, report, CostModel().rows(document.model, shown.checked))


def selecting(*names: str, model: Model = MODEL) -> Document:
    return Document(model, selection=Selection.of(*names))


def field(document: Document, key: str):
    return next(one for one in sheet(document).fields if one.key == key)


def entered(document: Document, key: str, text) -> Document:
    changed, reason = field(document, key).enter(document, text)
    assert reason == ""
    return changed


def node(document: Document, name: str):
    return document.graph.nodes[name]


# -- what a sheet shows ----------------------------------------------------------------------------


def test_a_node_has_a_field_for_its_name_and_each_parameter():
    keys = [one.key for one in sheet(selecting("lstm")).fields]
    assert keys == ["name", *LSTM.model_fields]


def test_how_often_a_block_is_repeated_stands_last():
    model = Model(graph=Graph({"inner": Block(block="Inner")}), blocks={"Inner": Graph()})
    keys = [one.key for one in sheet(selecting("inner", model=model)).fields]
    assert keys == ["name", "block", "repeat", "share"]


def test_an_expression_is_shown_as_written_with_its_value_beside_it():
    size = field(selecting("embed"), "embedding_dim")
    assert (size.value, size.note) == ("4 * width", "= 64")


def test_a_named_number_is_shown_with_its_value_beside_it():
    assert (field(selecting("lstm"), "dropout")).note == "= 0.25"


def test_a_plain_number_has_nothing_beside_it():
    assert field(selecting("lstm"), "hidden_size").note == ""


def test_a_parameter_without_a_value_is_empty_and_hints_at_that():
    out = field(selecting("more"), "out_features")
    assert (out.value, out.hint) == ("", "none")


def test_a_flag_is_checked_and_a_choice_is_chosen():
    assert field(selecting("lstm"), "bias").control is Control.CHECK
    assert field(selecting("tokens"), "length").choices == ("T", "S")


def test_a_choice_offers_the_hyperparameters_that_hold_one_of_its_names():
    model = Model(graph=graph(rnn=RNN()), hyperparameters=MODEL.hyperparameters)
    bend = field(selecting("rnn", model=model), "nonlinearity")
    assert bend.choices == ("tanh", "relu", "bend")


def test_a_weight_can_be_tied_to_the_others_that_share():
    assert field(selecting("head"), "tie").choices == ("", "embed", "more")


def test_ports_tell_what_arrives_and_what_leaves():
    listed = [(one.name, one.shape, one.far) for one in sheet(selecting("head")).ports]
    assert listed == [
        ("input", "(B, T, 32)", "from lstm.output"),
        ("output", "(B, T, 10)", "to 1 input"),
    ]


def test_a_port_that_may_stay_open_says_so():
    far = {one.name: one.far for one in sheet(selecting("lstm")).ports}
    assert far["initial_hidden"] == "optional"


def test_a_node_tells_what_it_costs():
    assert sheet(selecting("head")).facts[0] == "330 parameters"


def test_a_node_that_waits_tells_for_which():
    model = MODEL.edit("", lambda one: one.with_node("embed", Embedding(embedding_dim="nobody")))
    assert sheet(selecting("head", model=model)).facts == ("waits for embed",)


def test_a_wrong_parameter_is_explained_at_its_field_and_only_there():
    model = MODEL.edit("", lambda one: one.with_node("embed", Embedding(embedding_dim="nobody")))
    document = selecting("embed", model=model)
    assert (
        field(document, "embedding_dim").wrong
        == "expected the name of a hyperparameter, got nobody"
    )
    assert sheet(document).problems == ()


def test_another_problem_of_a_node_stands_on_its_sheet():
    model = MODEL.edit("", lambda one: one.without_edge(PortRef("head", "input")))
    (problem,) = sheet(selecting("head", model=model)).problems
    assert problem.where.port == "input"


# -- entering --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key", "text", "value"),
    [
        ("lstm", "hidden_size", "64", 64),
        ("lstm", "dropout", "0.5", 0.5),
        ("lstm", "bidirectional", True, True),
        ("tokens", "length", "S", "S"),
        ("head", "tie", "embed", "embed"),
        ("head", "tie", "", ""),
    ],
)
def test_what_is_entered_becomes_the_parameter(name, key, text, value):
    assert getattr(node(entered(selecting(name), key, text), name), key) == value


def test_an_emptied_field_goes_back_to_the_default():
    assert node(entered(selecting("head"), "out_features", ""), "head").out_features is None
    assert node(entered(selecting("lstm"), "hidden_size", ""), "lstm").hidden_size == 128


def test_a_wrong_value_is_refused_with_the_reason():
    document = selecting("lstm")
    changed, reason = field(document, "hidden_size").enter(document, "12/")
    assert changed is None
    assert "write // for floor division" in reason


def test_a_name_that_is_taken_is_refused_and_a_free_one_is_given():
    document = selecting("lstm")
    assert field(document, "name").enter(document, "head")[0] is None
    assert "cell" in entered(document, "name", "cell").graph.nodes


def test_nodes_of_one_type_are_changed_together():
    document = entered(selecting("head", "more"), "bias", False)
    assert (node(document, "head").bias, node(document, "more").bias) == (False, False)


def test_fields_in_which_nodes_differ_say_so():
    out = field(selecting("head", "more"), "out_features")
    assert (out.value, out.note) == ("", DIFFER)


def test_one_wrong_value_for_several_nodes_changes_none():
    document = selecting("head", "more")
    assert field(document, "out_features").enter(document, "-1")[0] is None


def test_the_step_says_what_was_set_where():
    assert field(selecting("lstm"), "bias").step == "Set bias of lstm"
    assert field(selecting("head", "more"), "bias").step == "Set bias of 2 nodes"


# -- other things that are selected ----------------------------------------------------------------


def test_nothing_selected_shows_the_model():
    shown = sheet(Document(MODEL))
    assert (shown.title, shown.hyperparameters) == ("Little", True)
    assert [one.key for one in shown.fields] == ["name", "initialization", "notes"]


def test_the_model_is_renamed_and_described():
    document = entered(Document(MODEL), "name", "Bigger")
    document = entered(document, "notes", "Once upon a time\nthere was a model.")
    assert document.model.name == "Bigger"
    assert document.model.notes == "Once upon a time\nthere was a model."


def test_an_edge_tells_its_ends_and_its_shape():
    target = PortRef("head", "input")
    shown = sheet(Document(MODEL, selection=Selection(edges=frozenset({target}))))
    assert shown.facts == (
        "from  lstm.output",
        "to  head.input",
        "carries  features",
        "shape  (B, T, 32)",
    )


def test_the_text_of_a_comment_is_written():
    model = Model(comments={"": {"note": Comment("old", 0, 0, 100, 50)}})
    document = Document(model, selection=Selection(comments=frozenset({"note"})))
    assert entered(document, "text", "new").comments["note"].text == "new"


def test_nodes_of_several_types_are_counted():
    assert sheet(selecting("head", "lstm", "more")).title == "3 nodes"


def test_the_inside_of_a_composite_can_be_read_but_not_changed():
    mha = node_types()["MultiHeadAttention"](num_heads=4)
    model = Model(graph=graph(embed=Embedding(), attention=mha))
    document = Document(model, ("attention",), Selection.of("split_heads_1"))
    shown = sheet(document)
    assert (shown.title, shown.subtitle) == ("split_heads_1", SplitHeads.__name__)
    assert (shown.fields, shown.facts[0]) == ((), "num_heads  4")


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n, one in node_types().items() if one.model_fields])
def test_every_parameter_of_every_node_is_explained(name):
    docs = parameter_docs(node_types()[name])
    assert {key for key in node_types()[name].model_fields if not docs.get(key)} == set()


def test_the_manual_of_a_parameter_is_read_over_its_lines():
    assert parameter_docs(LSTM)["dropout"] == (
        "how likely a number that goes from layer to layer is set to zero while training."
    )
    assert parameter_docs(GraphOutput) == {}
    assert parameter_docs(Dropout).keys() == {"p"}


def test_numbers_are_written_to_be_read():
    assert [number(one) for one in (0, 9_456_384, 2_410_000_000, 3 * 10**12)] == [
        "0",
        "9,456,384",
        "2.41 G",
        "3 T",
    ]


def test_things_are_counted_with_the_right_ending():
    assert [plural(count, "node") for count in (0, 1, 1200)] == ["0 nodes", "1 node", "1,200 nodes"]
