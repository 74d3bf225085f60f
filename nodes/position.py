"""Telling a model where in the sequence a step stands."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, Time
from nodes.core.graphs.parameter_types import Positive, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape


def _start(context: EmitContext) -> tuple[Expr, ...]:
    """Tell the position of the first step, where that is not zero."""
    return () if context.start is None else (context.start,)


class PositionIds(Node):
    """Number the steps of a sequence: 0, 1, 2 and so on."""

    category = Category.POSITION
    aliases = ("arange", "range", "index")
    torch = "torch.arange"
    time = Time.POSITION

    input = Input("B T ...", "the sequence whose steps are counted", kind=Kind.ANY)
    output = Output("T", "the number of each step", kind=Kind.TOKENS)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library("positions", input, *_start(context))


class SinusoidalEncoding(Node):
    """Add a fixed pattern of sines and cosines, different at every step.

    At position p, channel 2i gets sin(p / base^(2i / C)), and channel 2i + 1 the cosine.

    Parameters:
        base: the slowest wave is this many times as long as the fastest.

    Dimensions:
        half: the number of waves.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.5, arXiv:1706.03762
    """

    category = Category.POSITION
    aliases = ("positional encoding", "sinusoid", "fourier")
    time = Time.POSITION

    base: Positive = 10_000.0

    input = Input("B T (2 half)", "the sequence")
    output = Output("B T (2 half)", "the sequence, its positions added")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library("add_sinusoids", input, *_start(context), **self.changed("base"))


class LearnedEncoding(Node):
    """Add a trained vector to every step, one for each position.

    Parameters:
        max_length: the longest sequence that it knows positions for.

    Reference:
        Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1,
        arXiv:1705.03122
    """

    category = Category.POSITION
    aliases = ("positional embedding", "absolute position", "wpe")
    torch = "nn.Embedding"
    time = Time.POSITION
    static_axes = ("C",)

    max_length: Size = 256

    input = Input("B T C", "the sequence")
    output = Output("B T C", "the sequence, its positions added")

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.max_length, dims["C"])}

    def module(self, context: EmitContext) -> Expr:
        return context.call("nn.Embedding", self.max_length, context.dims["C"])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        steps = context.library("positions", input, *_start(context))
        return input + context.call(context.layer, steps)


class RotaryEncoding(Node):
    """Rotate queries or keys by an angle that grows with the position.

    The product of a query and a key then depends on how far apart they are, not on where they
    are.  Channel i turns together with channel i + half, at the frequency base^(-i / half).

    Parameters:
        base: the slowest rotation takes this many times as long as the fastest.

    Dimensions:
        half: the number of pairs of channels.

    Reference:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
        arXiv:2104.09864
    """

    category = Category.POSITION
    aliases = ("rope", "relative position")
    time = Time.POSITION

    base: Positive = 10_000.0

    input = Input("B H T (2 half)", "queries or keys")
    output = Output("B H T (2 half)", "the same, rotated")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library("rotate", input, *_start(context), **self.changed("base"))
