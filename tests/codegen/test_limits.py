"""What exceeds a limit is a problem at its place, which names the limit; never an exception."""

import pytest

from codegen.check import CheckCache, check
from codegen.compile import NotCompiled, compile_model
from codegen.cost import NoCost, rows, total
from nodes.core.graphs.graph import Block, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.concatenate import Concatenate
from nodes.merge.stack import Stack
from nodes.normalization.rms_norm import RMSNorm
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.reshape.reshape import Reshape
from tests.codegen.drawing import block, chain, with_blocks

RUN = {"B": 1, "T": 64, "S": 64}


def errors(model: Model) -> list[str]:
    """Return the errors of a model, after computing its costs and trying to compile it."""
    report = check(model)
    assert report.main is not None
    assert rows(model, report.main, RUN)
    assert total(model, report.main, RUN)
    if report.errors:
        with pytest.raises(NotCompiled):
            compile_model(model)
    return [str(problem) for problem in report.errors]


def joined(widths: list[object], **hyperparameters: int) -> Model:
    """Return a model that concatenates a Linear of each width."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    parts = [
        builder.add(f"l{index}", Linear(out_features=width), x)
        for index, width in enumerate(widths)
    ]
    builder.add("y", GraphOutput(), builder.add("join", Concatenate(), *parts))
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model(graph=builder.build(), hyperparameters=known)


def doubled(features: object, times: int, **hyperparameters: int) -> Model:
    """Return a model that concatenates a tensor with itself again and again."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=features))
    for index in range(times):
        x = builder.add(f"c{index}", Concatenate(), x, x)
    builder.add("y", GraphOutput(), x)
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model(graph=builder.build(), hyperparameters=known)


def test_at_most_64_different_widths_are_joined():
    names = [f"h{index}" for index in range(65)]
    values = {name: index + 1 for index, name in enumerate(names)}
    assert errors(joined(names[:-1], **dict(list(values.items())[:-1]))) == []
    assert errors(joined(names, **values)) == [
        "join: expected at most 64 terms in a size, got 65; "
        "use fewer different sizes, or add a hyperparameter for a part of it."
    ]


LIMIT = "expected a size below 2**53, got"
SMALLER = "make a number in it smaller"


@pytest.mark.parametrize("times", [53, 200])
@pytest.mark.parametrize("known", [{}, {"d": 1}])
def test_a_size_is_bounded_whether_it_is_plain_or_symbolic(times, known):
    size = "d" if known else 1
    assert errors(doubled(size, 52, **known)) == []
    assert errors(doubled(size, times, **known)) == [f"c52: {LIMIT} {2**53}; {SMALLER}."]


def test_a_symbolic_size_is_bounded_at_its_present_value():
    assert errors(doubled("d", 3, d=2**50 - 1)) == []
    assert errors(doubled("d", 3, d=2**50)) == [f"c2: {LIMIT} {2**53}; {SMALLER}."]


def test_an_expression_is_bounded_at_its_present_value():
    model = chain(Linear(out_features="w * w"), w=2**27)
    assert errors(model) == [
        f"a.out_features: {LIMIT} {2**54}; {SMALLER}. Set the hyperparameter w to 128 or 64."
    ]
    assert errors(chain(Linear(out_features="w * w * w"), w=2**40)) == [
        f"a.out_features: {LIMIT} about 2**120; {SMALLER}. Set the hyperparameter w to 128 or 64."
    ]


@pytest.mark.parametrize(("size", "known"), [(2**47, {}), ("w", {"w": 2**47})])
def test_the_elements_of_a_weight_are_bounded(size, known):
    shape = f"({size}, 64)"
    assert errors(chain(Linear(out_features=size), **known)) == [
        f"a: expected a weight of fewer than 2**53 elements, got {shape} with {2**53}; "
        "make an axis smaller. Clear out_features."
    ]
    assert errors(chain(Linear(out_features="w"), w=2**47 - 1)) == []


def test_the_elements_of_an_embedding_are_bounded():
    builder = GraphBuilder()
    table = Embedding(num_embeddings=2**31, embedding_dim=2**31)
    builder.add("y", GraphOutput(), builder.add("e", table, builder.add("x", TokenInput())))
    (error,) = errors(Model(graph=builder.build()))
    assert error.startswith(f"e: expected a weight of fewer than 2**53 elements, got ({2**31}, ")


