"""A composite whose graph cannot be built is a problem at the node, never an exception."""

import pytest

from codegen.check import Report, check
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Block, Composite, Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Category, InputMismatch
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, KindMismatch, Output
from nodes.core.shapes.shape import Bindings, IndivisibleSize, SizeMismatch
from nodes.core.shapes.size_limits import DimError
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.codegen.drawing import block, chain, with_blocks

TOO_LARGE = 2**31 - 1


class Bottleneck(Composite):
    """Project to a fraction of the width and back."""

    category = Category.LINEAR

    reduction: Size = 4
    failure: str = ""

    input = Input("B T C")
    output = Output("B T C")

    def expand(self, dims: Bindings) -> Graph:
        if self.failure:
            raise FAILURES[self.failure]
        dims.split(dims["C"], self.reduction, "reduction")
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(shape="B T C", kind="features"))
        x = builder.add("down", Linear(out_features=dims["C"] // self.reduction), x)
        x = builder.add("up", Linear(out_features=dims["C"]), x)
        builder.add("output", GraphOutput(), x)
        return builder.build()


FAILURES = {
    "shape": SizeMismatch("expected C = 8, got 64", "C", 8, 64, "input"),
    "shape of a parameter": SizeMismatch("expected reduction = 4, got 8", "reduction", 4, 8),
    "parts": IndivisibleSize("expected a multiple of 3, got 64", "reduction", 3, 64),
    "port": InputMismatch("input", SizeMismatch("expected C = 8, got 64", "C", 8, 64)),
    "kind": InputMismatch("input", KindMismatch(Kind.TOKENS, Kind.FEATURES)),
    "inner port": InputMismatch("terms.0", SizeMismatch("expected C = 8, got 64", "C", 8, 64)),
    "size": DimError("expected a size below 2**53, got a larger one"),
    "value": ValueError("expected a power of 2, got 12"),
}


def errors(report: Report) -> list[str]:
    return [str(problem) for problem in report.errors]


def test_composite_without_failure_is_ok():
    assert check(chain(Bottleneck())).ok


def test_split_with_remainder_is_a_problem_with_remedies():
    assert errors(check(chain(Bottleneck(reduction=3)))) == [
        "a: expected a multiple of reduction = 3, got 64. Set reduction to 2 or 4."
    ]


REMOVE = "Remove b and read a.output instead."
MESSAGES = {
    "shape": "b.input: expected C = 8, got 64 from a.output.",
    "shape of a parameter": "b: expected reduction = 4, got 8.",
    "parts": "b: expected a multiple of 3, got 64.",
    "port": "b.input: expected C = 8, got 64 from a.output.",
    "kind": "b.input: expected token ids, got features from a.output.",
    "inner port": "b: expected C = 8, got 64.",
    "size": "b: expected a size below 2**53, got a larger one.",
    "value": "b: expected a power of 2, got 12.",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_exception_in_expand_is_one_problem_of_the_node(failure):
    report = check(chain(Linear(), Bottleneck(failure=failure), Linear()))
    assert errors(report) == [f"{MESSAGES[failure]} {REMOVE}"]
    assert {str(node): str(root) for node, root in report.waiting.items()} == {"c": "b", "y": "b"}


@pytest.mark.parametrize("failure", FAILURES)
def test_exception_in_expand_inside_a_block_is_located_there(failure):
    model = with_blocks(Block(block="B"), B=block(Bottleneck(failure=failure)))
    assert [(error.location.graph, error.location.node) for error in check(model).errors] == [
        ("B", "a")
    ]


def test_attention_with_too_large_a_product_of_sizes_is_a_problem():
    model = chain(MultiHeadAttention(num_heads=TOO_LARGE, head_dim=TOO_LARGE))
    assert errors(check(model)) == [
        "a: in Linear.out_features: expected a whole number of at most 9007199254740991, "
        "got 4611686014132420609. Set num_heads to 8."
    ]


def test_attention_with_too_many_terms_in_a_size_is_a_problem():
    heads, dims = ("+".join(f"{letter}{i}" for i in range(9)) for letter in "hd")
    sizes = {f"{letter}{i}": 1 for letter in "hd" for i in range(9)}
    model = chain(MultiHeadAttention(num_heads=heads, head_dim=dims), **sizes)
    [problem] = check(model).errors
    assert [remedy.title for remedy in problem.remedies] == ["Set num_heads to 8"]
    assert check(problem.remedies[0].apply(model)).ok


def test_primitive_with_too_large_a_size_is_a_problem():
    model = chain(Conv1d(out_channels=8, kernel_size=TOO_LARGE, dilation=TOO_LARGE))
    [problem] = check(model).errors
    assert (str(problem.location), len(problem.remedies)) == ("a", 2)
    assert all(check(remedy.apply(model)).ok for remedy in problem.remedies)
