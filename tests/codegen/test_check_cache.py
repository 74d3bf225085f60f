"""A check with a cache reports what one without reports, after any edits."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegen.check import CheckCache, CheckedGraph, Report, check
from codegen.compile import compile_model
from examples.build import EXAMPLES
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.gru import GRU
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.codegen.drawing import block, chain, connect, cut, nested, put, value, with_blocks

Draw = Callable[[st.SearchStrategy], object]

FRESH: tuple[Node, ...] = (
    Linear(),
    Linear(out_features="d_model"),
    Linear(out_features=7),
    Add(),
    Dropout(p="dropout"),
    Embedding(num_embeddings="vocab_size"),
    GRU(hidden_size="hidden_size"),
    MultiHeadAttention(num_heads=4),
    FeatureInput(features=3),
    BlockInput(),
    GraphOutput(),
    Block(block="Block", repeat=2),
    Block(block="Gone"),
)


def add_node(draw: Draw, model: Model, name: str) -> Model:
    new = draw(st.sampled_from(["new", *model.graphs[name].nodes]))
    return model.edit(name, lambda graph: graph.with_node(new, draw(st.sampled_from(FRESH))))


def remove_node(draw: Draw, model: Model, name: str) -> Model:
    gone = draw(st.sampled_from([*model.graphs[name].nodes, "gone"]))
    return model.edit(name, lambda graph: graph.without_node(gone))


def rename_node(draw: Draw, model: Model, name: str) -> Model:
    old = draw(st.sampled_from([*model.graphs[name].nodes, "gone"]))
    return model.edit(name, lambda graph: graph.renamed(old, f"{old} again"))


def draw_edge(draw: Draw, model: Model, name: str) -> Model:
    nodes = model.graphs[name].nodes
    outputs = [PortRef(n, p.name) for n in nodes for p in model.ports(nodes[n])[1]]
    inputs = [
        PortRef(n, f"{p.name}.0" if p.variadic else p.name)
        for n in nodes
        for p in model.ports(nodes[n])[0]
    ]
    if not outputs or not inputs:
        return model
    source, target = draw(st.sampled_from(outputs)), draw(st.sampled_from(inputs))
    return model.edit(name, lambda graph: graph.with_edge(source, target))


def cut_edge(draw: Draw, model: Model, name: str) -> Model:
    edges = [*model.graphs[name].edges, PortRef("gone", "input")]
    return model.edit(name, lambda graph: graph.without_edge(draw(st.sampled_from(edges))))


def change_number(draw: Draw, model: Model, name: str) -> Model:
    known = draw(st.sampled_from([*model.hyperparameters, "hidden_size"]))
    return value(model, known, draw(st.sampled_from([1, 3, 4, 64, 0, 0.5])))


def bypass(draw: Draw, model: Model, name: str) -> Model:
    nodes = draw(st.sets(st.sampled_from([*model.graphs[name].nodes, "gone"]), max_size=3))
    return model.edit(name, lambda graph: replace(graph, bypassed=frozenset(nodes)))


def rename_block(draw: Draw, model: Model, name: str) -> Model:
    if not name or "New" in model.blocks:
        return model
    placed = {one: node for one, node in model.graph.nodes.items() if isinstance(node, Block)}
    moved = {n: node.model_copy(update={"block": "New"}) for n, node in placed.items()}
    blocks = {"New" if one == name else one: graph for one, graph in model.blocks.items()}
    graph = replace(model.graph, nodes={**model.graph.nodes, **moved})
    return replace(model, graph=graph, blocks=blocks)


STARTS = (*EXAMPLES, partial(nested, 3))
EDITS = (
    add_node,
    remove_node,
    rename_node,
    draw_edge,
    cut_edge,
    change_number,
    bypass,
    rename_block,
)


def specs(checked: CheckedGraph | None) -> object:
    """Collect the specs of a graph, and of those inside it."""
    if checked is None:
        return None
    return checked.order, {
        name: (found.inferred and found.inferred.outputs, specs(found.inner))
        for name, found in checked.nodes.items()
    }


def result(report: Report) -> object:
    return report.problems, report.waiting, specs(report.main)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_cached_check_equals_a_fresh_one_after_any_edits(data):
    model, cache = data.draw(st.sampled_from(STARTS))(), CheckCache()
    versions = [model]
    for _ in range(8):
        edit = data.draw(st.sampled_from(EDITS))
        model = edit(data.draw, model, data.draw(st.sampled_from([*model.graphs])))
        versions.append(model)
        model = data.draw(st.sampled_from([model, model, versions[-2]]))  # undo in one of three
        report = check(model, cache)
        assert result(report) == result(check(model))
        if report.ok:
            assert compile_model(model, cache).source == compile_model(model).source


def test_edit_of_a_block_invalidates_all_blocks_that_place_it():
    model, cache = nested(3), CheckCache()
    check(model, cache)
    changed = put(model, "b", Linear(out_features=3), "B0")
    assert result(check(changed, cache)) == result(check(changed))
    assert result(check(changed)) != result(check(model))


def test_block_is_checked_once_for_all_nodes_that_place_it():
    model = with_blocks(Block(block="B"), B=block(Linear()))
    model = connect(put(model, "again", Block(block="B", repeat=2)), "x.output", "again.x")
    found = check(model).main.nodes
    assert found["again"].inner is found["stack"].inner


def test_choice_by_hyperparameter_follows_its_value():
    model, cache = chain(GELU(approximate="mode")), CheckCache()
    for name in ("tanh", "none", "tanh"):
        model = value(model, "mode", name)
        report = check(model, cache)
        assert result(report) == result(check(model))
        assert report.main.graph.nodes["a"] == GELU(approximate=name)
        assert check(model, cache).main.graph.nodes["a"] is report.main.graph.nodes["a"]


def test_renamed_block_locates_its_problems_under_the_new_name():
    model, cache = (
        cut(with_blocks(Block(block="B"), B=block(Linear())), "a.input", "B"),
        CheckCache(),
    )
    check(model, cache)
    blocks = {"C": model.blocks["B"]}
    renamed = replace(put(model, "stack", Block(block="C")), blocks=blocks)
    assert [str(error.location) for error in check(renamed, cache).errors] == ["C/a.input"]
