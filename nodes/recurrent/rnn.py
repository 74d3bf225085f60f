from typing import Literal

from nodes.core.graphs.parameter_types import Choice
from nodes.recurrent.single_state_recurrent import SingleStateRecurrent


class RNN(SingleStateRecurrent):
    """Elman recurrent neural network (RNN): h_t = tanh(W x_t + U h_(t-1) + b).

    W (hidden_size, C) and U (hidden_size, hidden_size): x (B, T, C) gives h (B, T, hidden_size).
    Gradients through many steps vanish or explode, so use LSTM or GRU for long dependencies.
    Connect lengths where sequences are padded: the output is zero at padding, and hidden is the
    state at the last valid step; a sequence of length 0 keeps its initial state.

    Parameters:
        hidden_size: number of features in the hidden state h.
        num_layers: number of recurrent layers; each one takes the outputs of the one before.
        nonlinearity: the non-linearity to use, tanh or relu.
        bias: use the bias weights b_ih and b_hh.
        dropout: probability of an element of the outputs of each layer but the last to be zeroed in
            training; has no effect with one layer, where the check proposes a Dropout instead.
        bidirectional: a second network reads the sequence backwards; outputs are concatenated.

    Dimensions:
        features: hidden_size, or 2 * hidden_size if bidirectional.
        states: num_layers, or 2 * num_layers if bidirectional.
        projected: hidden_size.

    Reference:
        Elman, "Finding Structure in Time", 1990, doi:10.1207/s15516709cog1402_1
    """

    aliases = ("elman", "recurrent neural network", "simple recurrent network", "vanilla")
    torch = "nn.RNN"
    gates = 1

    nonlinearity: Choice[Literal["tanh", "relu"]] = "tanh"
