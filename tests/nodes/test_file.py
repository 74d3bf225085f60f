"""Models and their files: what is written, and that reading gives it back."""

import json
import shutil
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.core.files.atomic_save import Changed, NotSaved
from nodes.core.files.file_lock import locked
from nodes.core.files.model_file import dumps, load, loads, save
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Comment, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.naming_rules import LONGEST, folded
from nodes.core.graphs.node import Node
from nodes.core.shapes.expression import NAME, is_name
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling

GPT = """{
  "wireformer": 1,
  "name": "gpt",
  "notes": [
    "A small GPT.",
    "",
    "It reads \\"characters\\"."
  ],
  "hyperparameters": {
    "vocab_size": {"value": 65, "doc": "different characters"},
    "d_model": 128,
    "p": 0.1
  },
  "initialization": "normal",
  "recipe": {
    "kind": "language-modelling",
    "steps": 500
  },
  "blocks": {
    "Layer": {
      "notes": "one of many",
      "nodes": {
        "x": {"type": "BlockInput"},
        "attn": {"type": "MultiHeadAttention", "num_heads": 4, "causal": true},
        "sum": {"type": "Add"},
        "y": {"type": "GraphOutput"}
      },
      "edges": {
        "attn.query": "x.output",
        "sum.terms.0": "x.output",
        "sum.terms.1": "attn.output",
        "y.input": "sum.output"
      }
    }
  },
  "nodes": {
    "tokens": {"type": "TokenInput"},
    "embed": {
      "type": "Embedding",
      "num_embeddings": "vocab_size",
      "embedding_dim": "2 * d_model",
      "padding_idx": 0,
      "scale": "sqrt"
    },
    "dropout": {"type": "Dropout", "p": "p"},
    "layers": {"type": "Block", "block": "Layer", "repeat": 3},
    "output": {"type": "GraphOutput"}
  },
  "edges": {
    "embed.input": "tokens.output",
    "dropout.input": "embed.output",
    "layers.x": "dropout.output",
    "output.input": "layers.y"
  },
  "layout": {
    "": {
      "tokens": [0, 0],
      "embed": [120, -40.5]
    },
    "Layer": {
      "x": [10, 20]
    }
  }
}
"""


def node(node_type: str, **parameters: object) -> Node:
    return node_types()[node_type](**parameters)


def gpt() -> Model:
    layer = GraphBuilder(notes="one of many")
    x = layer.add("x", node("BlockInput"))
    attn = layer.add("attn", node("MultiHeadAttention", num_heads=4, causal=True), x)
    layer.add("y", node("GraphOutput"), layer.add("sum", node("Add"), x, attn))
    blocks = {"Layer": layer.build()}
    main = GraphBuilder(blocks)
    tokens = main.add("tokens", node("TokenInput"))
    sizes = {"num_embeddings": "vocab_size", "embedding_dim": "2 * d_model"}
    embed = main.add("embed", node("Embedding", padding_idx=0, scale="sqrt", **sizes), tokens)
    dropout = main.add("dropout", node("Dropout", p="p"), embed)
    layers = main.add("layers", node("Block", block="Layer", repeat=3), dropout)
    main.add("output", node("GraphOutput"), layers)
    return Model(
        name="gpt",
        graph=replace(main.build(), notes='A small GPT.\n\nIt reads "characters".'),
        blocks=blocks,
        hyperparameters={
            "vocab_size": Hyperparameter(65, "different characters"),
            "d_model": Hyperparameter(128),
            "p": Hyperparameter(0.1),
        },
        initialization="normal",
        recipe=LanguageModelling(steps=500),
        layout={"": {"tokens": (0.0, 0.0), "embed": (120.0, -40.5)}, "Layer": {"x": (10.0, 20.0)}},
    )


def chain(length: int) -> Model:
    builder = GraphBuilder()
    placed = builder.add("tokens", node("TokenInput"))
    for index in range(length - 1):
        placed = builder.add(f"linear {index}", node("Linear", out_features=8), placed)
    return Model(graph=builder.build())


# -- what is written ---------------------------------------------------------------------------


def test_a_file_reads_well():
    assert dumps(gpt()).decode() == GPT


def test_loading_gives_the_model_back():
    assert loads(GPT.encode()) == gpt()


def test_the_empty_model_is_four_lines():
    text = '{\n  "wireformer": 1,\n  "name": "model",\n  "nodes": {},\n  "edges": {}\n}\n'
    assert dumps(Model()).decode() == text
    assert loads(text.encode()) == loads(b'{"wireformer": 1}') == Model()


def test_the_order_in_which_edges_are_drawn_does_not_matter():
    model = gpt()
    edges = dict(reversed(model.graph.edges.items()))
    assert dumps(replace(model, graph=replace(model.graph, edges=edges))) == dumps(model)


