"""A bypassed node is passed over: the code is that of the graph without it."""

from dataclasses import replace

import pytest

from codegen.check import CheckCache, Severity, check
from codegen.compile import compile_model
from codegen.cost import rows, total
from nodes.activation import GELU
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.dropout import Dropout
from nodes.io import GraphOutput
from nodes.linear import Linear
from nodes.merge import Add
from nodes.recurrent import LSTM
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


def source(model: Model, memory: CheckCache | None = None) -> str:
    return compile_model(model, memory).source


def told(model: Model) -> list[str]:
    return [str(problem) for problem in check(model).problems]


# -- what goes on ------------------------------------------------------------------------------


def test_the_code_is_that_of_the_graph_without_it():
    model = chain(Linear(out_features=8), GELU(), Linear(out_features=8))
    assert source(bypass(model, "b")) == source(connect(drop(model, "b"), "a.output", "c.input"))


def test_several_in_a_row_are_passed_over():
    model = chain(GELU(), Linear(out_features=8), Dropout(), LSTM(), GELU())
    short = connect(drop(drop(drop(model, "b"), "c"), "d"), "a.output", "e.input")
    assert source(bypass(model, "b", "c", "d")) == source(short)


def test_of_several_inputs_the_first_that_is_connected_goes_on():
    model = branches(Linear(), GELU(), Add())
    assert source(bypass(model, "sum")) == source(
        connect(drop(model, "sum"), "left.output", "y.input")
    )
    model = cut(model, "sum.terms.0")
    assert source(bypass(model, "sum")) == source(
        connect(drop(model, "sum"), "right.output", "y.input")
    )


def test_what_arrives_goes_on_from_each_output():
    model = put(chain(GELU(), LSTM()), "z", GraphOutput())
    model = connect(model, "b.hidden", "z.input")
    short = drop(model, "b")
    short = connect(connect(short, "a.output", "y.input"), "a.output", "z.input")
    assert source(bypass(model, "b")) == source(short)


def test_a_repeated_block_is_passed_over_whole():
    blocks = {"B": block(Linear(), Linear())}
    model = with_blocks(Block(block="B", repeat=3), **blocks)
    short = connect(drop(model, "stack"), "x.output", "y.input")
    assert source(bypass(model, "stack")) == source(short)


def test_a_node_inside_a_block_is_passed_over_in_every_copy():
    blocks = {"B": block(Linear(), GELU()), "C": block(Linear())}
    place = Block(block="B", repeat=3)
    short = with_blocks(place, B=blocks["C"])
    assert source(bypass(with_blocks(place, B=blocks["B"]), "b", graph="B")) == source(short)


def test_all_of_a_block_may_be_passed_over():
    model = with_blocks(Block(block="B"), B=block(GELU(), GELU()))
    assert source(bypass(model, "a", "b", graph="B")) == source(
        with_blocks(Block(block="B"), B=block())
    )


def test_it_costs_nothing():
    model = chain(Linear(), LSTM(), Linear())
    passed = bypass(model, "b")
    main, short = check(passed).main, connect(drop(model, "b"), "a.output", "c.input")
    assert [row.node for row in rows(passed, main, RUN)] == ["x", "a", "c", "y"]
    assert total(passed, main, RUN) == total(short, check(short).main, RUN)


def test_what_goes_on_is_told_at_its_outputs():
    model = bypass(chain(Linear(out_features=8), Linear(out_features=3), GELU()), "b")
    main = check(model).main
    assert main.spec(PortRef("b", "output")) == main.spec(PortRef("a", "output"))


# -- what is wrong -----------------------------------------------------------------------------

NOTHING = "it is bypassed, but nothing arrives that could go on in its place."


def test_where_nothing_arrives_nothing_goes_on():
    model = bypass(cut(chain(Linear(), GELU(), GELU()), "b.input"), "b")
    assert told(model)[0] == f"b: {NOTHING} Connect a.output to b.input, or stop bypassing b."
    assert {str(k): str(v) for k, v in check(model).waiting.items()} == {"c": "b", "y": "b"}


