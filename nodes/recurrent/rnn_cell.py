from typing import Literal

from nodes.core.graphs.parameter_types import Choice
from nodes.recurrent.single_state_cell import SingleStateCell


class RNNCell(SingleStateCell):
    """RNN cell: one step of an RNN, h' = tanh(W x + b + U h + c), in a block with a StepInput.

    x (B, C) and h (B, hidden_size) give h' (B, hidden_size). Without anything between the steps,
    the RNN node does the same in less time.

    Parameters:
        hidden_size: number of features in the hidden state h.
        bias: use the bias weights b_ih and b_hh.
        nonlinearity: activation function of the hidden state.

    Reference:
        Elman, "Finding Structure in Time", 1990, doi:10.1207/s15516709cog1402_1
    """

    aliases = ("step", "loop", "recurrent", "elman", "vanilla")
    torch = "nn.RNNCell"
    gates = 1

    nonlinearity: Choice[Literal["tanh", "relu"]] = "tanh"