def test_the_order_in_which_nodes_are_moved_does_not_matter():
    model = gpt()
    layout = {graph: dict(reversed(points.items())) for graph, points in model.layout.items()}
    assert dumps(replace(model, layout=layout)) == dumps(model)


def test_the_tenth_edge_of_a_port_comes_after_the_ninth():
    builder = GraphBuilder()
    source = builder.add("tokens", node("TokenInput"))
    builder.add("sum", node("Add"), *[source] * 12)
    edges = json.loads(dumps(Model(graph=builder.build())))["edges"]
    assert list(edges) == [f"sum.terms.{index}" for index in range(12)]


def test_adding_a_node_changes_only_its_own_lines():
    model = gpt()
    added = replace(model, graph=model.graph.with_node("extra", node("Linear")))
    before, after = dumps(model).splitlines(), dumps(added).splitlines()
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    assert gone == [b'    "output": {"type": "GraphOutput"}']
    assert come == [b'    "output": {"type": "GraphOutput"},', b'    "extra": {"type": "Linear"}']


def test_the_position_of_a_node_that_is_gone_is_not_written():
    model = replace(gpt(), layout={"": {"gone": (1.0, 2.0)}, "Gone": {"x": (1.0, 2.0)}})
    assert loads(dumps(model)) == replace(model, layout={})


def test_text_is_written_as_it_is_read():
    model = Model(name="Übersetzer 翻訳", graph=Graph(notes="größer"))
    assert '"name": "Übersetzer 翻訳",\n  "notes": "größer",' in dumps(model).decode()


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\u2028", "\ufeff", "\x7f", "\x85", "\xad"])
def test_what_no_editor_shows_is_escaped(char):
    model = Model(graph=Graph(notes=f"a{char}b"))
    assert f"a\\u{ord(char):04x}b" in dumps(model).decode()
    assert loads(dumps(model)) == model


def test_notes_may_be_written_as_a_text_or_as_lines():
    as_text = loads(b'{"wireformer": 1, "notes": "one\\ntwo"}')
    assert as_text == loads(b'{"wireformer": 1, "notes": ["one", "two"]}')


def test_a_recipe_keeps_its_lists():
    model = Model(recipe=Forecasting(columns=("wind", "rain"), targets=("rain",)))
    assert '"columns": ["wind", "rain"],' in dumps(model).decode()
    assert loads(dumps(model)) == model


def test_a_node_of_unknown_type_loses_nothing():
    text = GPT.replace('"Dropout", "p": "p"', '"Forget", "q": [1, {"r": null}], "s": 1e-05')
    text = text.replace('"dropout.input"', '"dropout.in.7"')
    assert dumps(loads(text.encode())).decode() == text


def test_a_block_that_is_missing_keeps_its_edges():
    text = GPT.replace('"block": "Layer"', '"block": "Elsewhere"')
    assert dumps(loads(text.encode())).decode() == text


def test_no_parameter_takes_the_name_of_the_type():
    assert [name for name, known in node_types().items() if "type" in known.model_fields] == []


def test_a_file_does_not_depend_on_the_machine(monkeypatch, tmp_path):
    for name in ("HOME", "USER", "LOGNAME", "HOSTNAME"):
        monkeypatch.setenv(name, "sentinel")
    path = tmp_path / "sentinel.json"
    save(gpt(), path, None, state_dir=tmp_path)
    assert path.read_bytes() == GPT.encode()


def test_the_lock_of_a_file_lies_in_the_state_folder(tmp_path):
    state = tmp_path / "state"
    with locked(str(tmp_path / "a.json"), state):
        assert [lock.suffix for lock in state.iterdir()] == [".lock"]
        assert [*tmp_path.iterdir()] == [state]
    shutil.rmtree(state)
    save(gpt(), tmp_path / "a.json", None, state_dir=state)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.json", state]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed")
def test_a_lock_is_removed_when_it_is_released(tmp_path):
    save(gpt(), tmp_path / "a.json", None, state_dir=tmp_path / "state")
    assert [*(tmp_path / "state").iterdir()] == []


@pytest.mark.slow
def test_a_chain_of_20000_nodes_survives_a_round_trip():
    model = chain(20_000)
    assert loads(dumps(model)) == model


def test_5000_edges_at_one_node_survive_a_round_trip():
    builder = GraphBuilder()
    source = builder.add("tokens", node("TokenInput"))
    builder.add("sum", node("Add"), *[source] * 5000)
    model = Model(graph=builder.build())
    assert loads(dumps(model)) == model


