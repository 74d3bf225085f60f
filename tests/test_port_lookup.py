"""Whether a port exists has one answer: in the reader, the check and the editor."""

import pytest

from builder.commands.ports import input_at, output_at
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.compatibility import find_port
from codegen.check.check import check
from nodes.activation.relu import ReLU
from nodes.core.files.model_file import dumps, loads
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.unknown_node import Unknown
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.merge.add import Add


def _block() -> Graph:
    builder = GraphBuilder()
    builder.add("output", GraphOutput(), builder.add("x", BlockInput()))
    return builder.build()


BLOCKS = {"Twice": _block()}
NODES = {
    "sum": Add(),
    "relu": ReLU(),
    "block": Block(block="Twice"),
    "missing": Block(block="Gone"),
    "unknown": Unknown(type="Fourier", parameters={}),
}
INPUTS = [
    ("sum.terms.0", True),
    ("sum.terms.7", True),
    ("sum.terms.999999", True),
    ("sum.terms.1000000", False),
    ("sum.terms.00", False),
    ("sum.terms.07", False),
    ("sum.terms.-1", False),
    ("sum.terms.+1", False),
    ("sum.terms.1_0", False),
    ("sum.terms. 1", False),
    ("sum.terms.x", False),
    ("sum.terms.0.0", False),
    ("sum.terms.\u0661", False),
    ("sum.terms.\u00b2", False),
    ("sum.terms.", False),
    ("sum.terms", False),
    ("sum.term.0", False),
    ("relu.input", True),
    ("relu.input.", False),
    ("relu.input.0", False),
    ("relu.output", False),
    ("block.x", True),
    ("block.x.0", False),
    ("block.output", False),
    ("missing.anything", True),
    ("unknown.anything", True),
]
OUTPUTS = [
    ("sum.output", True),
    ("sum.output.0", False),
    ("sum.terms.0", False),
    ("relu.output", True),
    ("relu.input", False),
    ("block.output", True),
    ("block.x", False),
    ("missing.anything", True),
    ("unknown.anything", True),
]


def model(edges: dict[PortRef, PortRef]) -> Model:
    ends = {"source": FeatureInput(), "target": GraphOutput()}
    return Model(graph=Graph({**ends, **NODES}, edges), blocks=BLOCKS)


def is_refused(edges: dict[PortRef, PortRef]) -> bool:
    try:
        assert loads(dumps(model(edges))).graph.edges == edges
    except FileError as error:
        assert "has no port" in error.message
        return True
    return False


@pytest.mark.parametrize(("text", "exists"), INPUTS)
def test_an_input_port_exists_everywhere_or_nowhere(text, exists):
    ref = PortRef.parse(text)
    edges = {ref: PortRef("source", "output")}
    drawn = model(edges)
    node = drawn.graph.nodes[ref.node]
    assert (drawn.find_input(node, ref.port) is not None) is exists
    # A dangling edge of a node opens as a problem; at a block, an edit would lose it.
    assert is_refused(edges) is (not exists and isinstance(node, Block))
    assert (input_at(drawn, drawn.graph, ref) is not None) is exists
    assert (find_port(drawn, node, PortEnd(ref, is_input=True)) is not None) is exists
    dangling = f"{ref.node}: expected an edge to an input of the node, got one to {ref.port}"
    problems = [str(problem) for problem in check(drawn).problems]
    assert any(one.startswith(dangling) for one in problems) is not exists


@pytest.mark.parametrize(("text", "exists"), OUTPUTS)
def test_an_output_port_exists_everywhere_or_nowhere(text, exists):
    ref = PortRef.parse(text)
    edges = {PortRef("target", "input"): ref}
    drawn = model(edges)
    node = drawn.graph.nodes[ref.node]
    assert (drawn.find_output(node, ref.port) is not None) is exists
    # A dangling edge of a node opens as a problem; at a block, an edit would lose it.
    assert is_refused(edges) is (not exists and isinstance(node, Block))
    assert (output_at(drawn, drawn.graph, ref) is not None) is exists
    assert (find_port(drawn, node, PortEnd(ref, is_input=False)) is not None) is exists
    dangling = f"expected an edge from an output of {ref.node}, got one from {ref}"
    problems = [str(problem) for problem in check(drawn).problems]
    assert any(dangling in one for one in problems) is not exists


def test_a_document_finds_the_ports_of_its_model():
    document = Document(model({}))
    assert find_port(document.model, NODES["sum"], PortEnd(PortRef("sum", "terms.3"), True))
