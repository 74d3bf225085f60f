"""A remedy of one error also removes the other errors that one edit has caused."""

import pytest

from codegen.check import check
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM
from tests.codegen.drawing import block, branches, chain, change, cut, put, with_blocks


def renamed_output() -> Model:
    """Build a block whose output has two readers, and rename that output."""
    model = with_blocks(Block(block="Inner"), Inner=block(Linear(out_features=64)))
    source = next(ref for target, ref in model.graph.edges.items() if ref.port == "out")
    model = put(put(model, "first", GELU()), "sum", Add())
    for target in (PortRef("first", "input"), PortRef("sum", "terms.0")):
        model = model.edit("", lambda graph, to=target: graph.with_edge(source, to))
    end = PortRef("first", "output"), PortRef("sum", "terms.1")
    model = model.edit("", lambda graph: graph.with_edge(*end))
    last = next(target for target, ref in model.graph.edges.items() if target.node == "y")
    model = model.edit("", lambda graph: graph.with_edge(PortRef("sum", "output"), last))
    return model.edit("Inner", lambda graph: graph.renamed("out", "result"))


def two_misspelt_names() -> Model:
    model = chain(Linear(out_features="width * hidden"), width=4, hidden=8)
    return change(model, "a", out_features="widht * hiden")


def two_inputs_without_an_edge() -> Model:
    model = branches(GELU(), Linear(out_features=64), Add())
    return cut(cut(model, "left.input"), "right.input")


@pytest.mark.parametrize(
    "make",
    [renamed_output, two_misspelt_names, two_inputs_without_an_edge],
    ids=lambda make: make.__name__,
)
def test_a_remedy_removes_the_errors_of_one_cause(make):
    model = make()
    errors = check(model).errors
    assert len(errors) == 2
    for error in errors:
        assert error.remedies
        assert all(check(remedy.apply(model)).ok for remedy in error.remedies)


def test_names_that_are_misspelt_in_one_expression_are_corrected_together():
    for error in check(two_misspelt_names()).errors:
        assert error.remedies[0].title == "Set out_features to hidden * width"


def test_errors_of_different_causes_keep_their_own_remedies():
    model = chain(Linear(out_features="widht"), LSTM(hidden_size="hiden"), width=4, hidden=8)
    titles = [error.remedies[0].title for error in check(model).errors]
    assert titles == ["Set out_features to width", "Set hidden_size to hidden"]