def test_a_node_without_any_source_before_it_is_told_too():
    model = bypass(drop(chain(Linear()), "x"), "a")
    assert told(model)[0] == f"a: {NOTHING} Stop bypassing a."


@pytest.mark.parametrize(("name", "what"), [("x", "an input"), ("y", "an output")])
def test_the_ends_of_a_graph_cannot_be_passed_over(name, what):
    model = bypass(chain(Linear()), name)
    text = f"{name}: it is bypassed, but {what} cannot be passed over. Stop bypassing {name}."
    assert told(model) == [text]


def test_the_ends_of_a_block_cannot_be_passed_over():
    model = bypass(with_blocks(Block(block="B"), B=block(Linear())), "x", "out", graph="B")
    assert told(model)[0].startswith("B/x: it is bypassed, but an input")


def test_a_shape_that_is_wrong_behind_it_may_be_mended_by_not_bypassing():
    model = branches(Linear(out_features=8), Linear(out_features=4), Add())
    model = put(model, "fit", Linear(out_features=8))
    model = connect(connect(model, "right.output", "fit.input"), "fit.output", "sum.terms.1")
    assert told(model) == []
    assert told(bypass(model, "fit")) == [
        "sum.terms.1: expected (B, T, 8), as at terms.0, got (B, T, 4) from right.output. "
        "Put a Linear(8) before sum.terms.1, or stop bypassing fit."
    ]


def test_a_tie_to_it_is_told():
    model = bypass(chain(Linear(out_features=64), Linear(out_features=64, tie="a")), "a")
    assert told(model) == ["b.tie: its weight is tied to a, which is bypassed. Leave tie empty."]


def test_a_branch_that_only_it_reads_leads_nowhere():
    problems = check(bypass(branches(Linear(), GELU(), Add()), "sum")).problems
    assert [(str(one.where), one.severity) for one in problems] == [("right", Severity.WARNING)]


def test_a_hyperparameter_that_only_it_names_is_in_use():
    assert told(bypass(chain(Linear(), Dropout(p="p"), p=0.5), "b")) == []


def test_nodes_that_feed_each_other_are_a_loop_whether_bypassed_or_not():
    model = connect(chain(GELU(), GELU(), GELU(), GELU()), "c.output", "b.input")
    for names in ((), ("b",), ("d",), ("b", "c"), ("b", "c", "d")):
        assert told(bypass(model, *names))[0].partition(": ")[2].startswith("the nodes form a loop")


def test_a_remedy_mends_each_of_them():
    wrong = (
        bypass(chain(Linear()), "x"),
        bypass(cut(chain(Linear(), GELU(), GELU()), "b.input"), "b"),
        bypass(branches(Linear(out_features=8), Linear(), Add()), "left"),
    )
    for model in wrong:
        for problem in check(model).problems:
            for remedy in problem.remedies:
                left = [(one.where, one.text) for one in check(remedy.apply(model)).problems]
                assert (problem.where, problem.text) not in left


# -- again and again ---------------------------------------------------------------------------


def test_bypassing_and_not_is_seen_by_a_check_that_remembers():
    model, memory = chain(Linear(), Dropout(), GELU(), Linear()), CheckCache()
    for names in ((), ("b",), ("b", "c"), ("c",), (), ("x",), ()):
        now = bypass(model, *names)
        assert check(now, memory).problems == check(now).problems
        if check(now).ok:
            assert source(now, memory) == source(now)


def test_an_edit_elsewhere_gives_the_same_edges_again():
    model, memory = bypass(chain(*[Linear()] * 6), "b", "c"), CheckCache()
    before = check(model, memory).main.graph
    after = check(change(model, "e", bias=False), memory).main.graph
    assert after.edges is before.edges
    assert check(model, memory).main.found["a"] is check(model, memory).main.found["a"]
