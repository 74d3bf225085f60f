"""Nodes that are tied share one weight, however the ties run; wrong ties are always reported."""

import pytest
import torch

from codegen.check import check
from codegen.compile import compile_model
from codegen.cost import total
from examples.build import gpt
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.embedding.embedding import Embedding
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from tests.codegen.drawing import (
    block,
    branches,
    chain,
    change,
    connect,
    cut,
    drop,
    put,
    value,
    with_blocks,
)
from tests.codegen.running import network

RUN = {"B": 2, "T": 3}


def tied(**ties: str) -> Model:
    """Build a chain of Linear nodes a, b, c, d with ties between them."""
    return chain(*[Linear(tie=ties.get(name, "")) for name in "abcd"])


def weights(model: Model) -> list[int]:
    """Return the identity of the weight of each layer, as small numbers in order of appearance."""
    layers = [one for one in network(model).modules() if hasattr(one, "weight")]
    seen = list(dict.fromkeys(id(layer.weight) for layer in layers))
    return [seen.index(id(layer.weight)) for layer in layers]


def messages(model: Model) -> list[str]:
    return [str(problem) for problem in check(model).problems]


@pytest.mark.parametrize(
    ("ties", "shared"),
    [
        ({"a": "b"}, [0, 0, 1, 2]),
        ({"a": "b", "b": "c"}, [0, 0, 0, 1]),
        ({"c": "b", "b": "a"}, [0, 0, 0, 1]),
        ({"b": "d", "d": "a"}, [0, 0, 1, 0]),
        ({"a": "d", "b": "d", "c": "b"}, [0, 0, 0, 0]),
        ({"a": "c", "b": "d"}, [0, 1, 0, 1]),
    ],
)
def test_ties_that_meet_share_one_weight(ties, shared):
    model = tied(**ties)
    assert messages(model) == []
    assert weights(model) == shared
    counted = total(model, check(model).main, RUN).parameters
    assert counted == sum(one.numel() for one in network(model).parameters())


def test_a_chain_of_ties_is_trained_as_one_weight():
    module = network(tied(a="b", b="c"))
    module(torch.randn(2, 3, 64)).sum().backward()
    assert len({id(layer.weight.grad) for layer in (module.a, module.b, module.c)}) == 1
    assert {name for name, _ in module.named_parameters() if "weight" in name} == {
        "a.weight",
        "d.weight",
    }


@pytest.mark.parametrize("copies", [{"repeat": 2}, {"repeat": 2, "share": True}, {}])
def test_ties_in_a_block_are_those_of_each_copy(copies):
    inner = block(Linear(tie="b"), Linear(tie="c"), Linear())
    model = with_blocks(Block(block="Inner", **copies), Inner=inner)
    count = 2 if copies == {"repeat": 2} else 1
    assert weights(model) == [number for number in range(count) for _ in "abc"]


def with_unused(*tied_to_it: str) -> Model:
    """Build a chain in which nodes are tied to one that leads to no output."""
    model = put(tied(**dict.fromkeys(tied_to_it, "unused")), "unused", Linear())
    return connect(model, "x.output", "unused.input")


def test_nodes_that_are_tied_to_an_unused_one_share_a_weight():
    model = with_unused("b", "d")
    assert weights(model) == [0, 1, 2, 1]
    assert "unused" not in compile_model(model).source
    assert total(model, check(model).main, RUN).parameters == sum(
        one.numel() for one in network(model).parameters()
    )


def test_a_chain_of_ties_may_run_through_an_unused_node():
    model = change(with_unused("a"), "unused", tie="c")
    assert weights(model) == [0, 1, 0, 2]


def test_a_tie_to_an_unused_node_is_warned_of():
    assert messages(with_unused("b")) == [
        "unused: expected a path to an output, got none, so it is not part of the model.",
        "b.tie: expected a node on a path to an output, got unused, which is on none. Clear tie.",
    ]


