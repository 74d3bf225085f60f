from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import (
    Inferred,
    InputMismatch,
    ParameterError,
    Rule,
)
from nodes.core.graphs.parameter_types import Count
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.dim import AnyDim, Dim
from nodes.core.shapes.shape import Bindings, ShapeMismatch
from nodes.recurrent.recurrent import Recurrent


class LSTM(Recurrent):
    """Long short-term memory (LSTM) network: a recurrent network with a gated cell state.

    i, f, o = sigmoid(W x_t + U h_(t-1) + b); g = tanh(W_g x_t + U_g h_(t-1) + b_g);
    c_t = f * c_(t-1) + i * g; h_t = o * tanh(c_t): x (B, T, C) gives h (B, T, hidden_size). The
    additive cell state lets gradients reach back many steps, so it is the usual recurrent network
    for long dependencies. Connect lengths where sequences are padded, as at RNN.

    Parameters:
        hidden_size: number of features in the hidden state h and the cell state c.
        num_layers: number of recurrent layers; each one takes the outputs of the one before.
        bias: use the bias weights b_ih and b_hh.
        dropout: probability of an element of the outputs of each layer but the last to be zeroed in
            training; has no effect with one layer, where the check proposes a Dropout instead.
        bidirectional: a second network reads the sequence backwards; outputs are concatenated.
        proj_size: size of the hidden state after a learnable projection, h_t = W_hr h_t, below
            hidden_size; 0 for no projection.

    Dimensions:
        features: projected, or 2 * projected if bidirectional.
        states: num_layers, or 2 * num_layers if bidirectional.
        projected: proj_size, or hidden_size without a projection.

    Reference:
        Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997, doi:10.1162/neco.1997.9.8.1735;
        proj_size: Sak, Senior & Beaufays, "Long Short-Term Memory Based Recurrent Neural Network
        Architectures for Large Vocabulary Speech Recognition", 2014, arXiv:1402.1128
    """

    aliases = ("long short-term memory", "bilstm", "bidirectional", "lstmp")
    torch = "nn.LSTM"
    returns = "output, (hidden, cell)"
    state_ports = ("hidden", "cell")
    gates = 4

    proj_size: Count = 0

    initial_cell = Input(
        "states B hidden_size",
        "initial cell state of each layer; zero if not connected",
        kind=Kind.STATE,
        optional=True,
    )
    cell = Output("states B hidden_size", "cell of each layer after the last step", kind=Kind.STATE)

    @property
    def projected(self) -> AnyDim:
        """The size of the hidden state."""
        return self.proj_size or self.hidden_size

    def rules(self) -> Iterator[Rule]:
        expected = f"expected a size below hidden_size = {self.hidden_size}"
        error = ParameterError("proj_size", f"{expected}, got {self.proj_size}", (0,))
        yield Rule(at_least(self.hidden_size, self.proj_size + 1), error)

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if isinstance(self.proj_size, Dim) and dims.is_less(self.proj_size, 1):
            expected = "expected a proj_size above 0 where it is an expression"
            raise ShapeMismatch(f"{expected}, got {self.proj_size} = 0")
        return {}

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Require both initial states or neither."""
        states = ("initial_hidden", "initial_cell")
        connected = [port for port in states if port in input_specs]
        if len(connected) == 1:
            message = f"expected both {' and '.join(states)}, got only {connected[0]}"
            raise InputMismatch(connected[0], ShapeMismatch(message))
        return super().infer(input_specs, values)

    def forward(
        self,
        context: EmitContext,
        input: Expr,
        lengths: Expr | None,
        initial_hidden: Expr | None,
        initial_cell: Expr | None,
    ) -> Expr:
        initial = tuple_of(initial_hidden, initial_cell) if initial_hidden else None
        return self.run(context, input, lengths, context.cached_state or initial)
