"""Untrusted files are read in bounded time, run nothing, and are a model or one error."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.check import check
from nodes.core.files.model_file import loads
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model, PortRef
from tests.nodes.refusals import Steps, read_error, with_change

ROOT = Path(__file__).parents[2]

BLOCK = {
    "notes": ["of a", "block"],
    "nodes": {
        "x": {"type": "BlockInput"},
        "sum": {"type": "Add"},
        "y": {"type": "GraphOutput"},
    },
    "edges": {"sum.terms.0": "x.output", "y.input": "sum.output"},
}
VALID: dict[str, Any] = {
    "wireformer": 1,
    "name": "small",
    "notes": "a text",
    "hyperparameters": {"n": {"value": 2, "doc": "layers"}},
    "initialization": "normal",
    "recipe": {"kind": "language-modelling", "data": "text.txt", "steps": 5},
    "blocks": {"Layer": BLOCK},
    "nodes": {
        "in": {"type": "FeatureInput", "features": 8},
        "drop": {"type": "Dropout", "p": 0.5},
        "layers": {"type": "Block", "block": "Layer", "repeat": "n"},
    },
    "edges": {"drop.input": "in.output", "layers.x": "drop.output"},
    "layout": {"": {"in": [0, 1.5]}, "Layer": {"x": [0, 0]}},
}
TEXT = json.dumps(VALID).encode()

changed = partial(with_change, VALID)


def test_the_valid_file_is_valid():
    assert loads(TEXT).name == "small"


# -- edges -------------------------------------------------------------------------------------

EDGES = [("edges",), ("blocks", "Layer", "edges")]
VARIADIC = ["sum.terms", "sum.terms.", "sum.terms.00", "sum.terms.-1", "sum.terms.\u0663"]


def edges_at(path: Steps) -> dict[str, str]:
    inside = VALID
    for step in path:
        inside = inside[step]
    return inside


@pytest.mark.parametrize("path", EDGES, ids=str)
def test_an_input_cannot_have_two_sources(path):
    for target, source in edges_at(path).items():
        edge = f'"{target}": "{source}"'
        data = json.dumps(VALID).replace(edge, f"{edge}, {edge}").encode()
        assert read_error(data)[0] == "".join(f"/{step}" for step in (*path, target))


@pytest.mark.parametrize("path", EDGES, ids=str)
def test_any_edge_may_be_missing(path):
    for target, source in edges_at(path).items():
        edges = {key: value for key, value in edges_at(path).items() if key != target}
        graph = loads(changed(path, edges)).graphs["Layer" if path[0] == "blocks" else ""]
        assert {str(key): str(value) for key, value in graph.edges.items()} == edges, source


@pytest.mark.parametrize("target", [*VARIADIC, "sum.terms.9999999"], ids=ascii)
def test_the_edges_of_one_port_are_numbered_in_one_way(target):
    model = loads(changed(("blocks", "Layer", "edges", target), "x.output"))
    port = target.partition(".")[2]
    assert model.find_input(model.blocks["Layer"].nodes["sum"], port) is None
    message = f"expected an edge to an input of the node, got one to {port}; did you mean terms.1?"
    assert message in [problem.message for problem in check(model).errors]


def test_a_node_of_unknown_type_takes_any_port():
    top = {"wireformer": 1, "nodes": {"a": {"type": "New"}}, "edges": {"a.any.1": "a.other"}}
    model = loads(json.dumps(top).encode())
    assert model.graph.edges == {PortRef("a", "any.1"): PortRef("a", "other")}


def test_a_cycle_is_loaded_and_left_to_the_check():
    edges = {"a.input": "b.output", "b.input": "a.output"}
    nodes = {"a": {"type": "Linear"}, "b": {"type": "Linear"}}
    model = loads(json.dumps({"wireformer": 1, "nodes": nodes, "edges": edges}).encode())
    assert len(model.graph.edges) == 2


# -- blocks in blocks --------------------------------------------------------------------------


def nested(*placed: tuple[str, str], copies: int = 1) -> bytes:
    """Write a file with blocks: each pair is a block and the block that it contains."""
    blocks: dict[str, Any] = {name: {"nodes": {}} for pair in placed for name in pair}
    for outer, inner in placed:
        for copy in range(copies):
            node = {"type": "Block", "block": inner}
            blocks[outer]["nodes"][f"{inner} {copy}"] = node
    return json.dumps({"wireformer": 1, "blocks": blocks}).encode()


def test_a_block_cannot_contain_itself():
    message = "expected blocks that do not contain themselves, but 'A' contains 'A'"
    assert read_error(nested(("A", "A"))) == ("/blocks/A", message)


@pytest.mark.parametrize("length", [2, 3, 1000])
def test_blocks_cannot_contain_each_other_in_a_cycle(length):
    place, message = read_error(nested(*((f"B{i}", f"B{(i + 1) % length}") for i in range(length))))
    assert place.startswith("/blocks/B")
    assert message.startswith("expected blocks that do not contain themselves, but 'B")


def test_a_cycle_of_blocks_is_reported_in_the_order_of_containment():
    _, message = read_error(nested(("A", "B"), ("B", "C"), ("C", "A")))
    start = message.index("'")
    assert message[start:].replace(" contains ", "") in (
        "'A''B''C''A'",
        "'B''C''A''B'",
        "'C''A''B''C'",
    )


def test_a_small_file_cannot_expand_to_a_large_model():
    data = nested(*((f"B{i}", f"B{i + 1}") for i in range(30)), copies=2)
    message = "expected an expansion to at most 100000 nodes; use fewer blocks"
    assert read_error(data) == ("/blocks/B14", message)


def test_blocks_lie_64_deep_in_one_another_at_most():
    assert len(loads(nested(*((f"B{i}", f"B{i + 1}") for i in range(63)))).blocks) == 64
    message = "expected blocks nested at most 64 deep"
    assert read_error(nested(*((f"B{i}", f"B{i + 1}") for i in range(64)))) == (
        "/blocks/B0",
        message,
    )


def test_a_block_may_be_placed_often_in_one_graph():
    nodes = {f"n{i}": {"type": "Block", "block": "A"} for i in range(1000)}
    blocks = {"A": {"nodes": {f"n{i}": {"type": "Add"} for i in range(99)}}}
    assert loads(json.dumps({"wireformer": 1, "nodes": nodes, "blocks": blocks}).encode())


# -- size --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_model_has_20000_nodes_at_most():
    nodes = {f"n{i}": {"type": "Add"} for i in range(20_000)}
    top = {"wireformer": 1, "nodes": nodes}
    assert len(loads(json.dumps(top).encode()).graph.nodes) == 20_000
    data = json.dumps({**top, "blocks": {"A": {"nodes": {"a": {"type": "Add"}}}}}).encode()
    assert read_error(data) == ("/nodes", "expected at most 20000 nodes, got 20001")


@pytest.mark.slow
def test_a_model_has_100000_edges_at_most():
    nodes = {"a": {"type": "TokenInput"}, "b": {"type": "Add"}}
    edges = {f"b.terms.{i}": "a.output" for i in range(100_000)}
    top = {"wireformer": 1, "nodes": nodes, "edges": edges}
    assert len(loads(json.dumps(top).encode()).graph.edges) == 100_000
    edges["b.terms.100000"] = "a.output"
    data = json.dumps(top).encode()
    assert read_error(data) == ("/edges", "expected at most 100000 edges, got 100001")


@pytest.mark.parametrize(("entry", "value"), [("blocks", {}), ("hyperparameters", 1)])
def test_a_model_has_1000_blocks_and_hyperparameters_at_most(entry, value):
    data = json.dumps({"wireformer": 1, entry: {f"n{i}": value for i in range(1001)}}).encode()
    assert read_error(data) == (f"/{entry}", f"expected at most 1000 {entry}, got 1001")


def test_a_file_that_is_wrong_everywhere_is_one_error():
    wrong = {f"n{i}": {} for i in range(20_000)}
    data = json.dumps({"wireformer": 1, "nodes": wrong}).encode()
    assert read_error(data) == ("/nodes/n0", 'expected the type of the node; add "type"')


# -- any bytes ---------------------------------------------------------------------------------

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def is_model_or_refused(data: bytes) -> bool:
    try:
        return isinstance(loads(data), Model)
    except FileError as error:
        return len(str(error)) <= 600


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.binary(max_size=3))
def test_corrupted_bytes_are_one_error(start, length, put):
    assert is_model_or_refused(TEXT[:start] + put + TEXT[start + length :])


def paths(value: Any, here: Steps = ()) -> list[Steps]:
    """List every entry of the valid file."""
    inner = value.items() if isinstance(value, dict) else ()
    return [here, *(path for key, item in inner for path in paths(item, (*here, key)))]


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.sampled_from(paths(VALID)[1:]), ANY)
def test_anything_in_any_place_is_a_model_or_one_error(path, value):
    assert is_model_or_refused(changed(path, value))


# -- nothing of a file is run ------------------------------------------------------------------

WATCHED = """
import json, os, sys
from nodes.core.graphs.catalog import node_types, task_types
from nodes.core.files.model_file import load, loads
from nodes.core.files.strict_json import FileError

node_types(), task_types()
files = json.load(sys.stdin)
seen, armed = [], True

def watch(event, arguments):
    if armed and (event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
        seen.append((event, arguments))

sys.addaudithook(watch)
for text in files:
    try:
        loads(text.encode())
    except FileError:
        pass
load(sys.argv[1])
armed = False
print(seen)
"""
HOSTILE = [
    "__import__('os').system('touch x')",
    "');__import__('os').system('touch x')#",
    "().__class__.__base__.__subclasses__()",
    "os.system",
    "nodes.core.files.model_file",
    "../../x.py",
    "\ud800",
]


@pytest.mark.slow
def test_loading_runs_imports_and_writes_nothing(tmp_path):
    files = [changed(path, text) for path in paths(VALID)[1:] for text in HOSTILE]
    path = tmp_path / "small.json"
    path.write_bytes(TEXT)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(path)],
        cwd=ROOT,
        input=json.dumps([file.decode() for file in (TEXT, *files)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
