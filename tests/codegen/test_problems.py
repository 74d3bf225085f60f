"""Every problem is told in full, once, where it is, with remedies that mend it."""

import pytest

from codegen.check import Location, Severity, check
from examples.build import gpt
from nodes.core.graphs.graph import Block
from nodes.dropout import Dropout
from nodes.linear import Linear
from nodes.multi_head_attention import MultiHeadAttention
from tests.codegen.drawing import block, chain, connect, cut, put, with_blocks
from tests.codegen.wrong_models import WRONG

EVERY_WRONG_MODEL = pytest.mark.parametrize(("model", "told"), WRONG.values(), ids=WRONG)


def waiting(model) -> dict[str, str]:
    return {str(node): str(root) for node, root in check(model).waiting.items()}


@EVERY_WRONG_MODEL
def test_a_problem_is_told_in_full(model, told):
    assert [str(problem) for problem in check(model).problems] == told


@EVERY_WRONG_MODEL
def test_a_remedy_mends_its_problem(model, told):
    for problem in check(model).problems:
        for remedy in problem.remedies:
            left = check(remedy.apply(model)).problems
            assert (problem.where, problem.text) not in [(one.where, one.text) for one in left]


@EVERY_WRONG_MODEL
def test_a_remedy_changes_no_other_model(model, told):
    before = check(model).problems
    for problem in before:
        for remedy in problem.remedies:
            remedy.apply(model)
    assert check(model).problems == before


@EVERY_WRONG_MODEL
def test_an_error_names_a_node_that_is_there(model, told):
    for problem in check(model).problems:
        assert problem.where.graph in model.graphs
        assert problem.where.node in {"", *model.graphs[problem.where.graph].nodes}


def test_errors_come_first():
    model = connect(put(chain(Linear(), w=3), "late", Linear()), "x.output", "late.input")
    model = put(model, "a", Dropout(p="rate"))
    ranks = [problem.severity for problem in check(model).problems]
    assert ranks == [Severity.ERROR, Severity.WARNING, Severity.HINT]


def test_problems_of_several_nodes_are_all_told():
    model = chain(Linear(out_features="w"), MultiHeadAttention(num_heads=8, num_kv_heads=3))
    model = cut(put(model, "c", Linear()), "y.input")
    assert {str(problem.where) for problem in check(model).errors} == {
        "a.out_features",
        "b.num_kv_heads",
        "c.input",
        "y.input",
    }


def test_one_cause_is_one_error_and_the_rest_waits_for_it():
    model = cut(gpt(), "norm.input")
    assert [str(problem.where) for problem in check(model).errors] == ["norm.input"]
    assert waiting(model) == {"head": "norm", "logits": "norm"}


def test_what_follows_a_loop_waits_for_it():
    model = connect(chain(*[Linear()] * 4), "c.output", "b.input")
    assert waiting(model) == {"c": "b", "d": "b", "y": "b"}


def test_what_waits_inside_a_block_waits_for_what_is_wrong_there():
    model = cut(with_blocks(Block(block="B"), B=block(Linear(), Linear())), "a.input", "B")
    assert waiting(model) == {"y": "stack", "B/b": "B/a", "B/out": "B/a"}


def test_a_block_that_is_placed_twice_tells_its_problem_once():
    model = cut(with_blocks(Block(block="B"), B=block(Linear())), "a.input", "B")
    model = connect(put(model, "again", Block(block="B")), "x.output", "again.x")
    assert [problem.where for problem in check(model).errors] == [Location("B", "a", "input")]


def test_a_model_without_problems_is_ok():
    report = check(gpt())
    assert (report.ok, report.problems, report.waiting) == (True, (), {})
