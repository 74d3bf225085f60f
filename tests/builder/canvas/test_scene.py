"""A scene shows the graph and the results of the check, and reuses what did not change."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.canvas.card import GRID, HEADER, MAX_WIDTH, MIN_WIDTH, ROW
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from builder.graphics.text_metrics import width
from codegen.check import Severity
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.core.graphs.graph import Block, Comment, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.port import Kind
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM
from nodes.transformer.feed_forward import FeedForward
from tests.builder.canvas.scenes import Stage, alone, placed, ref, residual, scene_of
from tests.node_cases import CASES

EVERY_NODE = pytest.mark.parametrize(
    "node",
    [case.node for cases in CASES.values() for case in cases],
    ids=lambda n: type(n).__name__,
)


def other(before, after) -> set:
    """Return the keys whose objects changed."""
    return {key for key in after if after[key] is not before.get(key)}


# -- what is kept --------------------------------------------------------------------------------


def test_the_same_model_gives_the_same_scene():
    stage, model = Stage(), residual()
    assert stage.show(model) is stage.show(model)


def test_a_changed_parameter_changes_one_card_and_no_edge():
    stage, model = Stage(), residual()
    before = stage.show(model)
    graph = model.graph.with_node("linear", Linear(out_features=64, bias=False))
    after = stage.show(model.with_graph("", graph))
    assert other(before.nodes, after.nodes) == {"linear"}
    assert after.edges is before.edges


def test_a_card_that_grows_wider_gets_new_edges_where_its_ports_moved():
    stage, model = Stage(), residual()
    before = stage.show(model)
    wider = LSTM(hidden_size=32, bidirectional=True)
    after = stage.show(model.with_graph("", model.graph.with_node("relu", wider)))
    assert other(before.nodes, after.nodes) == {"relu"}
    assert other(before.edges, after.edges) == {ref("add.terms.1")}


def test_a_moved_node_keeps_its_card_and_gets_new_edges():
    stage, model = Stage(), residual()
    before = stage.show(model)
    after = stage.show(placed(model, relu=(700.0, 130.0)))
    assert after.nodes is before.nodes
    assert other(before.edges, after.edges) == {ref("relu.input"), ref("add.terms.1")}


def test_an_edge_changes_the_cards_at_its_ends():
    stage, model = Stage(), residual()
    before = stage.show(model)
    after = stage.show(model.with_graph("", model.graph.without_edge(ref("linear.input"))))
    # What follows waits: it is drawn otherwise, too.
    assert other(before.nodes, after.nodes) == {"linear", "relu", "add", "out"}
    assert {name for name, node in after.nodes.items() if node.waiting} == {"relu", "add", "out"}


# -- content -------------------------------------------------------------------------------------


def test_a_scene_has_every_node_and_edge():
    model = residual()
    scene = scene_of(model)
    assert list(scene.nodes) == list(model.graph.nodes)
    assert {t: e.source for t, e in scene.edges.items()} == model.graph.edges
    assert scene.positions == model.layout[""]


def test_edge_labels_show_the_values_of_hyperparameters():
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(num_embeddings="v", embedding_dim="2 * w"), tokens)
    builder.add("out", GraphOutput(), embed)
    known = {"v": Hyperparameter(10), "w": Hyperparameter(24)}
    scene = scene_of(Model(graph=builder.build(), hyperparameters=known))
    assert [edge.label for edge in scene.edges.values()] == ["B T", "B T 48"]
    assert scene.nodes["embed"].lines == ("num_embeddings v", "embedding_dim 2 * w")


def test_a_port_of_any_kind_has_the_kind_of_its_source():
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    builder.add("out", GraphOutput(), tokens)
    scene = scene_of(Model(graph=builder.build()))
    assert scene.nodes["out"].inputs[0].kind is Kind.TOKENS
    assert scene_of(alone(GraphOutput())).nodes["it"].inputs[0].kind is Kind.ANY


def test_a_variadic_input_shows_what_is_connected_and_one_that_is_free():
    ports = scene_of(residual()).nodes["add"].inputs
    assert [(port.label, port.connected) for port in ports] == [
        ("terms.0", True),
        ("terms.1", True),
        ("terms.2", False),
    ]


def test_disconnecting_a_variadic_port_keeps_the_others():
    model = residual()
    scene = scene_of(model.with_graph("", model.graph.without_edge(ref("add.terms.0"))))
    ports = scene.nodes["add"].inputs
    assert [(port.label, port.connected) for port in ports] == [
        ("terms.0", False),
        ("terms.1", True),
    ]


def test_a_node_of_an_unknown_type_shows_the_ports_that_edges_name():
    model = residual()
    graph = model.graph.with_node("relu", Unknown(type="Odd", parameters={"spin": 0.5}))
    card = scene_of(model.with_graph("", graph)).nodes["relu"]
    assert (card.unknown, card.subtitle, card.lines) == (True, "Odd", ("spin 0.5",))
    assert [port.label for port in card.ports] == ["input", "output"]
    assert all(port.connected for port in card.ports)


def test_copies_are_counted():
    model = replace(alone(FeedForward(repeat="n")), hyperparameters={"n": Hyperparameter(12)})
    card = scene_of(model).nodes["it"]
    assert (card.copies, card.lines, card.enterable) == ("x 12", ("repeat n",), True)
    assert scene_of(alone(FeedForward(repeat=3, share=True))).nodes["it"].shared
    assert scene_of(alone(FeedForward())).nodes["it"].copies == ""


def test_a_problem_marks_its_node_its_port_and_its_edge():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=5))
    y = builder.add("y", FeatureInput(features=7))
    builder.add("add", Add(), x, y)
    scene = scene_of(Model(graph=builder.build()))
    card = scene.nodes["add"]
    assert card.badge is Severity.ERROR
    bad = [port.label for port in card.inputs if port.bad]
    assert bad == [target.port for target, edge in scene.edges.items() if edge.bad]
    assert len(bad) == 1


def test_a_problem_in_a_block_marks_the_node_of_the_block():
    inner = GraphBuilder()
    x = inner.add("x", BlockInput(kind="features", shape="B T C"))
    inner.add("attn", ScaledDotProductAttention(), x)
    blocks = {"Inner": inner.build()}
    outer = GraphBuilder(blocks=blocks)
    x = outer.add("x", FeatureInput(features=5))
    outer.add("block", Block(block="Inner"), x)
    model = Model(graph=outer.build(), blocks=blocks)
    assert scene_of(model).nodes["block"].badge is Severity.ERROR
    assert scene_of(model, "Inner").nodes["attn"].badge is Severity.ERROR


def test_an_edge_behind_a_bypassed_node_has_a_shape():
    model = residual()
    scene = scene_of(model.with_graph("", replace(model.graph, bypassed=frozenset({"relu"}))))
    assert [name for name, card in scene.nodes.items() if card.bypassed] == ["relu"]
    assert not any(card.waiting for card in scene.nodes.values())
    assert scene.edges[ref("add.terms.1")].label == "B T 64"


def test_the_inside_of_a_composite_has_shapes():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    builder.add("out", GraphOutput(), builder.add("ffn", FeedForward(hidden_size=32), x))
    scene = scene_of(Model(graph=builder.build()), "FeedForward")
    assert {edge.label for edge in scene.edges.values()} == {"B T 8", "B T 32"}


def test_an_edge_to_a_missing_node_is_not_drawn():
    model = residual()
    graph = model.graph
    cut = Graph({k: n for k, n in graph.nodes.items() if k != "relu"}, graph.edges)
    assert set(scene_of(model.with_graph("", cut)).edges) == {
        target for target, source in graph.edges.items() if "relu" not in (target.node, source.node)
    }


def test_the_extent_covers_the_selection():
    model = placed(residual(), out=(1200.0, 500.0))
    comments = {"": {"note": Comment("far", -400.0, -300.0, 100.0, 50.0)}}
    scene = scene_of(replace(model, comments=comments))
    assert scene.extent(Selection.of("out")) == ((1200.0, 500.0), (1340.0, 580.0))
    assert scene.extent()[0] == (-400.0, -300.0)
    assert scene_of(Model()).extent() is None


# -- cards ---------------------------------------------------------------------------------------


@EVERY_NODE
def test_ports_lie_on_the_edges_of_the_card(node):
    card = scene_of(alone(node)).nodes["it"]
    assert {port.x for port in card.inputs} <= {0.0}
    assert {port.x for port in card.outputs} <= {card.size[0]}
    for side in (card.inputs, card.outputs):
        assert [port.y for port in side] == [HEADER + ROW * (i + 0.5) for i in range(len(side))]
        assert all(port.y + ROW / 2 <= card.size[1] for port in side)


@EVERY_NODE
def test_a_card_is_on_the_grid_and_within_bounds(node):
    across, down = scene_of(alone(node)).nodes["it"].size
    assert MIN_WIDTH <= across <= MAX_WIDTH
    assert (across % GRID, down % GRID) == (0, 0)


def test_ports_of_a_card_are_found_by_name_and_side():
    card = scene_of(alone(LSTM())).nodes["it"]
    assert [card.find(port.end) for port in card.ports] == list(card.ports)
    assert card.find(PortEnd(ref("it.nothing"), True)) is None


def test_a_card_lists_the_first_changed_parameters():
    node = FeedForward(hidden_size=7, bias=False, dropout=0.25, activation="gelu", share=True)
    lines = scene_of(alone(node)).nodes["it"].lines
    assert set(lines) == {
        "hidden_size 7",
        "activation gelu",
        "bias false",
        "dropout 0.25",
        "share true",
    }
    card = scene_of(alone(Unknown(type="A", parameters=dict.fromkeys("abcdefgh", 1)))).nodes["it"]
    assert card.lines == ("a 1", "b 1", "c 1", "d 1", "and 4 more")


# -- edges ---------------------------------------------------------------------------------------


def crossed(scene, target) -> set[str]:
    """Return the cards that an edge passes under, except its own."""
    edge = scene.edges[target]
    ends = {target.node, edge.source.node}
    boxes = {name: scene.bounds(name) for name in scene.nodes if name not in ends}
    return {
        name
        for name, (left, top, right, bottom) in boxes.items()
        for x, y in edge.path
        if left < x < right and top < y < bottom
    }


def test_edges_begin_and_end_at_ports():
    scene = scene_of(residual())
    for target, edge in scene.edges.items():
        assert edge.points[0] == scene.at(PortEnd(edge.source, False))
        assert edge.points[-1] == scene.at(PortEnd(target, True))
        assert len(edge.points) % 3 == 1


def test_an_edge_is_routed_around_cards():
    model = residual()
    for y in (-40.0, 0.0, 20.0, 60.0):
        scene = scene_of(placed(model, linear=(440.0, y), relu=(700.0, y)))
        assert crossed(scene, ref("add.terms.0")) == set()


def test_an_edge_is_direct_again_without_obstacles():
    stage, model = Stage(), residual()
    straight = stage.show(model).edges[ref("add.terms.0")]
    around = stage.show(placed(model, linear=(440.0, 0.0))).edges[ref("add.terms.0")]
    assert (len(straight.points), len(around.points)) == (4, 10)
    assert stage.show(model).edges[ref("add.terms.0")] == straight


@pytest.mark.parametrize("at", [(-300.0, 0.0), (-100.0, 300.0), (200.0, -400.0), (100.0, 10.0)])
def test_a_backward_edge_passes_outside_its_cards(at):
    model = placed(residual(), linear=at)
    scene = scene_of(model)
    edge = scene.edges[ref("linear.input")]
    for name in ("linear", "embed"):
        left, top, right, bottom = scene.bounds(name)
        assert not any(left + 1 < x < right - 1 and top + 1 < y < bottom - 1 for x, y in edge.path)


def test_a_label_does_not_overlap_the_cards():
    for gap in range(0, 400, 10):
        scene = scene_of(placed(residual(), linear=(400.0 + gap, 0.0), embed=(180.0, 0.0)))
        edge = scene.edges[ref("linear.input")]
        if edge.label_box is not None:
            assert scene.bounds("embed")[2] < edge.label_box[0]
            assert edge.label_box[2] < scene.bounds("linear")[0]
            assert edge.label_box[2] - edge.label_box[0] >= width(edge.label, 13.5, "medium")


# -- one after the other -------------------------------------------------------------------------

NAMES = st.sampled_from(sorted(residual().graph.nodes))
COORDINATES = st.integers(-60, 140).map(lambda step: 10.0 * step)


def moved(model, name, x, y):
    return placed(model, **{name: (x, y)})


def without(model, name):
    return model.with_graph("", model.graph.without_node(name))


def disconnected(model, index):
    targets = list(model.graph.edges)
    if not targets:
        return model
    return model.with_graph("", model.graph.without_edge(targets[index % len(targets)]))


def replaced(model, name, size):
    return model.with_graph("", model.graph.with_node(name, Linear(out_features=size)))


def connected(model, source, target):
    graph = model.graph.with_edge(ref(f"{source}.output"), ref(f"{target}.input"))
    return model.with_graph("", graph)


def bypassed(model, name):
    return model.with_graph("", replace(model.graph, bypassed=model.graph.bypassed ^ {name}))


def added(model, name):
    return model.with_graph("", model.graph.with_node(f"{name}_too", Dropout()))


EDITS = st.one_of(
    st.tuples(st.just(moved), NAMES, COORDINATES, COORDINATES),
    st.tuples(st.just(without), NAMES),
    st.tuples(st.just(disconnected), st.integers(0, 9)),
    st.tuples(st.just(replaced), NAMES, st.sampled_from([32, 64])),
    st.tuples(st.just(connected), NAMES, NAMES),
    st.tuples(st.just(bypassed), NAMES),
    st.tuples(st.just(added), NAMES),
)


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(EDITS, max_size=8))
def test_an_updated_scene_equals_a_new_one(edits):
    stage, model = Stage(), residual()
    stage.show(model)
    for edit, *arguments in edits:
        model = edit(model, *arguments)
        scene, fresh = stage.show(model), scene_of(model)
        assert list(scene.nodes.items()) == list(fresh.nodes.items())
        assert list(scene.edges.items()) == list(fresh.edges.items())
        assert scene.positions == fresh.positions
