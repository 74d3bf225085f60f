"""The items of the node search."""

import pytest

from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.editor.node_search import (
    candidates,
    ports,
    results,
    search_prompt,
    unconnected_if_unfit,
)
from builder.storage.example_files import example_path
from codegen.check import check
from nodes.core.files.model_file import load
from nodes.core.graphs.catalog import node_types

HERE = (0.0, 0.0)


@pytest.fixture(scope="module")
def document():
    return Document(load(example_path("char_lstm"))[0])


@pytest.fixture(scope="module")
def checked(document):
    return check(document.model).main


@pytest.fixture
def edge(document):
    return next(iter(document.graph.edges.items()))


def test_on_the_empty_canvas_everything_is_listed(document, checked):
    listed = candidates(document, checked, AddNode(HERE, HERE))
    types = {name for name, node_type in node_types().items() if not node_type.blocks_only}
    assert {one.name for one in listed} >= types - {"Block"}


def test_recently_added_types_come_first_without_a_search_text(document, checked):
    listed = candidates(document, checked, AddNode(HERE, HERE))
    last = type(list(document.graph.nodes.values())[-1]).__name__
    assert results(document, listed, "")[0].name == last


def test_from_a_port_each_item_has_the_port_to_connect(document, checked, edge):
    target, source = edge
    for dialog in (
        AddNode(HERE, HERE, source=source),
        AddNode(HERE, HERE, target=target),
        AddNode(HERE, HERE, edge=target),
    ):
        listed = candidates(document, checked, dialog)
        assert listed
        assert all(one.port for one in listed)
        assert unconnected_if_unfit(dialog, listed[0]) is dialog


def test_all_items_are_those_that_fit_and_then_the_others(document, checked, edge):
    dialog = AddNode(HERE, HERE, source=edge[1])
    fitting = candidates(document, checked, dialog)
    every = candidates(document, checked, dialog, whole=True)
    assert every[: len(fitting)] == fitting
    rest = every[len(fitting) :]
    assert rest
    assert not any(one.port for one in rest)
    assert {one.key for one in rest}.isdisjoint(one.key for one in fitting)


def test_an_item_that_does_not_fit_is_added_unconnected(document, checked, edge):
    dialog = AddNode(HERE, HERE, source=edge[1])
    other = candidates(document, checked, dialog, whole=True)[-1]
    assert unconnected_if_unfit(dialog, other) == AddNode(HERE, HERE)


def test_the_placeholder_names_the_port_or_node(edge):
    target, source = edge
    assert str(source) in search_prompt(AddNode(HERE, HERE, source=source))
    assert str(target) in search_prompt(AddNode(HERE, HERE, target=target))
    assert "lstm" in search_prompt(AddNode(HERE, HERE, replace="lstm"))


def test_optional_ports_are_marked():
    texts = dict((port.name, text) for port, text in ports(node_types()["LSTM"].inputs))
    assert texts["input"] == "B T C"
    assert texts["lengths"].endswith("optional")
