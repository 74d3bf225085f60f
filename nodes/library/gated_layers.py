"""Layers whose gates choose how much of their input they pass on."""

from nodes.activation.relu import ReLU
from nodes.activation.sigmoid import Sigmoid
from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.multiply import Multiply


def highway_layer() -> Graph:
    """Build y = T(x) * H(x) + (1 - T(x)) * x, with a sigmoid T and a ReLU network H."""
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(kind="features", shape="B T C"))
    new = builder.add("new", ReLU(), builder.add("transform", Linear(), x))
    gate = builder.add("gate", Sigmoid(), builder.add("gate_scores", Linear(), x))
    rest = builder.add("rest", Affine(scale=-1.0, shift=1.0), gate)
    written = builder.add("written", Multiply(), gate, new)
    carried = builder.add("carried", Multiply(), rest, x)
    builder.add("output", GraphOutput(), builder.add("mixed", Add(), written, carried))
    return builder.build()
