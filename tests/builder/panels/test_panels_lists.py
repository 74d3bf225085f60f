"""Problems, palette, hyperparameters, bars: what their rows say and do."""

import pytest

from builder.actions.key_hints import key_hints
from builder.canvas.active_graph import show
from builder.canvas.overlay import DraggedEdge, Overlay
from builder.document.document import Document, Refused, Selection
from builder.document.history import History, HistoryEntry
from builder.document.port_end import PortEnd
from builder.panels.hyperparameter_rows import add, hyperparameter_rows, typed
from builder.panels.palette_model import about, beside, palette_groups
from builder.panels.problem_rows import heading, problem_rows, waiting_lines
from builder.panels.status_model import counted, troubles, weighed
from builder.panels.toolbar_model import crumbs, next_steps
from codegen.check import Severity, check
from codegen.cost import Cost
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.port import Kind
from nodes.embedding import Embedding
from nodes.io import BlockInput, GraphOutput, TokenInput
from nodes.linear import Linear

NODES = {"tokens": TokenInput(), "embed": Embedding(), "logits": GraphOutput()}
EDGES = {
    PortRef("embed", "input"): PortRef("tokens", "output"),
    PortRef("logits", "input"): PortRef("embed", "output"),
}
MODEL = Model("Little", Graph(NODES, EDGES))
WRONG = MODEL.edit("", lambda one: one.with_node("embed", Embedding(num_embeddings="vocab")))


# -- problems --------------------------------------------------------------------------------------


def test_a_problem_says_where_and_what_and_offers_remedies():
    (row,) = problem_rows(check(WRONG), WRONG)
    assert (row.severity, row.place) == (Severity.ERROR, "embed.num_embeddings")
    assert row.text == "expected the name of a hyperparameter, got vocab."
    words, remedy = row.remedies[0]
    assert words.startswith("Set the hyperparameter vocab to ")
    assert check(remedy.apply(WRONG)).ok


def test_a_problem_of_the_whole_model_is_named_after_it():
    rows = problem_rows(check(Model("Empty")), Model("Empty"))
    assert {row.place for row in rows} == {"Empty"}


def test_what_waits_is_told_by_what_it_waits_for():
    assert waiting_lines(check(WRONG)) == ["logits waits for embed"]


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (2, "a0 and a1 wait for embed"),
        (3, "a0, a1 and a2 wait for embed"),
        (5, "a0, a1, a2 and 2 more wait for embed"),
    ],
)
def test_many_that_wait_for_one_are_told_together(count, told):
    model = WRONG
    for at in range(count):
        model = model.edit("", lambda one, at=at: one.with_node(f"a{at}", Linear()))
        edge = PortRef("embed", "output"), PortRef(f"a{at}", "input")
        model = model.edit("", lambda one, edge=edge: one.with_edge(*edge))
    model = model.edit("", lambda one: one.without_node("logits"))
    assert waiting_lines(check(model)) == [told]


def test_the_heading_counts_by_severity():
    assert heading(check(WRONG)) == "1 error"
    assert heading(check(MODEL)) == ""


# -- palette ---------------------------------------------------------------------------------------


def test_the_palette_has_every_node_type_that_can_stand_in_the_main_graph():
    keys = {entry.key for shelf in palette_groups(Document()) for entry in shelf.entries}
    assert keys == node_types().keys() - {Block.__name__, BlockInput.__name__}


def test_the_blocks_of_the_model_have_a_shelf():
    model = Model(blocks={"Layer": Graph()})
    assert [entry.key for entry in palette_groups(Document(model))[-1].entries] == ["block:Layer"]


def test_a_search_ranks_over_all_families():
    (found,) = palette_groups(Document(), "layer n")
    assert (found.title, found.entries[0].name) == ("", "LayerNorm")


def test_an_entry_is_explained_with_its_ports():
    (found,) = palette_groups(Document(), "Embedding")
    told = about(found.entries[0], Model())
    assert told.doc == "Look up a trained vector for every token id."
    assert [(is_input, name) for is_input, name, _, _ in told.ports] == [
        (True, "input"),
        (False, "output"),
    ]


