"""Large, deep and densely connected models are checked and compiled like small ones."""

import re

import pytest
import torch

from codegen.check import check
from codegen.compile import compile_model
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.multiply import Multiply
from tests.codegen.drawing import block, with_blocks
from tests.codegen.running import network

pytestmark = pytest.mark.slow


def cycles(*lengths: int) -> Model:
    """Build a model with a cycle of each length."""
    nodes, edges = {}, {}
    for index, length in enumerate(lengths):
        names = [f"n{index}_{i}" for i in range(length)]
        nodes |= dict.fromkeys(names, Linear())
        edges |= {
            PortRef(name, "input"): PortRef(names[i - 1], "output") for i, name in enumerate(names)
        }
    ends = {"x": FeatureInput(), "y": GraphOutput()}
    edges[PortRef("y", "input")] = PortRef("x", "output")
    return Model("cycles", Graph(nodes | ends, edges))


@pytest.mark.parametrize("length", [*range(1, 50), 100, 316, 1000])
def test_cycle_of_any_length_is_reported_along_its_edges(length):
    [problem] = check(cycles(length)).errors
    names = [f"n0_{i}" for i in range(length)]
    path = " -> ".join([*names, names[0]])
    assert problem.message == f"expected an acyclic graph, got the cycle {path}"


def test_thousand_cycles_are_a_thousand_problems():
    nodes = [problem.location.node for problem in check(cycles(*[3] * 1000)).errors]
    assert nodes == [f"n{index}_0" for index in range(1000)]


def test_graph_in_which_every_node_reads_all_before_it_compiles():
    builder = GraphBuilder()
    every = [builder.add("x", FeatureInput(features=8))]
    for i in range(200):
        every.append(builder.add(f"n{i}", Add(), *every))
    builder.add("y", GraphOutput(), every[-1])
    model = network(Model("dense", builder.build()))
    x = torch.randn(1, 1, 8, dtype=torch.float64)
    torch.testing.assert_close(model(x), x * 2.0**199, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("merge", "result"), [(Add(), 15_000.0), (Multiply(), 3.0**5)])
def test_node_with_thousands_of_inputs_runs(merge, result):
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    if isinstance(merge, Add):
        read = [builder.add(f"n{i}", Affine(scale=3.0), x) for i in range(5000)]
    else:
        three, one = builder.add("a", Affine(scale=3.0), x), builder.add("b", Affine(shift=0.0), x)
        read = [three] * 5 + [one] * 4995
    builder.add("y", GraphOutput(), builder.add("all", merge, *read))
    model = network(Model("wide", builder.build()))
    torch.testing.assert_close(model(torch.ones(1, 1, 8)), torch.full((1, 1, 8), result))


def test_chain_of_twenty_thousand_nodes_runs():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    for i in range(20_000):
        x = builder.add(f"n{i}", Affine(scale=-1.0), x)
    builder.add("y", GraphOutput(), x)
    x = torch.randn(1, 3, 8)
    assert torch.equal(network(Model("chain", builder.build()))(x), x)


def test_blocks_nested_as_deep_as_files_allow_compile():
    blocks = {"B0": block(Linear())}
    for depth in range(1, 64):
        blocks[f"B{depth}"] = block(Block(block=f"B{depth - 1}"), blocks=blocks)
    model = with_blocks(Block(block="B63"), **blocks)
    assert network(model)(torch.randn(2, 3, 64)).shape == (2, 3, 64)


def test_twenty_thousand_names_with_one_identifier_stay_distinct():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    for i in range(20_000):
        x = builder.add(chr(0x4E00 + i), Linear(), x)
    builder.add("y", GraphOutput(), x)
    source = compile_model(Model("alike", builder.build())).source
    assert len(set(re.findall(r"self\.(\w+) = nn\.Linear", source))) == 20_000
