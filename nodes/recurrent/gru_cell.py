from nodes.recurrent.single_state_cell import SingleStateCell


class GRUCell(SingleStateCell):
    """GRU cell: one step of a gated recurrent unit, in a block with a StepInput.

    r, z = sigmoid(W x + U h + b); n = tanh(W_n x + b_n + r * (U_n h + c_n));
    h' = (1 - z) * n + z * h: x (B, C) and h (B, hidden_size) give h' (B, hidden_size). For decoders
    whose input depends on the state, such as those with attention inside the recurrence; without
    that the GRU node does the same in less time.

    Parameters:
        hidden_size: number of features in the hidden state h.
        bias: use the bias weights b_ih and b_hh.

    Reference:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
        Machine Translation", 2014, section 2.3, arXiv:1406.1078
    """

    aliases = ("step", "loop", "recurrent", "gated recurrent unit")
    torch = "nn.GRUCell"
    gates = 3