def widened(count: int, inner: int = 1) -> Model:
    """Return a model that places one block at inputs of as many widths."""
    inside = GraphBuilder()
    x = inside.add("x", BlockInput(shape="B T C", kind="features"))
    for index in range(inner):
        x = inside.add(f"n{index}", RMSNorm(), x)
    inside.add("out", GraphOutput(), x)
    layer = inside.build()
    builder = GraphBuilder(blocks={"Layer": layer})
    x = builder.add("x", FeatureInput(features=8))
    ends = []
    for width in range(count):
        wide = builder.add(f"l{width}", Linear(out_features=width + 1), x)
        placed = builder.add(f"b{width}", Block(block="Layer"), wide)
        ends.append(builder.add(f"m{width}", Linear(out_features=8), placed))
    builder.add("y", GraphOutput(), builder.add("sum", Add(), *ends))
    return Model(graph=builder.build(), blocks={"Layer": layer})


def test_at_most_500_expansions_differ():
    assert check(widened(500)).ok
    for count in (501, 3000):
        [problem] = check(widened(count)).problems
        assert str(problem) == (
            "b500: expected at most 500 different expansions of blocks and composites, Layer is "
            "one more; give nodes of one type inputs of the same sizes."
        )


def test_the_limit_of_expansions_does_not_depend_on_the_cache():
    cache = CheckCache()
    model = widened(501)
    assert not check(model, cache).ok
    fewer = model.edit("", lambda graph: graph.without_edge(PortRef("sum", "terms.0")))
    fewer = fewer.edit("", lambda graph: graph.without_node("b0"))
    again = fewer.edit("", lambda graph: graph.with_node("b0", Block(block="Layer")))
    again = again.edit(
        "", lambda graph: graph.with_edge(PortRef("l0", "output"), PortRef("b0", "x"))
    )
    for edited in (fewer, again, fewer):
        assert check(edited, cache).problems == check(edited).problems


def test_different_expansions_have_a_number_of_nodes_at_most():
    [problem] = check(widened(300, inner=98)).problems
    assert str(problem.location) == "b250"
    assert problem.message.startswith("expected at most 25,000 nodes in different expansions of ")


def copied(depth: int, repeat: int, share: bool = False) -> Model:
    """Return a model of blocks that each repeat the next one."""
    blocks = {"B0": block(Linear(out_features=64))}
    for level in range(1, depth):
        inner = Block(block=f"B{level - 1}", repeat=repeat, share=share)
        blocks[f"B{level}"] = block(inner, blocks=blocks)
    return with_blocks(Block(block=f"B{depth - 1}", repeat=repeat, share=share), **blocks)


@pytest.mark.parametrize(("depth", "at"), [(2, "stack"), (3, "B2/a"), (60, "B2/a")])
def test_the_copies_of_copies_are_bounded(depth, at):
    expected = "expected at most 1,000,000 nodes with all copies counted, got "
    [error] = errors(copied(depth, 10_000))
    assert error.startswith(f"{at}: {expected}")


def test_copies_that_share_their_weights_are_one():
    assert check(copied(4, 10_000, share=True)).ok


@pytest.mark.parametrize("layers", [10_001, 2**53 - 1])
@pytest.mark.parametrize("node_type", [RNN, GRU, LSTM])
def test_the_layers_of_a_recurrent_network_are_bounded(node_type, layers):
    assert errors(chain(node_type(num_layers=layers))) == [
        f"a.num_layers: expected at most 10000 layers, got {layers}. Set num_layers to 1."
    ]


@pytest.mark.parametrize(("size", "time"), [(2**50, 64), (8, 2**50)])
def test_a_run_whose_sizes_exceed_the_limit_has_no_costs(size, time):
    model = chain(Reshape(pattern="B T C -> B (T C)"), start=FeatureInput(features=size))
    report = check(model)
    assert report.ok
    with pytest.raises(NoCost, match=r"^y: expected a size below 2\*\*53, got "):
        rows(model, report.main, {**RUN, "T": time})


def chain_of(node_type: type[Node], count: int) -> Model:
    """Return a chain of nodes of one type."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    for index in range(count):
        x = builder.add(f"n{index}", node_type(), x)
    builder.add("y", GraphOutput(), x)
    return Model(graph=builder.build())


def test_a_tensor_has_at_most_64_dimensions():
    assert errors(chain_of(Stack, 61)) == []
    for count in (62, 2000):
        assert errors(chain_of(Stack, count)) == [
            "n61: expected at most 64 dimensions, as in PyTorch, got 65; merge some of them."
        ]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("B T C -> B T C 1" + "1" * 5000, "expected a pattern of at most 200 characters, got "),
        ("B T C -> B T C 9007199254740992", "expected a number below 2**53, got 9007199254740992"),
        ("B T C -> B T C" + " 1" * 70, "expected at most 64 dimensions, as in PyTorch, got 73"),
    ],
)
def test_the_numbers_in_a_pattern_are_bounded(pattern, reason):
    [error] = errors(chain(Reshape(pattern=pattern)))
    assert reason in error
    assert len(error) < 300
