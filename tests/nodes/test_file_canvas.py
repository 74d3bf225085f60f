"""Bypassed nodes, frames and comments in files."""

import json
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from nodes.activation.gelu import GELU
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Comment, Graph, Model, PortRef
from nodes.dropout.dropout import Dropout
from nodes.normalization.layer_norm import LayerNorm
from tests.nodes.refusals import Steps, read_error, with_change

COMMENTED = """{
  "wireformer": 1,
  "name": "commented",
  "blocks": {
    "Layer": {
      "nodes": {
        "norm": {"type": "LayerNorm"}
      },
      "edges": {},
      "bypassed": [
        "norm"
      ]
    }
  },
  "nodes": {
    "drop": {"type": "Dropout"},
    "norm": {"type": "LayerNorm"},
    "act": {"type": "GELU"}
  },
  "edges": {
    "norm.input": "drop.output"
  },
  "bypassed": [
    "drop",
    "act"
  ],
  "comments": {
    "": {
      "why": {"text": "to see what it does", "box": [0, 0, 120, 40.5]},
      "stem": {"text": ["two", "lines"], "box": [-20, 10, 300, 200], "frame": true}
    },
    "Layer": {
      "empty": {"box": [1, 2, 3, 4]}
    }
  }
}
"""


def commented() -> Model:
    layer = Graph({"norm": LayerNorm()}, bypassed=frozenset({"norm"}))
    nodes = {"drop": Dropout(), "norm": LayerNorm(), "act": GELU()}
    edges = {PortRef("norm", "input"): PortRef("drop", "output")}
    main = {
        "why": Comment("to see what it does", 0, 0, 120, 40.5),
        "stem": Comment("two\nlines", -20, 10, 300, 200, frame=True),
    }
    return Model(
        name="commented",
        graph=Graph(nodes, edges, bypassed=frozenset({"act", "drop"})),
        blocks={"Layer": layer},
        comments={"": main, "Layer": {"empty": Comment("", 1, 2, 3, 4)}},
    )


def test_bypassed_nodes_and_comments_are_written_readably():
    assert dumps(commented()).decode() == COMMENTED


def test_bypassed_nodes_and_comments_survive_a_round_trip():
    assert loads(COMMENTED.encode()) == commented()


def test_comments_are_read_under_their_former_name():
    former = COMMENTED.replace('"comments": {', '"remarks": {')
    assert loads(former.encode()) == commented()
    assert dumps(loads(former.encode())).decode() == COMMENTED


def test_comments_under_their_former_name_are_refused_at_their_place():
    comments = deepcopy(VALID)
    comments["remarks"] = comments.pop("comments")
    comments["remarks"][""]["why"]["frame"] = 1
    message = "expected true or false, got 1"
    assert read_error(json.dumps(comments).encode()) == ("/remarks//why/frame", message)


def test_comments_under_both_names_are_refused():
    message = "expected comments only, got remarks, their former name, as well; merge them"
    assert read_error(changed(("remarks",), {})) == ("/remarks", message)


def test_comments_in_a_block_that_is_gone_are_not_written():
    model = replace(Model(), comments={"Gone": {"a": Comment("", 0, 0, 1, 1)}, "": {}})
    assert loads(dumps(model)) == replace(model, comments={})


def test_a_node_that_is_removed_or_renamed_is_bypassed_no_longer_or_still():
    graph = commented().graph
    assert graph.without_node("drop").bypassed == {"act"}
    assert graph.renamed("drop", "gone").bypassed == {"act", "gone"}


# -- every error is located ----------------------------------------------------------------------

VALID: dict[str, Any] = {
    "wireformer": 1,
    "blocks": {"Layer": {"nodes": {"sum": {"type": "Add"}}}},
    "nodes": {"drop": {"type": "Dropout"}},
    "bypassed": ["drop"],
    "comments": {"": {"why": {"text": "to see", "box": [0, 0, 10, 10], "frame": True}}},
}
WHY = ("comments", "", "why")
NO_BOX = "expected a box such as [120, 40, 200, 80], got"
REFUSED: dict[str, tuple[Steps, object, str, str]] = {
    "bypassed nodes in a text": (
        ("bypassed",),
        "drop",
        "",
        "expected a list in square brackets, got 'drop'",
    ),
    "a bypassed node that is a number": (
        ("bypassed",),
        [1],
        "/0",
        "expected a text in quotes, got 1",
    ),
    "a bypassed node that is not there": (
        ("bypassed",),
        ["dorp"],
        "/0",
        "unknown node 'dorp'; did you mean drop?",
    ),
    "a bypassed node of another graph": (
        ("blocks", "Layer", "bypassed"),
        ["sum", "drop"],
        "/1",
        "unknown node 'drop'; remove it",
    ),
    "a node that is bypassed twice": (
        ("bypassed",),
        ["drop", "drop"],
        "/1",
        "'drop' is listed twice; remove it",
    ),
    "comments in a block that is not there": (
        ("comments", "Lay"),
        {},
        "",
        "unknown block; did you mean Layer?",
    ),
    "a comment whose name has a dot": (
        ("comments", "", "a.b"),
        {"box": [0, 0, 1, 1]},
        "",
        "expected a name without dots and slashes, got '.'; remove it",
    ),
    "comments that look alike": (
        ("comments", ""),
        {"why": {"box": [0, 0, 1, 1]}, "Why": {"box": [0, 0, 1, 1]}},
        "/Why",
        "expected a name that does not look like 'why'; rename one of them",
    ),
    "a comment that is a text": (
        WHY,
        "to see",
        "",
        "expected an object in curly brackets, got 'to see'",
    ),
    "an unknown entry": ((*WHY, "color"), "red", "", "unknown entry; remove it"),
    "no box": (WHY, {"text": "to see"}, "/box", f"{NO_BOX} nothing (null)"),
    "a box without a height": ((*WHY, "box"), [0, 0, 10], "", f"{NO_BOX} a list"),
    "a box of no width": (
        (*WHY, "box"),
        [0, 0, 0, 10],
        "",
        "expected a width and a height above 0, got 0 and 10",
    ),
    "a box without end": (
        (*WHY, "box"),
        [0, 0, 10, 1e300],
        "",
        "expected numbers between -1e+09 and 1e+09",
    ),
    "a frame that is a number": ((*WHY, "frame"), 1, "", "expected true or false, got 1"),
    "a text that is a number": ((*WHY, "text"), 1, "", "expected a text in quotes, got 1"),
}

changed = partial(with_change, VALID)


@pytest.mark.parametrize(("path", "value", "where", "message"), REFUSED.values(), ids=REFUSED)
def test_an_invalid_value_is_refused_at_its_pointer(path, value, where, message):
    assert read_error(changed(path, value)) == (
        "".join(f"/{step}" for step in path) + where,
        message,
    )


@pytest.mark.slow
def test_a_graph_has_10000_comments_at_most():
    comments = {f"comment {i}": {"box": [0, 0, 1, 1]} for i in range(10_001)}
    assert read_error(changed(("comments", ""), comments))[0] == "/comments"


@pytest.mark.slow
def test_20000_nodes_may_be_bypassed():
    nodes = {f"drop {i}": Dropout() for i in range(20_000)}
    model = Model(graph=Graph(nodes, bypassed=frozenset(nodes)))
    assert loads(dumps(model)) == model