def test_a_node_is_added_beside_another_where_nothing_lies():
    sizes = {"a": (100.0, 60.0)}
    assert beside("a", {"a": (0.0, 0.0)}, sizes) == (170.0, 0.0)
    left, top = beside("a", {"a": (0.0, 0.0), "b": (170.0, 0.0)}, sizes)
    assert (left, top >= 60) == (170.0, True)
    assert beside(None, {}, {}) is None


# -- hyperparameters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "value"),
    [
        ("256", 1, 256),
        (" 1 ", 0.5, 1.0),
        ("0.1", 1, 0.1),
        ("TRUE", 1, True),
        ("relu", "gelu", "relu"),
        ("1e-5", 0.1, 1e-5),
    ],
)
def test_values_are_read_as_they_are_typed(text, before, value):
    found = typed(text, before)
    assert (found, type(found)) == (value, type(value))


def test_an_empty_value_is_refused():
    with pytest.raises(Refused, match="a value is expected"):
        typed("  ")


def with_width() -> Document:
    return Document(Model(hyperparameters={"width": Hyperparameter(8, "of all layers")}))


def rows(document: Document) -> list:
    return list(hyperparameter_rows(document.model, check(document.model)))


def test_a_hyperparameter_is_set_renamed_and_described():
    document = with_width()
    for at, text in ((1, "16"), (2, "how wide"), (0, "d_model")):
        document, reason = rows(document)[0].fields[at].enter(document, text)
        assert reason == ""
    assert document.model.hyperparameters == {"d_model": Hyperparameter(16, "how wide")}


def test_a_hyperparameter_without_use_is_remarked_on():
    (row,) = rows(with_width())
    assert (row.comment, row.wrong) == ("expected a use of the hyperparameter, got none", False)


def test_hyperparameters_are_added_under_names_that_are_free():
    assert list(add(add(Document())).model.hyperparameters) == ["size", "size_2"]


# -- bars ------------------------------------------------------------------------------------------


def test_the_toolbar_tells_what_would_be_undone_and_redone():
    history = History(HistoryEntry("Open", Document()))
    assert next_steps(history) == {"undo": None, "redo": None}
    history = history.record("Add lstm", Document(MODEL))
    assert next_steps(history) == {"undo": "Add lstm", "redo": None}
    assert next_steps(history.go(-1)) == {"undo": None, "redo": "Add lstm"}


def test_the_last_crumb_is_where_one_is():
    assert crumbs((("GPT", ()), ("blocks", ("blocks",)))) == [
        ("GPT", (), False),
        ("blocks", ("blocks",), True),
    ]


def test_the_status_counts():
    assert counted(show(Document(MODEL), check(MODEL))) == "3 nodes   2 edges"
    assert troubles(check(WRONG)) == ("1 problem", Severity.ERROR)
    assert troubles(check(MODEL)) == ("no problems", None)
    assert weighed(Cost(1234, 0)) == "1,234 parameters"
    assert weighed(None) == ""


def told(document: Document, overlay: Overlay) -> list[str]:
    shown = show(document, check(document.model))
    return [key for key, _ in key_hints(document, shown, overlay)]


def test_the_hints_suit_what_is_selected():
    assert told(Document(MODEL), Overlay())[0] == "Tab"
    assert told(Document(MODEL, selection=Selection.of("embed")), Overlay())[0] == "F2"
    assert (
        told(Document(MODEL, selection=Selection.of("embed", "tokens")), Overlay())[0] == "Ctrl+G"
    )


def test_the_hints_suit_what_is_going_on():
    wire = DraggedEdge(
        PortEnd(PortRef("embed", "output"), is_input=False), (0.0, 0.0), Kind.FEATURES
    )
    assert told(Document(MODEL), Overlay(dragged_edges=(wire,), busy=True))[0] == "Esc"
