"""Networks that read a sequence step by step and remember."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import ClassVar, Literal

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node, ParameterError, Time
from nodes.core.graphs.parameter_types import Choice, Count, Probability, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.dim import AnyDim, substitute
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch


class _Recurrent(Node):
    """A network whose state after a step depends on the step and on the state before."""

    category = Category.RECURRENT
    returns = "output, hidden"
    state_ports: ClassVar[tuple[str, ...]] = ("hidden",)
    static_axes = ("C",)
    gates: ClassVar[int]
    """How many vectors of the size of the state are computed at every step."""

    hidden_size: Size = 128
    num_layers: Size = 1
    bias: bool = True
    dropout: Probability = 0.0
    bidirectional: bool = False

    input = Input("B T C", "the sequence")
    lengths = Input(
        "B", "the number of real steps; all, without it", kind=Kind.LENGTHS, optional=True
    )
    initial_hidden = Input(
        "states B projected",
        "the hidden state to begin with; zero, without it",
        kind=Kind.STATE,
        optional=True,
    )
    output = Output("B T features", "the hidden state of the last layer at every step")
    hidden = Output(
        "states B projected", "the hidden state of every layer in the end", kind=Kind.STATE
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

    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        if self.bidirectional or connected != {"input"}:
            return Time.WHOLE
        return Time.MEMORY

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        found: dict[str, Shape] = {}
        for layer in range(self.num_layers):
            arriving = dims["features"] if layer else dims["C"]
            for direction in ("", "_reverse")[: 1 + self.bidirectional]:
                found.update(self._layer_weights(f"l{layer}{direction}", arriving))
        return found

    def _layer_weights(self, layer: str, arriving: AnyDim) -> Iterator[tuple[str, Shape]]:
        rows = self.gates * self.hidden_size
        yield f"weight_ih_{layer}", (rows, arriving)
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
        own = [name for name in type(self).model_fields if name != "hidden_size"]
        changed = self.changed(*own)
        if self.num_layers == 1:  # PyTorch warns: there is nothing between layers to drop
            changed.pop("dropout", None)
        sizes = (context.dims["C"], self.hidden_size)
        return context.call(self.torch, *sizes, **changed, batch_first=True)

    def run(
        self, context: EmitContext, input: Expr, lengths: Expr | None, state: Expr | None
    ) -> Expr:
        """Write the call of the module."""
        given = [input] if lengths is None else [input, lengths]
        given += [] if state is None else [state]
        if lengths is None:
            return context.call(context.layer, *given)
        return context.library("run_packed", context.layer, *given)


class _OneState(_Recurrent):
    """A network whose only state is what it gives."""

    def forward(
        self, context: EmitContext, input: Expr, lengths: Expr | None, initial_hidden: Expr | None
    ) -> Expr:
        return self.run(context, input, lengths, initial_hidden or context.past)


class RNN(_OneState):
    """Run a plain recurrent network along a sequence.

    The state is tanh(W x + U h + b), where h is the state before.

    Parameters:
        hidden_size: the size of the state.
        num_layers: how many networks stand on top of each other.
        nonlinearity: what bends the sum.
        bias: add trained vectors.
        dropout: how likely a number that goes from layer to layer is set to zero while training.
        bidirectional: another network reads the sequence from its end; both give their states.

    Dimensions:
        features: hidden_size, twice that if bidirectional.
        states: num_layers, twice that if bidirectional.
        projected: hidden_size.

    Reference:
        Elman, "Finding Structure in Time", 1990, doi:10.1207/s15516709cog1402_1
    """

    aliases = ("elman", "simple recurrent network", "vanilla")
    torch = "nn.RNN"
    gates = 1

    nonlinearity: Choice[Literal["tanh", "relu"]] = "tanh"


class GRU(_OneState):
    """Run a network of gated recurrent units along a sequence.

    One gate decides how much of the state is kept, another how much of it the new one sees.

    Parameters:
        hidden_size: the size of the state.
        num_layers: how many networks stand on top of each other.
        bias: add trained vectors.
        dropout: how likely a number that goes from layer to layer is set to zero while training.
        bidirectional: another network reads the sequence from its end; both give their states.

    Dimensions:
        features: hidden_size, twice that if bidirectional.
        states: num_layers, twice that if bidirectional.
        projected: hidden_size.

    Reference:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
        Machine Translation", 2014, section 2.3, arXiv:1406.1078
    """

    aliases = ("gated recurrent unit", "bidirectional")
    torch = "nn.GRU"
    gates = 3


class LSTM(_Recurrent):
    """Run a long short-term memory network along a sequence.

    Gates decide what enters its cell, what stays there, and what of it is shown.

    Parameters:
        hidden_size: the size of the cell, and of the hidden state.
        num_layers: how many networks stand on top of each other.
        bias: add trained vectors.
        dropout: how likely a number that goes from layer to layer is set to zero while training.
        bidirectional: another network reads the sequence from its end; both give their states.
        proj_size: the size that the hidden state is brought to by a trained matrix; 0 for none.

    Dimensions:
        features: projected, twice that if bidirectional.
        states: num_layers, twice that if bidirectional.
        projected: proj_size, or hidden_size.

    Reference:
        Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997, doi:10.1162/neco.1997.9.8.1735;
        proj_size: Sak, Senior & Beaufays, "Long Short-Term Memory Based Recurrent Neural Network
        Architectures for Large Vocabulary Speech Recognition", 2014, arXiv:1402.1128
    """

    aliases = ("long short-term memory", "bilstm", "bidirectional")
    torch = "nn.LSTM"
    returns = "output, (hidden, cell)"
    state_ports = ("hidden", "cell")
    gates = 4

    proj_size: Count = 0

    initial_cell = Input(
        "states B hidden_size",
        "the cell to begin with; zero, without it",
        kind=Kind.STATE,
        optional=True,
    )
    cell = Output("states B hidden_size", "the cell of every layer in the end", kind=Kind.STATE)

    @property
    def projected(self) -> AnyDim:
        """The size of the hidden state."""
        return self.proj_size or self.hidden_size

    def parameter_errors(self) -> Iterator[ParameterError]:
        if self.proj_size >= self.hidden_size:
            told = f"less than hidden_size = {self.hidden_size} is expected, not {self.proj_size}"
            yield ParameterError("proj_size", told, (0,))

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        if self.proj_size != 0 and substitute(self.proj_size, dims.hyperparameters) == 0:
            told = (
                f"a proj_size above 0 is expected where it is no plain number, not {self.proj_size}"
            )
            raise ShapeMismatch(f"{told} = 0")
        return {}

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """See that the two states are told together."""
        given = [port for port in ("initial_hidden", "initial_cell") if port in arriving]
        if len(given) == 1:
            told = "a hidden state and a cell are expected together, but only one of them arrives"
            raise InputMismatch(given[0], ShapeMismatch(told))
        return super().infer(arriving, values)

    def forward(
        self,
        context: EmitContext,
        input: Expr,
        lengths: Expr | None,
        initial_hidden: Expr | None,
        initial_cell: Expr | None,
    ) -> Expr:
        state = tuple_of(initial_hidden, initial_cell) if initial_hidden else context.past
        return self.run(context, input, lengths, state)
