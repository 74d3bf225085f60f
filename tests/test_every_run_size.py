"""A size may be one that each run chooses: a node refuses it, or keeps its shapes in every run."""

from dataclasses import replace
from random import Random

import pytest

from codegen.check import check
from codegen.harness.node_checks import uses
from codegen.harness.one_node import DrawnCase, Refused, as_tuple, compile_node, draw_case
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, InputNode, OutputNode
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.dim import free
from nodes.merge.split import Split
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.reshape.reshape import Reshape
from nodes.reshape.transpose import Transpose
from tests.codegen.drawing import chain
from tests.node_cases import cases

LENGTHS = range(48, 54)
"""Lengths of all remainders by small numbers, longer than any window and within any bound."""
EVERY_CASE = [
    pytest.param(case, id=f"{node_type.__name__}-{number}")
    for node_type in node_types().values()
    if not issubclass(node_type, Block | InputNode | OutputNode)
    for number, case in enumerate(cases(node_type))
]


def with_run_size(drawn_case: DrawnCase, port: str, axis: int) -> DrawnCase:
    """Let each run choose the size of one axis."""
    shape, kind = drawn_case.specs[port]
    free_shape = (*shape[:axis], free("T"), *shape[axis + 1 :])
    return replace(drawn_case, specs={**drawn_case.specs, port: TensorSpec(free_shape, kind)})


def faults(drawn_case: DrawnCase, used: tuple[str, ...]) -> list[str]:
    """Run a node with several lengths, and list the outputs whose shapes are not as declared."""
    try:
        compiled = compile_node(drawn_case, used)
    except Refused:
        return []
    found = []
    for length in LENGTHS:
        drawn_case.run["T"] = length
        results = as_tuple(compiled.module.eval()(*drawn_case.tensors().values()))
        for port, tensor in zip(used, results, strict=True):
            declared = drawn_case.shape(compiled.inferred.outputs[port].shape)
            if tuple(tensor.shape) != declared:
                found.append(f"{port} at {length}: {declared} declared, {tuple(tensor.shape)}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_size_of_the_run_is_refused_or_gives_the_declared_shapes(case: Case):
    drawn_case = draw_case(case, Random(0))
    used = uses(drawn_case.node)[-1]
    found = {
        (port, axis): wrong
        for port, spec in drawn_case.specs.items()
        for axis in range(len(spec.shape))
        if (wrong := faults(with_run_size(drawn_case, port, axis), used))
    }
    assert found == {}


TRANSPOSE = "Insert Transpose before b.input."


@pytest.mark.parametrize(
    ("node", "parts", "remedies"),
    [
        (Split(), "2", TRANSPOSE),
        (SplitHeads(num_heads=2), "num_heads = 2", TRANSPOSE),
        (
            Reshape(pattern="B C (size D) -> B C size D", size=2),
            "size = 2",
            "Insert Split(2) before b.input, or insert Transpose before b.input.",
        ),
        (SinusoidalEncoding(), "2", TRANSPOSE),
    ],
)
def test_a_split_of_a_size_of_the_run_names_the_size_and_its_source(
    node: Node, parts: str, remedies: str
):
    problems = [str(problem) for problem in check(chain(Transpose(), node)).problems]
    assert problems == [
        f"b.input: expected a multiple of {parts} in every run, got T from a.output. {remedies}"
    ]


def test_a_multiple_of_a_size_of_the_run_is_split():
    merge = Reshape(pattern="B T (C size) -> B C (T size)", size=2)
    assert check(chain(merge, SplitHeads(num_heads=2))).problems == ()
