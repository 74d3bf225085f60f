from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.recurrent.recurrent_cell import RecurrentCell


class LSTMCell(RecurrentCell):
    """LSTM cell: one step of a long short-term memory network, in a block with a StepInput.

    i, f, o = sigmoid(W x + U h + b); g = tanh(W_g x + U_g h + b_g); c' = f * c + i * g;
    h' = o * tanh(c'): x (B, C), h and c (B, hidden_size) give h' and c' (B, hidden_size). For
    decoders whose input depends on the state, such as those with attention inside the recurrence;
    without that the LSTM node does the same in less time.

    Parameters:
        hidden_size: number of features in the hidden state h and the cell state c.
        bias: use the bias weights b_ih and b_hh.

    Reference:
        Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997, doi:10.1162/neco.1997.9.8.1735
    """

    aliases = ("step", "loop", "recurrent", "long short-term memory")
    torch = "nn.LSTMCell"
    gates = 4

    cell = Input("B hidden_size", "cell state before the step")
    new_hidden = Output("B hidden_size", "hidden state after the step")
    new_cell = Output("B hidden_size", "cell state after the step")

    def forward(self, context: EmitContext, input: Expr, hidden: Expr, cell: Expr) -> Expr:
        return context.call(context.layer, input, tuple_of(hidden, cell))
