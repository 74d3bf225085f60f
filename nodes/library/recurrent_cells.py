"""The cells of recurrent networks, drawn from their gates as the body of a loop over steps."""

from nodes.activation.sigmoid import Sigmoid
from nodes.activation.tanh import Tanh
from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.io.graph_output import GraphOutput
from nodes.io.state_input import StateInput
from nodes.io.state_output import StateOutput
from nodes.io.step_input import StepInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.multiply import Multiply


def rnn_cell() -> Graph:
    """Build tanh(W_ih x + W_hh h)."""
    builder = GraphBuilder()
    x, hidden = builder.add("x", StepInput()), builder.add("hidden", StateInput(size="hidden_size"))
    total = builder.add("sum", Add(), *_gate(builder, "new", x, hidden))
    y = builder.add("tanh", Tanh(), total)
    builder.add("output", GraphOutput(), y)
    builder.add("next_hidden", StateOutput(), y, hidden)
    return builder.build()


def gru_cell() -> Graph:
    """Build h' = (1 - z) n + z h, with n = tanh(W x + r * (U h))."""
    builder = GraphBuilder()
    x, hidden = builder.add("x", StepInput()), builder.add("hidden", StateInput(size="hidden_size"))
    gates = {}
    for name in ("reset", "update"):
        total = builder.add(f"{name}_sum", Add(), *_gate(builder, name, x, hidden))
        gates[name] = builder.add(f"{name}_gate", Sigmoid(), total)
    new, old = _gate(builder, "new", x, hidden)
    old = builder.add("kept", Multiply(), gates["reset"], old)
    new = builder.add("candidate", Tanh(), builder.add("new_sum", Add(), new, old))
    rest = builder.add("rest", Affine(scale=-1.0, shift=1.0), gates["update"])
    new = builder.add("written", Multiply(), rest, new)
    old = builder.add("carried", Multiply(), gates["update"], hidden)
    y = builder.add("mixed", Add(), new, old)
    builder.add("output", GraphOutput(), y)
    builder.add("next_hidden", StateOutput(), y, hidden)
    return builder.build()


def lstm_cell() -> Graph:
    """Build c' = f c + i g and h' = o tanh(c')."""
    builder = GraphBuilder()
    x, hidden = builder.add("x", StepInput()), builder.add("hidden", StateInput(size="hidden_size"))
    state = builder.add("cell", StateInput(size="hidden_size"))
    gates = {}
    functions: dict[str, Node] = {
        "input": Sigmoid(),
        "forget": Sigmoid(),
        "new": Tanh(),
        "output": Sigmoid(),
    }
    for name, function in functions.items():
        total = builder.add(f"{name}_sum", Add(), *_gate(builder, name, x, hidden))
        gates[name] = builder.add(f"{name}_gate", function, total)
    kept = builder.add("kept", Multiply(), gates["forget"], state)
    written = builder.add("written", Multiply(), gates["input"], gates["new"])
    new = builder.add("new_cell", Add(), kept, written)
    y = builder.add("shown", Multiply(), gates["output"], builder.add("squashed", Tanh(), new))
    builder.add("output", GraphOutput(), y)
    builder.add("next_hidden", StateOutput(), y, hidden)
    builder.add("next_cell", StateOutput(), new, state)
    return builder.build()


def _gate(
    builder: GraphBuilder, name: str, x: NodeHandle, hidden: NodeHandle
) -> tuple[NodeHandle, NodeHandle]:
    linear = Linear(out_features="hidden_size")
    return builder.add(f"{name}_x", linear, x), builder.add(f"{name}_h", linear, hidden)