# -- any model ---------------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="./")
NAMES = st.text(LETTERS, min_size=1, max_size=LONGEST)
COORDINATES = st.floats(-1e9, 1e9)
LENGTHS = st.floats(0, 1e9, exclude_min=True)
SIZES = st.integers(1, 2**53 - 1) | st.sampled_from(["d_model", "4 * d_model", "(a - b) // 3"])
NODES = st.one_of(
    st.builds(node, st.sampled_from(["TokenInput", "Add", "GraphOutput", "MultiHeadAttention"])),
    st.builds(node, st.just("Linear"), out_features=st.none() | SIZES, bias=st.booleans()),
    st.builds(node, st.just("Dropout"), p=st.just("p") | st.floats(0, 1, exclude_max=True)),
    st.builds(node, st.just("LSTM"), hidden_size=SIZES, num_layers=SIZES),
)
NOTES = st.text(LETTERS | st.just("\n"))
COMMENTS = st.builds(Comment, NOTES, COORDINATES, COORDINATES, LENGTHS, LENGTHS, st.booleans())
VALUES = st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.floats(-1e300, 1e300) | NAMES
HYPERPARAMETERS = st.dictionaries(
    st.from_regex(NAME, fullmatch=True).filter(is_name),
    st.builds(Hyperparameter, VALUES, st.text(LETTERS)),
)


@st.composite
def graphs(draw: st.DrawFn, blocks: dict[str, Graph]) -> Graph:
    """Draw any nodes, connected in any way that a canvas allows."""
    builder, placed = GraphBuilder(blocks, draw(NOTES)), []
    nodes = NODES | st.builds(node, st.just("Block"), block=st.sampled_from([*blocks]))
    for name in draw(st.lists(NAMES, max_size=8, unique_by=folded)):
        one = draw(nodes if blocks else NODES)
        inputs, outputs = Model(blocks=blocks).ports(one)
        ports = [f"{port.name}.0" if port.variadic else port.name for port in inputs]
        chosen = [port for port in ports if placed and draw(st.booleans())]
        builder.add(name, one, **{port: draw(st.sampled_from(placed)) for port in chosen})
        placed += [NodeHandle(PortRef(name, port.name)) for port in outputs]
    graph = builder.build()
    return replace(graph, bypassed=frozenset(name for name in graph.nodes if draw(st.booleans())))


@st.composite
def models(draw: st.DrawFn) -> Model:
    names = draw(st.lists(NAMES, max_size=2, unique_by=folded))
    blocks = {name: draw(graphs({})) for name in names}
    graph = replace(draw(graphs(blocks)), notes=draw(NOTES))
    comments = draw(st.dictionaries(NAMES, COMMENTS, max_size=1))
    layout = {name: (draw(COORDINATES), draw(COORDINATES)) for name in [*graph.nodes][:3]}
    return Model(
        name=draw(NAMES),
        graph=graph,
        blocks=blocks,
        hyperparameters=draw(HYPERPARAMETERS),
        layout={"": layout} if layout else {},
        comments={"": comments} if comments else {},
    )


@settings(deadline=None)
@given(models())
def test_any_model_survives_a_round_trip(model):
    data = dumps(model)
    assert loads(data) == model
    assert dumps(loads(data)) == data


# -- files on disk -----------------------------------------------------------------------------


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "gpt.json"
    stamp = save(gpt(), path, None, state_dir=tmp_path)
    assert load(path) == (gpt(), stamp)


def test_a_file_that_another_has_changed_is_not_overwritten(tmp_path):
    path = tmp_path / "gpt.json"
    stamp = save(gpt(), path, None, state_dir=tmp_path)
    path.write_bytes(dumps(Model()))
    with pytest.raises(Changed):
        save(gpt(), path, stamp, state_dir=tmp_path)
    assert load(path)[0] == Model()


UNREADABLE = {
    "a node whose name has a dot": Model(graph=Graph({"a.b": node("Add")})),
    "two nodes that look alike": Model(graph=Graph({"a": node("Add"), "A": node("Add")})),
    "half a character": Model(graph=Graph(notes="\ud800")),
    "a number that is none": Model(hyperparameters={"p": Hyperparameter(float("nan"))}),
    "an edge into nothing": Model(graph=Graph({}, {PortRef("a", "x"): PortRef("b", "y")})),
    "a comment without a size": Model(comments={"": {"a": Comment("", 0, 0, 0, 0)}}),
    "a bypassed node that is not there": Model(graph=Graph(bypassed=frozenset({"a"}))),
    "a position without end": Model(
        graph=Graph({"a": node("Add")}), layout={"": {"a": (float("inf"), 0.0)}}
    ),
}


@pytest.mark.parametrize("model", UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_not_be_read_again_is_not_saved(model, tmp_path):
    path = tmp_path / "model.json"
    stamp = save(gpt(), path, None, state_dir=tmp_path)
    with pytest.raises(NotSaved):
        save(model, path, stamp, state_dir=tmp_path)
    assert load(path) == (gpt(), stamp)
