"""Every problem is reported in full, once, at its cause, with remedies that fix it."""

import doctest
from dataclasses import replace
from importlib import import_module

import pytest

from codegen.check import Problem, Severity, check
from codegen.check.problem import join_titles
from codegen.check.remedy import Disconnect, RemoveNode, SetParameter
from examples.build import gpt
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.shapes.dim import Dim
from nodes.dropout.dropout import Dropout
from nodes.io.block_input import BlockInput
from nodes.io.mask_input import MaskInput
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.causal_mask import CausalMask
from nodes.merge.stack import Stack
from nodes.recurrent.gru import GRU
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.codegen.drawing import block, branches, chain, connect, cut, put, value, with_blocks
from tests.codegen.wrong_models import WRONG

EVERY_WRONG_MODEL = pytest.mark.parametrize(("model", "expected"), WRONG.values(), ids=WRONG)


def waiting(model: Model) -> dict[str, str]:
    return {str(node): str(root) for node, root in check(model).waiting.items()}


@EVERY_WRONG_MODEL
def test_problems_are_reported_in_full(model, expected):
    assert [str(problem) for problem in check(model).problems] == expected


@EVERY_WRONG_MODEL
def test_every_remedy_fixes_its_problem(model, expected):
    for problem in check(model).problems:
        for remedy in problem.remedies:
            remaining = check(remedy.apply(model)).problems
            assert (problem.location, problem.message) not in [
                (other.location, other.message) for other in remaining
            ]


@EVERY_WRONG_MODEL
def test_remedy_changes_no_other_model(model, expected):
    before = check(model).problems
    for problem in before:
        for remedy in problem.remedies:
            remedy.apply(model)
    assert check(model).problems == before


@EVERY_WRONG_MODEL
def test_problem_is_located_at_an_existing_node(model, expected):
    for problem in check(model).problems:
        assert problem.location.graph in model.graphs
        assert problem.location.node in {"", *model.graphs[problem.location.graph].nodes}


@EVERY_WRONG_MODEL
def test_title_of_a_remedy_is_a_phrase_with_a_capital_verb(model, expected):
    titles = [remedy.title for problem in check(model).problems for remedy in problem.remedies]
    verbs = {"Add", "Clear", "Connect", "Insert", "Move", "Remove", "Replace"}
    verbs |= {"Set", "Stop", "Swap"}
    assert {title.split()[0] for title in titles} <= verbs
    assert not any(title.endswith(".") for title in titles)


@pytest.mark.parametrize(
    ("remedies", "sentence"),
    [
        ((RemoveNode("", "a"),), "Remove a"),
        (
            tuple(SetParameter("", "a", "num_heads", value) for value in (4, 8)),
            "Set num_heads to 4 or 8",
        ),
        (
            (SetParameter("", "a", "n", None), Disconnect("", PortRef("a", "input"))),
            "Clear n, or remove the edge to a.input",
        ),
    ],
)
def test_remedies_are_joined_to_one_sentence(remedies, sentence):
    assert join_titles([remedy.title for remedy in remedies]) == sentence


@pytest.mark.parametrize(
    ("message", "shown"),
    [("expected 1, got 2", "a: expected 1, got 2."), ("got w; did you mean x?",) * 2],
)
def test_a_message_ends_with_one_mark(message, shown):
    where = Location("", "a") if shown.startswith("a") else Location()
    assert str(Problem(Severity.ERROR, where, message, (RemoveNode("", "a"),))) == shown


@pytest.mark.parametrize(("number", "shown"), [(5, "mode = 5"), ("relu", "relu")])
def test_value_of_a_hyperparameter_that_is_no_choice_is_reported(number, shown):
    model = value(chain(GELU(approximate="mode")), "mode", number)
    assert [str(problem) for problem in check(model).problems] == [
        f"a.approximate: expected none or tanh, got {shown}. Set the hyperparameter mode to none."
    ]


