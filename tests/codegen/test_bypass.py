"""A bypassed node is removed: the code is that of the graph without it."""

from dataclasses import replace

import pytest

from codegen.check import CheckCache, Severity, check
from codegen.compile import compile_model
from codegen.cost import rows, total
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout.dropout import Dropout
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM
from tests.codegen.drawing import (
    block,
    branches,
    chain,
    change,
    connect,
    cut,
    drop,
    put,
    with_blocks,
)

RUN = {"B": 1, "T": 8, "S": 8}


def bypass(model: Model, *names: str, graph: str = "") -> Model:
    return model.edit(graph, lambda one: replace(one, bypassed=frozenset(names)))


def source(model: Model, cache: CheckCache | None = None) -> str:
    return compile_model(model, cache).source


def messages(model: Model) -> list[str]:
    return [str(problem) for problem in check(model).problems]


# -- rewriting ---------------------------------------------------------------------------------


def test_code_is_that_of_the_graph_without_the_node():
    model = chain(Linear(out_features=8), GELU(), Linear(out_features=8))
    assert source(bypass(model, "b")) == source(connect(drop(model, "b"), "a.output", "c.input"))


def test_chain_of_nodes_is_bypassed():
    model = chain(GELU(), Linear(out_features=8), Dropout(), LSTM(), GELU())
    short = connect(drop(drop(drop(model, "b"), "c"), "d"), "a.output", "e.input")
    assert source(bypass(model, "b", "c", "d")) == source(short)


def test_first_connected_input_replaces_the_outputs():
    model = branches(Linear(), GELU(), Add())
    assert source(bypass(model, "sum")) == source(
        connect(drop(model, "sum"), "left.output", "y.input")
    )
    model = cut(model, "sum.terms.0")
    assert source(bypass(model, "sum")) == source(
        connect(drop(model, "sum"), "right.output", "y.input")
    )


def test_input_replaces_every_output():
    model = put(chain(GELU(), LSTM()), "z", GraphOutput())
    model = connect(model, "b.hidden", "z.input")
    short = drop(model, "b")
    short = connect(connect(short, "a.output", "y.input"), "a.output", "z.input")
    assert source(bypass(model, "b")) == source(short)


def test_repeated_block_is_bypassed_as_a_whole():
    blocks = {"B": block(Linear(), Linear())}
    model = with_blocks(Block(block="B", repeat=3), **blocks)
    short = connect(drop(model, "stack"), "x.output", "y.input")
    assert source(bypass(model, "stack")) == source(short)


def test_node_inside_a_block_is_bypassed_in_every_copy():
    blocks = {"B": block(Linear(), GELU()), "C": block(Linear())}
    place = Block(block="B", repeat=3)
    short = with_blocks(place, B=blocks["C"])
    assert source(bypass(with_blocks(place, B=blocks["B"]), "b", graph="B")) == source(short)


def test_all_nodes_of_a_block_can_be_bypassed():
    model = with_blocks(Block(block="B"), B=block(GELU(), GELU()))
    assert source(bypass(model, "a", "b", graph="B")) == source(
        with_blocks(Block(block="B"), B=block())
    )


WRONG_LINEAR = Unknown(type="Linear", parameters={"out_features": "d //"})
WRONG_BLOCK = block(GELU()).with_node("a", WRONG_LINEAR)


@pytest.mark.parametrize("bypassed", [("stack",), ()])
def test_a_block_that_only_bypassed_nodes_place_is_not_checked(bypassed):
    outer = block(Block(block="Inner"), blocks={"Inner": WRONG_BLOCK})
    model = with_blocks(Block(block="Outer"), Outer=outer, Inner=WRONG_BLOCK)
    assert check(bypass(model, *bypassed)).ok == bool(bypassed)


def test_the_inputs_of_a_block_are_checked_where_a_bypassed_node_places_it():
    wrong = Unknown(type="BlockInput", parameters={"kind": "tanh"})
    inner = block(GELU())
    model = with_blocks(Block(block="Inner"), Inner=inner)
    model = model.edit("Inner", lambda graph: graph.with_node("x", wrong))
    assert not check(bypass(model, "stack")).ok


def test_a_block_that_nothing_places_is_checked():
    placed = block(GELU())
    assert not check(with_blocks(Block(block="Outer"), Outer=placed, Other=WRONG_BLOCK)).ok


def test_bypassed_node_costs_nothing():
    model = chain(Linear(), LSTM(), Linear())
    bypassed = bypass(model, "b")
    main, short = check(bypassed).main, connect(drop(model, "b"), "a.output", "c.input")
    assert [row.node for row in rows(bypassed, main, RUN)] == ["x", "a", "c", "y"]
    assert total(bypassed, main, RUN) == total(short, check(short).main, RUN)


def test_outputs_of_a_bypassed_node_have_the_spec_of_its_source():
    model = bypass(chain(Linear(out_features=8), Linear(out_features=3), GELU()), "b")
    main = check(model).main
    assert main.spec(PortRef("b", "output")) == main.spec(PortRef("a", "output"))


# -- problems ----------------------------------------------------------------------------------

