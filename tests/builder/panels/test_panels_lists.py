"""The problem list, the palette, hyperparameters, the toolbar and the status bar."""

import pytest

from builder.actions.key_hints import key_hints
from builder.canvas.active_graph import find_active_graph
from builder.canvas.overlay import DraggedEdge, Overlay
from builder.document.document import Document, Refused, Selection
from builder.document.history import History, HistoryEntry
from builder.document.port_end import PortEnd
from builder.panels.hyperparameter_rows import add, hyperparameter_rows, parse_value
from builder.panels.palette_model import entry_details, palette_groups, position_beside
from builder.panels.problem_rows import heading, problem_rows, waiting_lines
from builder.panels.status_model import graph_size, model_size, problem_count
from builder.panels.toolbar_model import breadcrumbs, undo_redo_labels
from codegen.check import Severity, check
from codegen.cost import Cost
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.port import Kind
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.library.library import library
from nodes.linear.linear import Linear

NODES = {"tokens": TokenInput(), "embed": Embedding(), "logits": GraphOutput()}
EDGES = {
    PortRef("embed", "input"): PortRef("tokens", "output"),
    PortRef("logits", "input"): PortRef("embed", "output"),
}
MODEL = Model("Little", Graph(NODES, EDGES))
WRONG = MODEL.edit("", lambda one: one.with_node("embed", Embedding(num_embeddings="vocab")))


# -- problems --------------------------------------------------------------------------------------


def test_a_problem_row_has_location_message_and_remedies():
    (row,) = problem_rows(check(WRONG).problems, "Little", lambda problem: problem.remedies)
    assert (row.severity, row.link_text) == (Severity.ERROR, "embed.num_embeddings")
    assert row.text == "expected the name of a hyperparameter, got vocab."
    words, remedy = row.remedies[0]
    assert words.startswith("Set the hyperparameter vocab to ")
    assert check(remedy.apply(WRONG)).ok


def test_a_problem_of_the_whole_model_is_named_after_it():
    rows = problem_rows(check(Model("Empty")).problems, "Empty", lambda problem: ())
    assert {row.link_text for row in rows} == {"Empty"}


def test_a_waiting_node_is_listed_with_its_cause():
    assert waiting_lines(check(WRONG)) == ["logits waits for embed"]


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (2, "a0 and a1 wait for embed"),
        (3, "a0, a1 and a2 wait for embed"),
        (5, "a0, a1, a2 and 2 more wait for embed"),
    ],
)
def test_nodes_that_wait_for_one_cause_are_listed_together(count, line):
    model = WRONG
    for at in range(count):
        model = model.edit("", lambda one, at=at: one.with_node(f"a{at}", Linear()))
        edge = PortRef("embed", "output"), PortRef(f"a{at}", "input")
        model = model.edit("", lambda one, edge=edge: one.with_edge(*edge))
    model = model.edit("", lambda one: one.without_node("logits"))
    assert waiting_lines(check(model)) == [line]


def test_the_heading_counts_by_severity():
    assert heading(check(WRONG)) == "1 error"
    assert heading(check(MODEL)) == ""


# -- palette ---------------------------------------------------------------------------------------


def test_the_palette_has_every_node_type_of_the_main_graph():
    keys = {entry.key for group in palette_groups(Document()) for entry in group.entries}
    types = {name for name, node_type in node_types().items() if not node_type.blocks_only}
    assert keys == types - {"Block"} | {f"block:{name}" for name in library()}
    placed = Graph({"layer": Block(block="Layer")})
    inside = Document(Model(graph=placed, blocks={"Layer": Graph()}), ("layer",))
    keys = {entry.key for group in palette_groups(inside) for entry in group.entries}
    assert keys >= {"BlockInput", "StepInput", "StateInput", "StateOutput"}


def test_the_blocks_of_the_model_have_a_group():
    model = Model(blocks={"Layer": Graph()})
    group = palette_groups(Document(model))[-1]
    assert group.title == "Blocks"
    assert [entry.name for entry in group.entries] == ["Layer", *library()]


def test_a_search_ranks_over_all_categories():
    (found,) = palette_groups(Document(), "layer n")
    assert (found.title, found.entries[0].name) == ("", "LayerNorm")


def test_an_entry_has_its_documentation_and_ports():
    (found,) = palette_groups(Document(), "Embedding")
    details = entry_details(found.entries[0], Model())
    doc = "Embedding: a learnable lookup table that maps each token id to its vector."
    assert details.doc == doc
    assert [(is_input, name) for is_input, name, _, _ in details.ports] == [
        (True, "input"),
        (False, "output"),
    ]


def test_a_node_is_added_at_a_free_position_beside_another():
    sizes = {"a": (100.0, 60.0)}
    assert position_beside("a", {"a": (0.0, 0.0)}, sizes) == (170.0, 0.0)
    left, top = position_beside("a", {"a": (0.0, 0.0), "b": (170.0, 0.0)}, sizes)
    assert (left, top >= 60) == (170.0, True)
    assert position_beside(None, {}, {}) is None


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
def test_typed_values_are_parsed(text, before, value):
    found = parse_value(text, before)
    assert (found, type(found)) == (value, type(value))


def test_an_empty_value_is_refused():
    with pytest.raises(Refused, match=r"^expected a value such as 256, 0\.1 or relu, got nothing$"):
        parse_value("  ")


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


def test_an_unused_hyperparameter_has_a_comment():
    (row,) = rows(with_width())
    assert (row.comment, row.error) == ("expected a use of the hyperparameter, got none", False)


def test_hyperparameters_are_added_with_free_names():
    assert list(add(add(Document())).model.hyperparameters) == ["size", "size_2"]


# -- bars ------------------------------------------------------------------------------------------


def test_the_toolbar_has_the_labels_of_undo_and_redo():
    history = History(HistoryEntry("Open", Document()))
    assert undo_redo_labels(history) == {"undo": None, "redo": None}
    history = history.record("Add lstm", Document(MODEL))
    assert undo_redo_labels(history) == {"undo": "Add lstm", "redo": None}
    assert undo_redo_labels(history.go(-1)) == {"undo": None, "redo": "Add lstm"}


def test_the_last_breadcrumb_is_the_active_graph():
    assert breadcrumbs((("GPT", ()), ("blocks", ("blocks",)))) == [
        ("GPT", (), False),
        ("blocks", ("blocks",), True),
    ]


def test_the_status_bar_counts():
    assert graph_size(find_active_graph(Document(MODEL), check(MODEL))) == "3 nodes   2 edges"
    assert problem_count(check(WRONG)) == ("1 problem", Severity.ERROR)
    assert problem_count(check(MODEL)) == ("no problems", None)
    assert model_size(Cost(1234, 0)) == "1,234 parameters"
    assert model_size(None) == ""


def hints(document: Document, overlay: Overlay) -> list[str]:
    active = find_active_graph(document, check(document.model))
    return [key for key, _ in key_hints(document, active, overlay)]


def test_the_key_hints_depend_on_the_selection():
    assert hints(Document(MODEL), Overlay())[0] == "Tab"
    assert hints(Document(MODEL, selection=Selection.of("embed")), Overlay())[0] == "F2"
    assert (
        hints(Document(MODEL, selection=Selection.of("embed", "tokens")), Overlay())[0] == "Ctrl+G"
    )


def test_the_key_hints_depend_on_the_gesture():
    dragged = DraggedEdge(
        PortEnd(PortRef("embed", "output"), is_input=False), (0.0, 0.0), Kind.FEATURES
    )
    assert hints(Document(MODEL), Overlay(dragged_edges=(dragged,), busy=True))[0] == "Esc"