def test_free_output_before_a_read_one_is_proposed():
    model = cut(branches(Linear(), Linear(), MatMul(transpose_right=True)), "sum.left")
    (problem,) = (one for one in check(model).problems if one.location.node == "sum")
    assert str(problem) == "sum.left: expected an edge, got none. Connect left.output to sum.left."


def test_size_of_the_source_is_proposed():
    model = connect(chain(GRU(hidden_size=32), GRU(hidden_size=48)), "a.hidden", "b.initial_hidden")
    assert [str(problem) for problem in check(model).problems] == [
        "b.initial_hidden: expected projected = 48, got 32 from a.hidden. "
        "Set hidden_size of a to 48."
    ]


def test_number_of_copies_is_not_proposed_as_a_size_but_what_the_size_comes_from():
    inner = block().with_node("x", BlockInput(shape="S B H", kind="state"))
    model = replace(chain(GRU(hidden_size=32), GRU(hidden_size=48)), blocks={"B": inner})
    model = connect(put(model, "f", Block(block="B", repeat=32)), "a.hidden", "f.x")
    model = connect(model, "f.out", "b.initial_hidden")
    assert [str(problem) for problem in check(model).problems] == [
        "b.initial_hidden: expected projected = 48, got 32 from f.out. Set hidden_size of a to 48."
    ]


def test_dynamic_size_is_not_proposed_for_a_parameter():
    model = put(chain(MultiHeadAttention(num_heads=8)), "m", MaskInput())
    model = connect(put(model, "p", CausalMask()), "m.output", "p.input")
    model = connect(put(model, "s", Stack()), "p.output", "s.parts.0")
    model = connect(connect(model, "p.output", "s.parts.1"), "s.output", "a.mask")
    problems = check(model).problems
    assert problems
    values = [one.value for p in problems for one in p.remedies if isinstance(one, SetParameter)]
    assert not any(isinstance(value, Dim) and value.frees for value in values)


def test_errors_come_first():
    model = connect(put(chain(Linear(), w=3), "late", Linear()), "x.output", "late.input")
    model = put(model, "a", Dropout(p="rate"))
    ranks = [problem.severity for problem in check(model).problems]
    assert ranks == [Severity.ERROR, Severity.WARNING, Severity.HINT]


def test_problems_of_several_nodes_are_all_reported():
    model = chain(Linear(out_features="w"), MultiHeadAttention(num_heads=8, num_kv_heads=3))
    model = cut(put(model, "c", Linear()), "y.input")
    assert {str(problem.location) for problem in check(model).errors} == {
        "a.out_features",
        "b.num_kv_heads",
        "c.input",
        "y.input",
    }


def test_one_cause_is_one_error_and_dependents_wait_for_it():
    model = cut(gpt(), "norm.input")
    assert [str(problem.location) for problem in check(model).errors] == ["norm.input"]
    assert waiting(model) == {"head": "norm", "logits": "norm"}


def test_nodes_after_a_cycle_wait_for_it():
    model = connect(chain(*[Linear()] * 4), "c.output", "b.input")
    assert waiting(model) == {"c": "b", "d": "b", "y": "b"}


def test_nodes_in_a_block_wait_for_the_problem_in_it():
    model = cut(with_blocks(Block(block="B"), B=block(Linear(), Linear())), "a.input", "B")
    assert waiting(model) == {"y": "stack", "B/b": "B/a", "B/out": "B/a"}


def test_block_that_is_placed_twice_reports_its_problem_once():
    model = cut(with_blocks(Block(block="B"), B=block(Linear())), "a.input", "B")
    model = connect(put(model, "again", Block(block="B")), "x.output", "again.x")
    assert [problem.location for problem in check(model).errors] == [Location("B", "a", "input")]


def test_model_without_problems_is_ok():
    report = check(gpt())
    assert (report.ok, report.problems, report.waiting) == (True, (), {})


def test_example_in_the_docstring_of_check_runs():
    results = doctest.testmod(import_module("codegen.check.check"))
    assert (results.failed, results.attempted > 0) == (0, True)