NOT_CONNECTED = "expected a connected input to bypass the node, got none."


def test_node_without_a_source_cannot_be_bypassed():
    model = bypass(cut(chain(Linear(), GELU(), GELU()), "b.input"), "b")
    assert messages(model)[0] == f"b.input: {NOT_CONNECTED} Connect a.output to b.input."
    assert {str(k): str(v) for k, v in check(model).waiting.items()} == {"c": "b", "y": "b"}


def test_node_without_a_free_source_before_it_cannot_be_bypassed():
    model = bypass(drop(chain(Linear()), "x"), "a")
    assert messages(model)[0] == f"a.input: {NOT_CONNECTED} Add FeatureInput(128) before a.input."


@pytest.mark.parametrize(("name", "end"), [("x", "an input"), ("y", "an output")])
def test_input_and_output_nodes_cannot_be_bypassed(name, end):
    model = bypass(chain(Linear()), name)
    assert messages(model) == [
        f"{name}: expected a node that can be bypassed, got {end}. Stop bypassing {name}."
    ]


def test_bypassed_output_node_waits_for_the_problem_before_it():
    model = bypass(cut(chain(Linear()), "a.input"), "y")
    assert messages(model) == ["a.input: expected an edge, got none. Connect x.output to a.input."]
    assert {str(k): str(v) for k, v in check(model).waiting.items()} == {"y": "a"}


def test_input_and_output_nodes_of_a_block_cannot_be_bypassed():
    model = bypass(with_blocks(Block(block="B"), B=block(Linear())), "x", "out", graph="B")
    assert messages(model)[0].startswith("B/x: expected a node that can be bypassed, got an input")


def test_an_input_node_of_a_block_cannot_be_bypassed_where_it_has_no_edge():
    inner = block(Linear()).with_node("extra", BlockInput(optional=True))
    model = bypass(with_blocks(Block(block="B"), B=inner), "extra", graph="B")
    assert messages(model) == [
        "B/extra: expected a node that can be bypassed, got an input. "
        "Stop bypassing extra, or remove extra."
    ]


def test_mismatch_behind_a_bypassed_node_can_be_fixed_by_not_bypassing():
    model = branches(Linear(out_features=8), Linear(out_features=4), Add())
    model = put(model, "fit", Linear(out_features=8))
    model = connect(connect(model, "right.output", "fit.input"), "fit.output", "sum.terms.1")
    assert messages(model) == []
    assert messages(bypass(model, "fit")) == [
        "sum.terms.1: expected (B, T, 8), as at terms.0, got (B, T, 4) from right.output. "
        "Stop bypassing fit, or set out_features of right to 8, or set out_features of left to 4."
    ]


def test_tie_to_a_bypassed_node_is_a_problem():
    model = bypass(chain(Linear(out_features=64), Linear(out_features=64, tie="a")), "a")
    assert messages(model) == ["b.tie: expected a node that is not bypassed, got a. Clear tie."]


def test_branch_that_only_a_bypassed_node_reads_reaches_no_output():
    problems = check(bypass(branches(Linear(), GELU(), Add()), "sum")).problems
    assert [(str(problem.location), problem.severity) for problem in problems] == [
        ("right", Severity.WARNING)
    ]


def test_hyperparameter_that_only_a_bypassed_node_names_is_used():
    assert messages(bypass(chain(Linear(), Dropout(p="p"), p=0.5), "b")) == []


def test_cycle_is_a_problem_whether_bypassed_or_not():
    model = connect(chain(GELU(), GELU(), GELU(), GELU()), "c.output", "b.input")
    for names in ((), ("b",), ("d",), ("b", "c"), ("b", "c", "d")):
        assert (
            messages(bypass(model, *names))[0]
            .partition(": ")[2]
            .startswith("expected an acyclic graph")
        )


def test_every_remedy_fixes_its_problem():
    wrong = (
        bypass(chain(Linear()), "x"),
        bypass(cut(chain(Linear(), GELU(), GELU()), "b.input"), "b"),
        bypass(branches(Linear(out_features=8), Linear(), Add()), "left"),
    )
    for model in wrong:
        for problem in check(model).problems:
            for remedy in problem.remedies:
                left = [(one.location, one.message) for one in check(remedy.apply(model)).problems]
                assert (problem.location, problem.message) not in left


# -- with a cache ------------------------------------------------------------------------------


def test_cached_check_equals_a_fresh_one_after_bypassing():
    model, cache = chain(Linear(), Dropout(), GELU(), Linear()), CheckCache()
    for names in ((), ("b",), ("b", "c"), ("c",), (), ("x",), ()):
        now = bypass(model, *names)
        assert check(now, cache).problems == check(now).problems
        if check(now).ok:
            assert source(now, cache) == source(now)


def test_edit_of_another_node_keeps_the_rewritten_edges():
    model, cache = bypass(chain(*[Linear()] * 6), "b", "c"), CheckCache()
    before = check(model, cache).main.graph
    after = check(change(model, "e", bias=False), cache).main.graph
    assert after.edges is before.edges
    assert check(model, cache).main.nodes["a"] is check(model, cache).main.nodes["a"]
