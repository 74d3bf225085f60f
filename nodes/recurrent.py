"""Recurrent networks."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import ClassVar, Literal

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.graph import MOST_REPEATS
from nodes.core.graphs.node import (
    Category,
    Inferred,
    InputMismatch,
    Node,
    ParameterError,
    Rule,
)
from nodes.core.graphs.parameter_types import Choice, Count, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.dim import AnyDim, Dim, evaluate
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.reach import ALL, EARLIER
from nodes.core.time.receptive_field import Order, ReceptiveField, Validity
from nodes.core.time.time_fields import valid_steps


class _Recurrent(Node):
    """A recurrent network of one or more layers, in one or both directions."""

    category = Category.RECURRENT
    returns = "output, hidden"
    state_ports: ClassVar[tuple[str, ...]] = ("hidden",)
    static_axes = ("C",)
    gates: ClassVar[int]
    """The number of gates, whose weights PyTorch stacks in one matrix."""

    hidden_size: Size = 128
    num_layers: Size = 1
    bias: bool = True
    dropout: Probability = 0.0
    bidirectional: bool = False

    input = Input("B T C", "sequence of vectors")
    lengths = Input(
        "B", "valid steps, from 0 to T; all, if not connected", kind=Kind.LENGTHS, optional=True
    )
    initial_hidden = Input(
        "states B projected",
        "initial hidden state of each layer; zero if not connected",
        kind=Kind.STATE,
        optional=True,
    )
    output = Output("B T features", "hidden state of the last layer at each step")
    hidden = Output(
        "states B projected", "hidden state of each layer after the last step", kind=Kind.STATE
    )

    @property
    def projected(self) -> AnyDim:
        """The size of the hidden state."""
        return self.hidden_size

    def sizes(self) -> Mapping[str, AnyDim]:
        directions = 1 + self.bidirectional
        return {
            "features": directions * self.projected,
            "states": directions * self.num_layers,
            "projected": self.projected,
        }

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        if evaluate(self.num_layers, {}) > MOST_REPEATS:  # a limit of the check, not of the model
            message = f"expected at most {MOST_REPEATS} layers, got {self.num_layers}"
            yield ParameterError("num_layers", message, (1,))

    def parameter_warnings(self) -> Iterator[ParameterError]:
        if self.dropout != 0.0 and evaluate(self.num_layers, {}) == 1:
            expected = "expected at least 2 layers, as dropout applies between layers"
            message = f"{expected}, got 1, so dropout {self.dropout} has no effect"
            yield ParameterError("dropout", message, (0.0,), ("Dropout", "p"))

    def receptive_fields(self, context: FieldContext) -> Fields:
        return {
            port.name: self._steps(context)
            if port is self.output
            else self._last_state(context, port.name)
            for port in self.outputs
        }

    def _steps(self, context: FieldContext) -> ReceptiveField:
        reading = context.read()
        valid = self._valid_steps(context, reading)
        reading.read("T", ALL if self.bidirectional else EARLIER, valid)
        reading.gather("C")
        joined = reading.join()
        joined.order, joined.backward = Order.USED, self.bidirectional
        joined.validity.update(self._valid_steps(context, reading))
        return context.result("output", reading, joined)

    def _last_state(self, context: FieldContext, port: str) -> ReceptiveField:
        reading = context.read()
        reading.gather("T", self._valid_steps(context, reading))
        joined = reading.join()
        joined.order = Order.USED
        return context.result(port, reading, joined)

    def _valid_steps(self, context: FieldContext, reading: PatternFields) -> list[Validity]:
        return valid_steps(reading, "T", context.dims["T"]) if "lengths" in context.ports else []

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        weights: dict[str, Shape] = {}
        for layer in range(evaluate(self.num_layers, {})):
            input_size = dims["features"] if layer else dims["C"]
            for direction in ("", "_reverse")[: 1 + self.bidirectional]:
                weights.update(self._layer_weights(f"l{layer}{direction}", input_size))
        return weights

    def _layer_weights(self, layer: str, input_size: AnyDim) -> Iterator[tuple[str, Shape]]:
        rows = self.gates * self.hidden_size
        yield f"weight_ih_{layer}", (rows, input_size)
        yield f"weight_hh_{layer}", (rows, self.projected)
        if self.bias:
            yield f"bias_ih_{layer}", (rows,)
            yield f"bias_hh_{layer}", (rows,)
        if self.projected is not self.hidden_size:
            yield f"weight_hr_{layer}", (self.projected, self.hidden_size)

    def flops(self, dims: Bindings) -> AnyDim:
        matrices = (shape for shape in self.weights(dims).values() if len(shape) == 2)
        return 2 * dims["B"] * dims["T"] * sum(map(prod, matrices))

    def module(self, context: EmitContext) -> Expr:
        names = [name for name in type(self).model_fields if name != "hidden_size"]
        sizes = (context.dims["C"], self.hidden_size)
        return context.call(self.torch, *sizes, **self.changed(*names), batch_first=True)

    def run(
        self, context: EmitContext, input: Expr, lengths: Expr | None, state: Expr | None
    ) -> Expr:
        """Write the call of the module."""
        arguments = [input] if lengths is None else [input, lengths]
        arguments += [] if state is None else [state]
        if lengths is None:
            return context.call(context.layer, *arguments)
        return context.library_call("run_packed", context.layer, *arguments)


class _SingleStateRecurrent(_Recurrent):
    """A recurrent network without a cell state."""

    def forward(
        self, context: EmitContext, input: Expr, lengths: Expr | None, initial_hidden: Expr | None
    ) -> Expr:
        return self.run(context, input, lengths, initial_hidden or context.cached_state)


class RNN(_SingleStateRecurrent):
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


class GRU(_SingleStateRecurrent):
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


class LSTM(_Recurrent):
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
        state = tuple_of(initial_hidden, initial_cell) if initial_hidden else context.cached_state
        return self.run(context, input, lengths, state)
