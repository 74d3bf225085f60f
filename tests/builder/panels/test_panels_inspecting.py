"""The inspector: the fields of the selection, and entering values."""

from itertools import pairwise

import pytest

from builder.canvas.active_graph import find_active_graph
from builder.document.document import Document, Selection
from builder.panels.cost_model import CostModel
from builder.panels.form_model import Control, FormModel, number, plural
from builder.panels.inspector_model import inspect
from builder.panels.parameter_fields import MIXED, parameter_docs
from codegen.check import check
from nodes.attention.split_heads import SplitHeads
from nodes.core.files.node_entries import make_node
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Comment, Graph, Hyperparameter, Model, PortRef
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN


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


def form(document: Document) -> FormModel:
    report = check(document.model)
    active = find_active_graph(document, report)
    costs = CostModel().rows(document.model, active.checked)
    return inspect(document, active, report, costs)


def selecting(*names: str, model: Model = MODEL) -> Document:
    return Document(model, selection=Selection.of(*names))


def field(document: Document, key: str):
    return next(one for one in form(document).fields if one.key == key)


def entered(document: Document, key: str, text) -> Document:
    changed, reason = field(document, key).enter(document, text)
    assert reason == ""
    return changed


def node(document: Document, name: str):
    return document.graph.nodes[name]


# -- the content of a form -------------------------------------------------------------------------


def test_a_node_has_a_field_for_its_name_and_each_parameter():
    keys = [one.key for one in form(selecting("lstm")).fields]
    assert keys == ["name", *LSTM.model_fields]


def test_repeat_is_the_last_field():
    model = Model(graph=Graph({"inner": Block(block="Inner")}), blocks={"Inner": Graph()})
    keys = [one.key for one in form(selecting("inner", model=model)).fields]
    assert keys == ["name", "block", "repeat", "share"]


def test_an_expression_has_its_value_as_a_note():
    size = field(selecting("embed"), "embedding_dim")
    assert (size.value, size.note) == ("4 * width", "= 64")


def test_a_hyperparameter_has_its_value_as_a_note():
    assert (field(selecting("lstm"), "dropout")).note == "= 0.25"


def test_a_number_has_no_note():
    assert field(selecting("lstm"), "hidden_size").note == ""


def test_a_parameter_without_a_value_has_a_placeholder():
    out = field(selecting("more"), "out_features")
    assert (out.value, out.placeholder) == ("", "none")


def test_a_flag_has_a_check_box_and_a_choice_a_combo_box():
    assert field(selecting("lstm"), "bias").control is Control.CHECK
    assert field(selecting("tokens"), "length").choices == ("T", "S")


def test_a_choice_includes_hyperparameters_with_a_valid_value():
    model = Model(graph=graph(rnn=RNN()), hyperparameters=MODEL.hyperparameters)
    bend = field(selecting("rnn", model=model), "nonlinearity")
    assert bend.choices == ("tanh", "relu", "bend")


def test_a_weight_can_be_tied_to_the_others_that_share():
    assert field(selecting("head"), "tie").choices == ("", "embed", "more")


def test_ports_have_their_inferred_shapes():
    listed = [(port.name, port.shape, port.connection) for port in form(selecting("head")).ports]
    assert listed == [
        ("input", "(B, T, 32)", "from lstm.output"),
        ("output", "(B, T, 10)", "to 1 input"),
    ]


def test_an_optional_port_is_marked():
    connections = {port.name: port.connection for port in form(selecting("lstm")).ports}
    assert connections["initial_hidden"] == "optional"


def test_a_node_has_its_costs():
    assert form(selecting("head")).facts[0] == "330 parameters"


def test_a_waiting_node_names_the_cause():
    model = MODEL.edit("", lambda one: one.with_node("embed", Embedding(embedding_dim="nobody")))
    assert form(selecting("head", model=model)).facts == ("waits for embed",)


def test_the_error_of_a_parameter_is_shown_at_its_field_only():
    model = MODEL.edit("", lambda one: one.with_node("embed", Embedding(embedding_dim="nobody")))
    document = selecting("embed", model=model)
    error = "expected the name of a hyperparameter, got nobody"
    assert field(document, "embedding_dim").error == error
    assert form(document).problems == ()


def test_other_problems_of_a_node_are_listed():
    model = MODEL.edit("", lambda one: one.without_edge(PortRef("head", "input")))
    (problem,) = form(selecting("head", model=model)).problems
    assert problem.location.port == "input"


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
def test_an_entered_value_sets_the_parameter(name, key, text, value):
    assert getattr(node(entered(selecting(name), key, text), name), key) == value


def test_an_empty_field_resets_the_parameter():
    assert node(entered(selecting("head"), "out_features", ""), "head").out_features is None
    assert node(entered(selecting("lstm"), "hidden_size", ""), "lstm").hidden_size == 128


def test_an_invalid_value_is_refused_with_the_reason():
    document = selecting("lstm")
    changed, reason = field(document, "hidden_size").enter(document, "12/")
    assert changed is None
    assert "write // for floor division" in reason


def test_a_duplicate_name_is_refused():
    document = selecting("lstm")
    assert field(document, "name").enter(document, "head")[0] is None
    assert "cell" in entered(document, "name", "cell").graph.nodes


def test_nodes_of_one_type_are_edited_together():
    document = entered(selecting("head", "more"), "bias", False)
    assert (node(document, "head").bias, node(document, "more").bias) == (False, False)


