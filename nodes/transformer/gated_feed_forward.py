from nodes.activation.activation_name import ActivationName, activation
from nodes.core.graphs.graph import Composite, Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Probability, Size
from nodes.core.graphs.port import Input, Output
from nodes.core.shapes.shape import Bindings
from nodes.dropout.dropout import Dropout
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.multiply import Multiply


class GatedFeedForward(Composite):
    """Gated feed-forward network, as SwiGLU: W_d (activation(W_g x) * W_u x).

    W_g and W_u are (hidden_size, C) and W_d is (C, hidden_size), applied to each time step
    separately: x (..., C) gives (..., C). With silu it is SwiGLU, as in Llama, with gelu GEGLU. It
    has three matrices where FeedForward has two; a hidden_size of 8 / 3 * C makes them equally
    large.

    Parameters:
        hidden_size: size of the hidden layer; 4 * C if not given.
        activation: activation function of the gates.
        dropout: probability of an element of the hidden layer to be zeroed in training.
        bias: adds a learnable bias to the three linear layers.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Reference:
        Shazeer, "GLU Variants Improve Transformer", 2020, arXiv:2002.05202
    """

    category = Category.TRANSFORMER
    aliases = ("swiglu", "geglu", "glu", "mlp", "ffn")

    hidden_size: Size | None = None
    activation: ActivationName = "silu"
    dropout: Probability = 0.0
    bias: bool = False

    input = Input("... C", "vectors")
    output = Output("... C", "transformed vectors")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="... C"))
        hidden = 4 * dims["C"] if self.hidden_size is None else self.hidden_size
        linear = Linear(out_features=hidden, bias=self.bias)
        gate = builder.add("gate", linear, x)
        gate = builder.add("activation", activation(self.activation), gate)
        gated = builder.add("multiply", Multiply(), gate, builder.add("up", linear, x))
        if self.dropout != 0.0:
            gated = builder.add("dropout", Dropout(p=self.dropout), gated)
        down = builder.add("down", Linear(out_features=dims["C"], bias=self.bias), gated)
        builder.add("output", GraphOutput(), down)
        return builder.build()
