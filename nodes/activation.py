"""Functions of single numbers, and of the numbers of one vector."""

from typing import ClassVar, Literal

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, Time
from nodes.core.graphs.parameter_types import Choice, NonNegative, Positive, Ref
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, axis

ActivationName = Choice[Literal["relu", "gelu", "gelu_tanh", "silu"]]


def activation(name: ActivationName) -> Node:
    """Make the node of an activation that is chosen by name."""
    match name:
        case "relu":
            return ReLU()
        case "gelu":
            return GELU()
        case "gelu_tanh":
            return GELU(approximate="tanh")
        case "silu":
            return SiLU()
        case Ref():
            raise TypeError(f"expected the name of an activation, got the hyperparameter {name}")


class _Elementwise(Node):
    """A function of each number by itself."""

    category = Category.ACTIVATION
    time = Time.POINTWISE

    input = Input("...", "any numbers")
    output = Output("...", "the function of each")


class ReLU(_Elementwise):
    """Keep positive numbers and set negative ones to zero.

    Reference:
        Glorot, Bordes & Bengio, "Deep Sparse Rectifier Neural Networks", 2011, PMLR 15
    """

    aliases = ("rectifier", "nonlinearity")
    torch = "F.relu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu", input)


class GELU(_Elementwise):
    """Weigh each number by the share of a normal distribution that lies below it.

    Parameters:
        approximate: "tanh" for the approximation that the first GPT models were trained with.

    Reference:
        Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415
    """

    aliases = ("gaussian", "nonlinearity")
    torch = "F.gelu"

    approximate: Choice[Literal["none", "tanh"]] = "none"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.gelu", input, **self.changed("approximate"))


class SiLU(_Elementwise):
    """Weigh each number by its sigmoid.

    Reference:
        Elfwing, Uchibe & Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
        Approximation in Reinforcement Learning", 2017, arXiv:1702.03118
    """

    aliases = ("swish", "nonlinearity")
    torch = "F.silu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.silu", input)


class Tanh(_Elementwise):
    """Squeeze each number between -1 and 1."""

    aliases = ("hyperbolic tangent", "nonlinearity")
    torch = "torch.tanh"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.tanh", input)


class Sigmoid(_Elementwise):
    """Squeeze each number between 0 and 1."""

    aliases = ("logistic", "gate", "nonlinearity")
    torch = "torch.sigmoid"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.sigmoid", input)


class LeakyReLU(_Elementwise):
    """Keep positive numbers and make negative ones much smaller.

    Parameters:
        negative_slope: what negative numbers are multiplied by.

    Reference:
        Maas, Hannun & Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        2013, ICML
    """

    aliases = ("rectifier", "nonlinearity")
    torch = "F.leaky_relu"

    negative_slope: NonNegative = 0.01

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.leaky_relu", input, **self.changed("negative_slope"))


class ELU(_Elementwise):
    """Keep positive numbers and bend negative ones smoothly towards a bound.

    Parameters:
        alpha: the bound is -alpha.

    Reference:
        Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by
        Exponential Linear Units (ELUs)", 2015, arXiv:1511.07289
    """

    aliases = ("exponential linear unit", "nonlinearity")
    torch = "F.elu"

    alpha: Positive = 1.0

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.elu", input, **self.changed("alpha"))


class Softplus(_Elementwise):
    """Make each number positive, smoothly: log(1 + exp(x)).

    Reference:
        Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
        Pricing", 2000, NIPS
    """

    aliases = ("positive", "smooth relu", "nonlinearity")
    torch = "F.softplus"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.softplus", input)


class Softmax(Node):
    """Turn scores into probabilities that add up to 1.

    Parameters:
        dim: the dimension along which they add up; negative ones count from the end.
    """

    category = Category.ACTIVATION
    aliases: ClassVar[tuple[str, ...]] = ("probabilities", "normalize", "distribution")
    torch = "torch.softmax"

    dim: int = -1

    input = Input("...", "scores")
    output = Output("...", "probabilities")

    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        return Time.POINTWISE if self.dim == -1 else Time.WHOLE

    def derive_spread(self, dims: Bindings) -> Shape:
        axis(dims.spread, self.dim)
        return dims.spread

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("softmax", dim=self.dim)


class LogSoftmax(Softmax):
    """Turn scores into logarithms of probabilities that add up to 1.

    Parameters:
        dim: the dimension along which they add up; negative ones count from the end.
    """

    aliases = ("log probabilities", "distribution")
    torch = "torch.log_softmax"

    output = Output("...", "logarithms of probabilities")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("log_softmax", dim=self.dim)