def test_fields_with_different_values_are_mixed():
    out = field(selecting("head", "more"), "out_features")
    assert (out.value, out.note) == ("", MIXED)


def test_an_invalid_value_for_several_nodes_changes_none():
    document = selecting("head", "more")
    assert field(document, "out_features").enter(document, "-1")[0] is None


def test_the_history_label_names_parameter_and_node():
    assert field(selecting("lstm"), "bias").history_label == "Set bias of lstm"
    assert field(selecting("head", "more"), "bias").history_label == "Set bias of 2 nodes"


# -- edges, comments and graphs --------------------------------------------------------------------


def test_nothing_selected_shows_the_model():
    form_model = form(Document(MODEL))
    assert (form_model.title, form_model.hyperparameters) == ("Little", True)
    assert [one.key for one in form_model.fields] == ["name", "initialization", "notes"]


def test_the_model_is_renamed_and_described():
    document = entered(Document(MODEL), "name", "Bigger")
    document = entered(document, "notes", "Once upon a time\nthere was a model.")
    assert document.model.name == "Bigger"
    assert document.model.notes == "Once upon a time\nthere was a model."


def test_an_edge_has_its_ends_and_its_shape():
    target = PortRef("head", "input")
    form_model = form(Document(MODEL, selection=Selection(edges=frozenset({target}))))
    assert form_model.facts == (
        "from  lstm.output",
        "to  head.input",
        "kind  features",
        "shape  (B, T, 32)",
    )


def test_the_text_of_a_comment_can_be_edited():
    model = Model(comments={"": {"note": Comment("old", 0, 0, 100, 50)}})
    document = Document(model, selection=Selection(comments=frozenset({"note"})))
    assert entered(document, "text", "new").comments["note"].text == "new"


def test_nodes_of_several_types_are_counted():
    assert form(selecting("head", "lstm", "more")).title == "3 nodes"


def test_the_inside_of_a_composite_is_read_only():
    mha = node_types()["MultiHeadAttention"](num_heads=4)
    model = Model(graph=graph(embed=Embedding(), attention=mha))
    document = Document(model, ("attention",), Selection.of("split_heads_1"))
    form_model = form(document)
    assert (form_model.title, form_model.subtitle) == ("split_heads_1", SplitHeads.__name__)
    assert (form_model.fields, form_model.facts[0]) == ((), "num_heads  4")


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [n for n, node_type in node_types().items() if node_type.model_fields]
)
def test_every_parameter_of_every_node_is_documented(name):
    docs = parameter_docs(node_types()[name])
    assert {key for key in node_types()[name].model_fields if not docs.get(key)} == set()


def test_the_documentation_of_a_parameter_spans_lines():
    assert parameter_docs(LSTM)["dropout"] == (
        "probability of an element of the outputs of each layer but the last to be zeroed in "
        "training; has no effect with one layer, where the check proposes a Dropout instead."
    )
    assert parameter_docs(GraphOutput) == {}
    assert parameter_docs(Dropout).keys() == {"p"}


def test_numbers_are_formatted():
    assert [number(one) for one in (0, 9_456_384, 2_410_000_000, 3 * 10**12)] == [
        "0",
        "9,456,384",
        "2.41 G",
        "3 T",
    ]


def test_plurals_are_formatted():
    assert [plural(count, "node") for count in (0, 1, 1200)] == ["0 nodes", "1 node", "1,200 nodes"]


# -- nodes that are kept as they are written -------------------------------------------------------


def kept(**parameters: object) -> Document:
    wrong = make_node("Linear", parameters)
    return selecting("head", model=MODEL.edit("", lambda graph: graph.with_node("head", wrong)))


def test_a_node_that_breaks_a_rule_has_the_fields_of_its_type_with_the_error():
    document = kept(out_features=-5, bias=False)
    shown = form(document)
    assert [one.key for one in shown.fields] == ["name", *Linear.model_fields]
    assert (shown.subtitle, shown.category) == ("Linear", Linear.category)
    out = field(document, "out_features")
    assert (out.value, out.placeholder) == ("-5", "none")
    assert out.error == "expected a whole number of at least 1, got -5"
    assert field(document, "bias").value is False


def test_a_node_that_breaks_a_rule_is_repaired_in_its_field():
    document = entered(kept(out_features=-5, bias=False), "out_features", "4 * width")
    assert node(document, "head") == Linear(out_features="4 * width", bias=False)
    assert node(entered(kept(out_features=-5), "out_features", ""), "head") == Linear()
    _, reason = field(kept(out_features=-5), "out_features").enter(kept(out_features=-5), "-6")
    assert reason == "out_features: expected a whole number of at least 1, got -6"


def test_a_parameter_that_the_type_lacks_is_removed_by_emptying_its_field():
    document = kept(width=3)
    foreign = field(document, "width")
    assert (foreign.value, foreign.error) == ("3", "expected a parameter of Linear, got 'width'")
    assert node(entered(document, "width", ""), "head") == Linear()


def test_a_node_of_an_unknown_type_has_no_fields_but_its_name():
    model = MODEL.edit("", lambda graph: graph.with_node("odd", make_node("Mamba", {"d": 1})))
    shown = form(selecting("odd", model=model))
    assert (shown.subtitle, [one.key for one in shown.fields]) == ("Mamba", ["name"])
