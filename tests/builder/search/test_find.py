"""Nodes are found by name, type, parameters, shapes and problems."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from builder.search.find_nodes import MAX_MATCHES, find_nodes
from codegen.check import check
from nodes.activation.relu import ReLU
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Graph, Model, PortRef

GPT, *_ = load(Path(__file__).parents[3] / "examples" / "gpt.json")
REPORT = check(GPT)


def found(text: str, here: str = "") -> list[str]:
    return [str(match.location) for match in find_nodes(text, GPT, REPORT, here)]


def reason(text: str, node: str) -> str:
    return next(m.reason for m in find_nodes(text, GPT, REPORT) if str(m.location) == node)


def test_by_name() -> None:
    assert found("position_embed") == ["position_embed"]
    assert found("position embed")[0] == "position_embed"
    assert found("emb")[:2] == ["embed", "position_embed"]


def test_by_type_and_its_aliases() -> None:
    assert found("LayerNorm") == ["norm", "Block/attn_norm", "Block/ffn_norm"]
    assert found("mha") == ["Block/attn"]


def test_by_parameter() -> None:
    assert found("num_embeddings context") == ["position_embed"]
    assert found("num_embeddings = 64") == ["position_embed"]
    assert reason("bias false", "head") == "bias false"


def test_by_shape_as_written_and_as_evaluated() -> None:
    assert found("B T vocab_size") == ["head"]
    assert found("(B, T, 256)") == ["head"]
    assert reason("B T 256", "head") == "output B T 256"
    assert "embed" in found("B T 128")


def test_by_problem() -> None:
    graph = GPT.graph.without_edge(PortRef("head", "input"))
    model = GPT.with_graph("", graph)
    matches = find_nodes("expected an edge", model, check(model))
    assert [(m.title, m.subtitle, m.reason) for m in matches] == [
        ("head", "Linear", "expected an edge, got none")
    ]


def test_nodes_of_the_shown_graph_come_first() -> None:
    assert found("add", here="Block")[:2] == ["Block/add", "add"]
    assert found("add")[:2] == ["add", "Block/add"]


def test_each_node_is_found_once() -> None:
    for text in ("dropout", "T", "num_heads", "B T"):
        assert len(set(found(text))) == len(found(text)) > 0


def test_an_empty_query_finds_nothing() -> None:
    assert found("") == found("  ") == found("(,)") == found("xyzzy") == []


def test_a_parameter_with_an_invalid_size_is_found() -> None:
    changed = {**GPT.hyperparameters}
    changed["num_heads"] = replace(changed["num_heads"], value=7)
    model = replace(GPT, hyperparameters=changed)
    assert [m.title for m in find_nodes("num_heads 7", model, check(model))] == ["attn"]


def test_the_number_of_matches_is_limited() -> None:
    model = Model(graph=Graph({f"relu_{at}": ReLU() for at in range(2 * MAX_MATCHES)}))
    assert len(find_nodes("relu", model, check(model))) == MAX_MATCHES


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_query(text: str) -> None:
    assert isinstance(found(text), list)
