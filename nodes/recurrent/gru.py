from nodes.recurrent.single_state_recurrent import SingleStateRecurrent


class GRU(SingleStateRecurrent):
    """Gated recurrent unit (GRU) network: a recurrent network with reset and update gates.

    r, z = sigmoid(W x_t + U h_(t-1) + b); n = tanh(W_n x_t + b_n + r * (U_n h_(t-1) + c_n));
    h_t = (1 - z) * n + z * h_(t-1): x (B, T, C) gives h (B, T, hidden_size). Learns longer
    dependencies than RNN, with three quarters of the weights of an LSTM. This is the variant of
    PyTorch and cuDNN, where the reset gate r applies after the product, r * (U_n h_(t-1) + c_n); in
    the paper it applies before, U_n (r * h_(t-1)), so weights trained that way give other results.
    Connect lengths where sequences are padded, as at RNN.

    Parameters:
        hidden_size: number of features in the hidden state h.
        num_layers: number of recurrent layers; each one takes the outputs of the one before.
        bias: use the bias weights b_ih and b_hh.
        dropout: probability of an element of the outputs of each layer but the last to be zeroed in
            training; has no effect with one layer, where the check proposes a Dropout instead.
        bidirectional: a second network reads the sequence backwards; outputs are concatenated.

    Dimensions:
        features: hidden_size, or 2 * hidden_size if bidirectional.
        states: num_layers, or 2 * num_layers if bidirectional.
        projected: hidden_size.

    Reference:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
        Machine Translation", 2014, section 2.3, arXiv:1406.1078
    """

    aliases = ("gated recurrent unit", "bigru", "bidirectional")
    torch = "nn.GRU"
    gates = 3
