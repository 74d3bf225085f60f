"""What you draw is what runs: models drawn at random do what their graphs mean."""

import ast
import subprocess
import sys
from random import Random

import pytest

from codegen.check import check
from codegen.compile import compile_model
from nodes.activation import GELU, Sigmoid
from nodes.attention import SplitHeads
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Composite, Hyperparameter, InputNode, Model, OutputNode
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.io import BlockInput, FeatureInput, GraphOutput
from nodes.linear import Linear
from nodes.merge import Add, Affine, Concatenate, Multiply, Split
from tests.agreement import Verdict, disagreements, judged
from tests.primitives import FUNCTIONS
from tests.random_graphs import drawn_model, near_miss

DRAWN, MISSED = range(75), range(1000, 1075)
KINDS = {"compiled", "streamed", "refused", "stricter", "believed"}


@pytest.fixture(scope="module")
def verdicts() -> dict[int, Verdict]:
    drawn = {seed: judged(drawn_model(seed)) for seed in DRAWN}
    return drawn | {seed: judged(near_miss(drawn_model(seed), Random(seed))) for seed in MISSED}


def test_what_is_drawn_is_what_runs(verdicts):
    assert {seed: one.faults for seed, one in verdicts.items() if one.faults} == {}


def test_what_is_drawn_at_random_is_valid(verdicts):
    assert {verdicts[seed].kind for seed in DRAWN} == {"compiled", "streamed"}


def test_near_misses_are_accepted_and_refused(verdicts):
    kinds = [verdicts[seed].kind for seed in MISSED]
    assert set(kinds) <= KINDS
    assert kinds.count("refused") > 10
    assert kinds.count("compiled") > 10


def test_the_code_of_random_graphs_is_as_the_formatter_and_the_linter_want_it(verdicts, tmp_path):
    for seed, one in verdicts.items():
        ast.parse(one.source)
        (tmp_path / f"seed_{seed}.py").write_text(one.source, encoding="ascii")
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", tmp_path]
        told = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert told.stdout + told.stderr == ""


def test_every_primitive_has_a_meaning_apart_from_its_code():
    primitives = {
        name
        for name, one in node_types().items()
        if not issubclass(one, Composite | InputNode | OutputNode)
    }
    assert primitives == FUNCTIONS.keys()


# -- what random graphs have found -----------------------------------------------------------------


def stream() -> BlockInput:
    return BlockInput(kind="features", shape="B T C")


def model(builder: GraphBuilder, *results: NodeHandle, **sizes: int) -> Model:
    """Give out some values of a draft."""
    for number, result in enumerate(results):
        builder.add(f"out {number}", GraphOutput(), result)
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model("CheckedNode", builder.build(), blocks=builder.blocks, hyperparameters=known)


def placed(inner: GraphBuilder, place: Block, inputs: int) -> tuple[GraphBuilder, NodeHandle]:
    """Draw a block that reads one value several times."""
    builder = GraphBuilder(blocks={place.block: inner.build()})
    x = builder.add("x", FeatureInput(features=6))
    return builder, builder.add("block", place, *[x] * inputs)


def faults(found: Model) -> list[str]:
    return disagreements(found, compile_model(found))


def two_inputs(read: tuple[int, ...]) -> GraphBuilder:
    """Draw a block of two inputs that reads some of them."""
    builder = GraphBuilder()
    ends = [builder.add("a", stream()), builder.add("b", stream())]
    y = builder.add("gelu", GELU(), ends[read[0]])
    for index in read[1:]:
        y = builder.add("add", Add(), y, ends[index])
    builder.add("result", GraphOutput(), y)
    return builder


def test_what_enters_a_loop_and_is_read_inside_keeps_its_variable():
    builder, result = placed(two_inputs((0, 1)), Block(block="Two", repeat=3), 2)
    assert faults(model(builder, result)) == []


def test_a_loop_carries_nothing_into_an_input_that_no_copy_reads():
    builder, result = placed(two_inputs((1,)), Block(block="Second", repeat=2), 2)
    assert faults(model(builder, result)) == []


def test_what_only_an_unread_input_of_a_loop_wants_is_left_out():
    inner = two_inputs((0,))
    builder = GraphBuilder(blocks={"First": inner.build()})
    x = builder.add("x", FeatureInput(features=6))
    unread = builder.add("sigmoid", Sigmoid(), x)
    found = model(builder, builder.add("block", Block(block="First", repeat=2), x, unread))
    assert faults(found) == []
    assert "sigmoid" not in compile_model(found).source


def test_outputs_of_a_block_may_have_names_of_several_words():
    inner = GraphBuilder()
    x = inner.add("x", stream())
    inner.add("the first half", GraphOutput(), inner.add("gelu", GELU(), x))
    inner.add("the other half", GraphOutput(), inner.add("sigmoid", Sigmoid(), x))
    inner.add("rest", GraphOutput(), x)
    builder, block = placed(inner, Block(block="Halves"), 1)
    assert faults(model(builder, block["the other half"], block["rest"])) == []


def test_a_sum_must_divide_as_a_whole():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features="a + b"))
    found = model(builder, builder.add("split", Split(), x)["first"], a=5, b=3)
    assert faults(found) == []
    assert "if (self.a + self.b) % 2:" in compile_model(found).source


def test_heads_whose_number_is_a_sum_must_divide_the_width():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=23))
    found = model(builder, builder.add("split", SplitHeads(num_heads="a + b"), x), a=5, b=4)
    assert [str(one) for one in check(found).errors] == [
        "split.input: expected a multiple of num_heads = a + b = 9, got 23 from x.output. "
        "Set num_heads to 1, or set num_heads to 23."
    ]


def test_a_sum_of_one_term_is_no_line_of_its_own():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=6))
    y = builder.add("add", Add(), builder.add("up", Linear(), x))
    y = builder.add("multiply", Multiply(), builder.add("affine", Affine(), y))
    found = model(builder, builder.add("cat", Concatenate(), y, y), y)
    assert faults(found) == []
    assert "x = x\n" not in compile_model(found).source


def test_a_block_tells_which_output_needs_an_input_that_is_left_out():
    inner = GraphBuilder()
    inner.add("result", GraphOutput(), inner.add("x", stream()))
    extra = inner.add("extra", BlockInput(optional=True))
    inner.add("more", GraphOutput(), inner.add("gelu", GELU(), extra))
    builder, result = placed(inner, Block(block="Optional"), 1)
    assert [str(one) for one in check(model(builder, result)).errors] == [
        "block.extra: its output more needs what arrives here, but nothing is connected."
    ]
