"""Adaptive computation time: each position decides how many steps of one layer it takes."""

from nodes.activation.heaviside import Heaviside
from nodes.activation.sigmoid import Sigmoid
from nodes.core.graphs.graph import Block, Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.concatenate import Concatenate
from nodes.merge.multiply import Multiply
from nodes.reshape.slice import Slice
from nodes.transformer.encoder_layer import EncoderLayer

VECTORS = BlockInput(shape="B T C", kind="features")
AVERAGE = Slice(dim=2, start="d_model", stop="2 * d_model")
THRESHOLD = 0.99


def halting_step() -> Graph:
    """Build a step on [state, output, probability so far], of the widths C, C and 1.

    A position whose probabilities exceed the threshold gives the rest up to 1 to this step and
    stops; the output is the average of the states by these probabilities.
    """
    rest_of = Affine(scale=-1.0, shift=1.0)
    builder = GraphBuilder()
    carried = builder.add("carried", VECTORS)
    x = builder.add("state", Slice(dim=2, stop="d_model"), carried)
    average = builder.add("average", AVERAGE, carried)
    halted = builder.add("halted", Slice(dim=2, start="2 * d_model"), carried)
    p = builder.add("halting", Sigmoid(), builder.add("score", Linear(out_features=1), x))
    runs = builder.add("runs", Heaviside(), builder.add("below_1", rest_of, halted))
    total = builder.add("total", Add(), halted, builder.add("added", Multiply(), p, runs))
    above = builder.add(
        "above", Heaviside(), builder.add("excess", Affine(shift=-THRESHOLD), total)
    )
    stops = builder.add("stops", Multiply(), above, runs)
    goes_on = builder.add("goes_on", Add(), runs, builder.add("without", Affine(scale=-1.0), stops))
    step = builder.add("step", Multiply(), p, goes_on)
    before = builder.add("before", Add(), halted, step)
    last = builder.add("last", Multiply(), stops, builder.add("remainder", rest_of, before))
    weight = builder.add("weight", Add(), step, last)
    new = builder.add("layer", EncoderLayer(num_heads="num_heads", hidden_size="ffn_size"), x)
    kept = builder.add("kept", Multiply(), average, builder.add("others", rest_of, weight))
    average = builder.add("sum", Add(), builder.add("part", Multiply(), new, weight), kept)
    now = builder.add("now", Add(), before, last)
    joined = builder.add("joined", Concatenate(), new, average, now)
    builder.add("output", GraphOutput(), joined)
    return builder.build()


PARTS = {"Halting step": halting_step()}


def adaptive_computation() -> Graph:
    """Build steps of one layer that each position takes until it halts, at most max_steps."""
    builder = GraphBuilder(PARTS)
    x = builder.add("x", VECTORS)
    zeros = builder.add("zeros", Affine(scale=0.0), x)
    halted = builder.add("halted", Slice(dim=2, stop=1), zeros)
    carried = builder.add("start", Concatenate(), x, zeros, halted)
    steps = Block(block="Halting step", repeat="max_steps", share=True)
    average = builder.add("average", AVERAGE, builder.add("steps", steps, carried))
    builder.add("output", GraphOutput(), average)
    return builder.build()
