"""One harness for all nodes: what each class declares is what PyTorch computes."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.harness.node_checks import (
    declaration_faults,
    default_faults,
    empty_sequence_faults,
    expansion_faults,
    file_faults,
    manual_faults,
    random_node,
    uses,
)
from codegen.harness.node_report import is_restricted, with_restrictions
from codegen.harness.one_node import compile_node, draw_case
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.port import Kind, TensorSpec
from tests.node_cases import CASES, cases

ALL = tuple(node_types().values())
OWN = tuple(one for one in ALL if not issubclass(one, Block | InputNode | OutputNode))
EVERY_NODE = pytest.mark.parametrize("node_type", ALL, ids=lambda one: one.__name__)
MOST_CASES = max(len(cases(one)) for one in OWN)
RANDOM = st.randoms(use_true_random=False)


def each_case(node_types: tuple[type[Node], ...]) -> pytest.MarkDecorator:
    """Parametrize a test by each case of the node types."""
    every = [
        pytest.param(case, id=f"{one.__name__}-{number}")
        for one in node_types
        for number, case in enumerate(cases(one))
    ]
    return pytest.mark.parametrize("case", every)


@each_case(OWN)
@settings(max_examples=8, deadline=None)
@given(random=RANDOM)
def test_declared_shapes_kinds_and_weights_are_computed(case, random):
    assert declaration_faults(draw_case(case, random)) == []


@each_case(tuple(filter(is_restricted, OWN)))
@settings(max_examples=3, deadline=None)
@given(random=RANDOM)
def test_an_empty_sequence_gives_finite_results(case, random):
    assert empty_sequence_faults(draw_case(with_restrictions(case), random)) == []


@each_case(tuple(one for one in OWN if issubclass(one, Composite)))
@settings(max_examples=4, deadline=None)
@given(random=RANDOM)
def test_a_composite_is_its_expansion(case, random):
    assert expansion_faults(draw_case(case, random)) == []


@EVERY_NODE
def test_a_node_has_a_manual_page(node_type):
    assert manual_faults(node_type) == []


@EVERY_NODE
def test_the_defaults_are_those_of_pytorch(node_type):
    assert default_faults(node_type) == []


@EVERY_NODE
@settings(max_examples=20, deadline=None)
@given(random=RANDOM)
def test_no_parameter_is_lost_in_a_file(node_type, random):
    assert file_faults(random_node(node_type, random)) == []


@pytest.mark.parametrize("node_type", CASES, ids=lambda one: one.__name__)
def test_every_case_can_be_saved(node_type):
    assert [fault for case in cases(node_type) for fault in file_faults(case.node)] == []


def sources() -> Iterator[tuple[str, str]]:
    """Generate the code of every case a few times, each under a name of its own."""
    for node_type, number, seed in product(OWN, range(MOST_CASES), range(3)):
        for case in cases(node_type)[number : number + 1]:
            drawn_case = draw_case(case, Random(f"{node_type.__name__} {number} {seed}"))
            for used in uses(drawn_case.node):
                name = "_".join((node_type.__name__, str(number), str(seed), *used))
                yield name, compile_node(drawn_case, used).source


def test_the_code_of_every_node_is_formatted_and_passes_the_linter(tmp_path):
    for name, source in sources():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", tmp_path]
        result = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert result.stdout + result.stderr == ""


def test_an_output_of_any_kind_has_the_kind_of_the_input():
    case = Case(node_types()["Transpose"](), "B T 3")
    kinds = {draw_case(case, Random(seed)).specs["input"].kind for seed in range(50)}
    assert kinds == {Kind.FEATURES, Kind.TOKENS, Kind.MASK, Kind.STATE}
    for kind in kinds:
        drawn_case = draw_case(case, Random(0))
        drawn_case.specs = {"input": TensorSpec(drawn_case.specs["input"].shape, kind)}
        assert compile_node(drawn_case, ("output",)).inferred.outputs["output"].kind is kind
