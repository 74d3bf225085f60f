"""Activation functions."""

from typing import Literal

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Choice, NonNegative, Positive, Ref
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word

ActivationName = Choice[Literal["relu", "gelu", "gelu_tanh", "silu"]]


def activation(name: ActivationName) -> Node:
    """Make the node of the activation function that a composite's parameter names."""
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
    """A function of each element."""

    category = Category.ACTIVATION
    each = ("...",)

    input = Input("...", "tensor of any shape")
    output = Output("...", "the function of each element")

    def support(self) -> Support:
        return Support.EITHER  # the function of 0 is 0


class ReLU(_Elementwise):
    """Rectified linear unit (ReLU): max(0, x).

    The usual choice between layers. A unit whose input is negative for all data gets no gradient
    and stays zero ("dying ReLU"); LeakyReLU, GELU and SiLU avoid that.

    Reference:
        Glorot, Bordes & Bengio, "Deep Sparse Rectifier Neural Networks", 2011, PMLR 15
    """

    aliases = ("rectifier", "rectified linear unit", "nonlinearity")
    torch = "F.relu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu", input)


class GELU(_Elementwise):
    """Gaussian error linear unit (GELU): x * Phi(x), Phi the cumulative normal distribution.

    The activation of BERT and GPT. The tanh approximation is
    0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))); weights that were trained with one
    of the two forms should be run with the same.

    Parameters:
        approximate: the gelu approximation algorithm, "none" or "tanh"; GPT-2 uses "tanh".

    Reference:
        Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415
    """

    aliases = ("gaussian", "gaussian error linear unit", "nonlinearity")
    torch = "F.gelu"

    approximate: Choice[Literal["none", "tanh"]] = "none"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.gelu", input, **self.changed("approximate"))


class SiLU(_Elementwise):
    """Sigmoid linear unit (SiLU, swish): x * sigmoid(x).

    A smooth alternative to ReLU; with it a gated feed-forward network is SwiGLU, as in Llama.

    Reference:
        Elfwing, Uchibe & Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
        Approximation in Reinforcement Learning", 2017, arXiv:1702.03118
    """

    aliases = ("swish", "sigmoid linear unit", "nonlinearity")
    torch = "F.silu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.silu", input)


class Tanh(_Elementwise):
    """Hyperbolic tangent (tanh): (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Bounds values to (-1, 1), as in recurrent states. It saturates: where abs(x) is large, the
    gradient vanishes.
    """

    aliases = ("hyperbolic tangent", "nonlinearity")
    torch = "torch.tanh"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.tanh", input)


class Sigmoid(_Elementwise):
    """Logistic sigmoid: 1 / (1 + exp(-x)).

    Maps to (0, 1), for gates and independent probabilities. It saturates: where abs(x) is large,
    the gradient vanishes. For probabilities of exclusive classes use Softmax.
    """

    aliases = ("logistic", "gate", "nonlinearity")
    torch = "torch.sigmoid"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.sigmoid", input)


class LeakyReLU(_Elementwise):
    """Leaky rectified linear unit: x for x > 0, else negative_slope * x.

    Unlike ReLU it has a gradient everywhere, so no unit stays zero for good.

    Parameters:
        negative_slope: the slope for negative input values.

    Reference:
        Maas, Hannun & Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        2013, ICML
    """

    aliases = ("rectifier", "leaky relu", "nonlinearity")
    torch = "F.leaky_relu"

    negative_slope: NonNegative = 0.01

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.leaky_relu", input, **self.changed("negative_slope"))


class ELU(_Elementwise):
    """Exponential linear unit (ELU): x for x > 0, else alpha * (exp(x) - 1).

    Smooth at 0 for alpha = 1, and its mean output is closer to 0 than that of ReLU.

    Parameters:
        alpha: the alpha value of the formula; the output is never below -alpha.

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
    """Softplus: the smooth rectifier log(1 + exp(x)).

    For an output that must be positive, such as a scale or a rate.

    Reference:
        Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
        Pricing", 2000, NIPS
    """

    aliases = ("positive", "smooth relu", "nonlinearity")
    torch = "F.softplus"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.softplus", input)


class _AlongDim(Node):
    """A function of the elements along one dimension."""

    category = Category.ACTIVATION

    dim: int = -1

    input = Input("...", "scores (logits)")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.drop_support()  # a score of 0 has a weight
        rank = len(context.shapes["output"])
        reading.gather(spread_word(rank, self.dim % rank))
        return {"output": context.result("output", reading, reading.join())}

    def derive_spread(self, dims: Bindings) -> Shape:
        axis(dims.spread, self.dim)
        return dims.spread


class Softmax(_AlongDim):
    """Softmax: exp(x_i) / sum_j exp(x_j) along one dimension.

    Turns scores (logits) into probabilities that sum to 1, as attention weights do. Do not put it
    before the output of a model that is trained with cross entropy: that loss takes the logits.

    Parameters:
        dim: the dimension along which the probabilities sum to 1; negative dims count from the
            end.
    """

    aliases = ("probabilities", "normalize", "distribution", "normalized exponential")
    torch = "torch.softmax"

    output = Output("...", "probabilities along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("softmax", dim=self.dim)


class LogSoftmax(_AlongDim):
    """Log-softmax: x_i - log(sum_j exp(x_j)), the logarithm of the softmax along one dimension.

    For log-probabilities; numerically stable where the logarithm of Softmax is not. Cross entropy
    takes the logits and needs neither.

    Parameters:
        dim: the dimension along which the probabilities sum to 1; negative dims count from the
            end.
    """

    aliases = ("log probabilities", "distribution")
    torch = "torch.log_softmax"

    output = Output("...", "log-probabilities along dim")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("log_softmax", dim=self.dim)
