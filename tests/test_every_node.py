"""Every node keeps what its class promises: one harness for all of them."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind, TensorSpec
from tests.node_cases import CASES, cases
from tests.one_node import Case, probe, situation
from tests.promises import (
    broken_promises,
    drawn_node,
    lost_in_a_file,
    strange_defaults,
    undocumented,
    unlike_expansion,
    uses,
)

ALL = tuple(node_types().values())
OWN = tuple(one for one in ALL if not issubclass(one, Block | InputNode | OutputNode))
EVERY_NODE = pytest.mark.parametrize("node_type", ALL, ids=lambda one: one.__name__)
MOST_CASES = max(len(cases(one)) for one in OWN)
RANDOM = st.randoms(use_true_random=False)


def tried(node_types: tuple[type[Node], ...]) -> pytest.MarkDecorator:
    """Try each case of the given classes."""
    every = [
        pytest.param(case, id=f"{one.__name__}-{number}")
        for one in node_types
        for number, case in enumerate(cases(one))
    ]
    return pytest.mark.parametrize("case", every)


@tried(OWN)
@settings(max_examples=8, deadline=None)
@given(random=RANDOM)
def test_what_is_promised_is_what_pytorch_gives(case, random):
    assert broken_promises(situation(case, random)) == []


@tried(tuple(one for one in OWN if issubclass(one, Composite)))
@settings(max_examples=4, deadline=None)
@given(random=RANDOM)
def test_a_composite_is_its_expansion(case, random):
    assert unlike_expansion(situation(case, random)) == []


@EVERY_NODE
def test_a_node_has_a_manual_page(node_type):
    assert undocumented(node_type) == []


@EVERY_NODE
def test_the_defaults_are_those_of_pytorch(node_type):
    assert strange_defaults(node_type) == []


@EVERY_NODE
@settings(max_examples=20, deadline=None)
@given(random=RANDOM)
def test_no_parameter_is_lost_in_a_file(node_type, random):
    assert lost_in_a_file(drawn_node(node_type, random)) == []


@pytest.mark.parametrize("node_type", CASES, ids=lambda one: one.__name__)
def test_every_case_can_be_saved(node_type):
    assert [fault for case in cases(node_type) for fault in lost_in_a_file(case.node)] == []


def sources() -> Iterator[tuple[str, str]]:
    """Write the code of every case a few times, under a name for each."""
    for node_type, number, seed in product(OWN, range(MOST_CASES), range(3)):
        for case in cases(node_type)[number : number + 1]:
            here = situation(case, Random(f"{node_type.__name__} {number} {seed}"))
            for used in uses(here.node):
                name = "_".join((node_type.__name__, str(number), str(seed), *used))
                yield name, probe(here, used).source


def test_the_code_of_every_node_is_as_the_formatter_and_the_linter_want_it(tmp_path):
    for name, source in sources():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", tmp_path]
        told = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert told.stdout + told.stderr == ""


def test_a_kind_that_is_handed_on_is_kept():
    case = Case(node_types()["Transpose"](), "B T 3")
    kinds = {situation(case, Random(seed)).specs["input"].kind for seed in range(50)}
    assert kinds == {Kind.FEATURES, Kind.TOKENS, Kind.MASK, Kind.STATE}
    for kind in kinds:
        here = situation(case, Random(0))
        here.specs = {"input": TensorSpec(here.specs["input"].shape, kind)}
        assert probe(here, ("output",)).inferred.outputs["output"].kind is kind