def test_nodes_of_an_unread_output_of_a_block_may_own_a_weight():
    inner = block(Linear(tie="b"), Linear())
    inner = inner.with_node("early", inner.nodes["out"])
    model = with_blocks(Block(block="Inner"), Inner=with_output(inner))
    model = cut(model, "y.input")
    model = connect(model, "stack.early", "y.input")
    assert weights(model) == [0]
    both = connect(put(model, "z", model.graph.nodes["y"]), "stack.out", "z.input")
    assert weights(both) == [0, 0]


def with_output(graph: Graph) -> Graph:
    return connect(Model(graph=graph), "a.output", "early.input").graph


@pytest.mark.parametrize(
    ("ties", "reported"),
    [
        ({"a": "b", "b": "a"}, ["a.tie: expected ties that end at a weight, got a -> b -> a."]),
        (
            {"b": "c", "c": "d", "d": "b"},
            ["b.tie: expected ties that end at a weight, got b -> c -> d -> b."],
        ),
        (
            {"a": "b", "b": "c", "c": "b"},
            ["b.tie: expected ties that end at a weight, got b -> c -> b."],
        ),
        ({"a": "b", "b": "b"}, ["b.tie: expected another node, got the node itself."]),
        ({"a": "b", "b": "gone"}, ["b.tie: expected the name of a node, got 'gone'."]),
    ],
)
def test_ties_that_end_nowhere_are_refused(ties, reported):
    assert messages(tied(**ties)) == [f"{problem} Clear tie." for problem in reported]


def test_wrong_ties_are_reported_beside_a_wrong_shape():
    model = chain(LayerNorm(), Linear(tie="gone"), Linear(tie="a"), Linear(tie="c"))
    model = cut(change(model, "d", tie="d"), "a.input")
    assert messages(model) == [
        "a.input: expected an edge, got none. Connect x.output to a.input.",
        "b.tie: expected the name of a node, got 'gone'. Clear tie.",
        "c.tie: expected a node with a weight, got a. Clear tie.",
        "d.tie: expected another node, got the node itself. Clear tie.",
    ]


def test_wrong_ties_of_a_block_are_reported_before_its_shapes_are_known():
    inner = block(Linear(tie="gone"))
    model = cut(with_blocks(Block(block="Inner"), Inner=inner), "stack.x")
    assert messages(model) == [
        "stack.x: expected an edge, got none. Connect x.output to stack.x.",
        "Inner/a.tie: expected the name of a node, got 'gone'. Clear tie.",
    ]


def test_the_ties_of_a_block_that_is_not_placed_are_not_part_of_the_model():
    model = with_blocks(
        Block(block="Inner"), Inner=block(Linear()), Other=block(Linear(tie="gone"))
    )
    assert messages(model) == []


def test_deleting_a_node_names_what_was_tied_to_it_and_what_it_was_added_to():
    found = [problem for problem in check(drop(gpt(), "embed")).problems]
    assert [str(problem) for problem in found if problem.location.graph == ""] == [
        "blocks.x: expected 3 dimensions (B T C), got 2: (T, d_model) from dropout.output.",
        "head.tie: expected the name of a node, got 'embed'. Clear tie.",
        "add.terms: expected at least two edges, got one, which the node passes on unchanged. "
        "Add Embedding(vocab_size, d_model) after tokens.output before add.terms.0.",
    ]


def test_weights_of_equal_values_may_be_tied():
    model = chain(Embedding(num_embeddings=64, embedding_dim="d"), start=TokenInput())
    model = value(put(model, "head", Linear(out_features=64, tie="a")), "d", 64)
    model = connect(connect(model, "a.output", "head.input"), "head.output", "y.input")
    assert weights(model) == [0, 0]


def test_a_single_edge_of_a_sum_is_warned_of_and_a_second_is_proposed():
    model = cut(branches(Linear(), Linear(), Add()), "sum.terms.0")
    assert messages(model) == [
        "left: expected a path to an output, got none, so it is not part of the model. "
        "Remove left.",
        "sum.terms: expected at least two edges, got one, which the node passes on unchanged. "
        "Connect left.output to sum.terms.0.",
    ]
