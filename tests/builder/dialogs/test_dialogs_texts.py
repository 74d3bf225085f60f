"""The manual pages, the help and the start page."""

import pytest

from builder.actions.action_table import ACTIONS
from builder.actions.help_lines import GESTURES, key_lines, mouse_lines
from builder.dialogs.node_manual import manual_page
from builder.dialogs.node_page import manual_items, parse_manual
from builder.dialogs.start_page import (
    example_order,
    first_sentence,
    read_example,
    recent_files,
    split_words,
)
from builder.storage.example_files import example_names
from nodes.core.graphs.catalog import node_types


def test_a_manual_is_parsed_into_items():
    text = "\nDo it.\nAnd more.\n\nParameters:\n    size: how big;\n        very.\n    n = 3\n"
    assert [(part.kind, part.name, part.text) for part in parse_manual(text)] == [
        ("text", "", "Do it. And more."),
        ("heading", "", "Parameters"),
        ("item", "size", "how big; very."),
        ("item", "n", "3"),
    ]


def test_references_are_prose():
    parts = parse_manual("Reference:\n    Sak, 2014;\n    size: He, 2015\n")
    assert [(part.kind, part.text) for part in parts[1:]] == [("text", "Sak, 2014; size: He, 2015")]


@pytest.mark.parametrize("node_type", node_types().values(), ids=lambda one: one.__name__)
def test_every_manual_is_parsed_without_loss(node_type):
    wanted = manual_page(node_type).partition("\n")[2].replace("``", "")
    shown = " ".join(f"{part.name} {part.text}" for part in manual_items(node_type))
    squeezed = "".join(c for c in shown if c.isalnum())
    assert squeezed == "".join(c for c in wanted if c.isalnum())


def test_the_help_has_every_action_with_a_key():
    shown = {line.title for line in key_lines(ACTIONS.values()) if line.how}
    assert shown == {action.title for action in ACTIONS.values() if action.keys}


def test_the_help_has_every_gesture():
    assert sum(bool(line.how) for line in mouse_lines()) == len(GESTURES)


def test_a_search_keeps_the_headings_of_the_matches():
    lines = key_lines(ACTIONS.values(), "undo")
    assert (lines[0].how, lines[1].title) == ((), "Undo")
    assert key_lines(ACTIONS.values(), "zzzzzz") == []
    assert [line.title for line in mouse_lines("cut edges") if not line.how] == ["Anywhere"]


def test_every_example_loads():
    assert sorted(example_order()) == example_names()
    for name in example_order():
        example = read_example(name)
        assert example.title
        assert example.summary.endswith(".")
        assert "doi" not in example.summary


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("PriceLSTM", "Price LSTM"),
        ("GPT", "GPT"),
        ("BiLSTMClassifier", "BiLSTM Classifier"),
        ("AttentionFromPrimitives", "Attention From Primitives"),
        ("", ""),
    ],
)
def test_class_names_are_split_into_words(name, title):
    assert split_words(name) == title


def test_a_summary_leaves_out_references():
    assert first_sentence("A net (Cho (2014)), small (x).\nMore.") == "A net, small."
    assert first_sentence("odd ) brackets (") == "odd ) brackets"


def test_recent_files_are_those_that_exist(tmp_path):
    kept = tmp_path / "a.json"
    kept.write_text("{}")
    found = recent_files([str(kept), str(tmp_path / "b.json"), "\0", str(tmp_path)])
    assert [(one.title, one.path) for one in found] == [("a.json", kept)]
