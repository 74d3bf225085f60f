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


class FeedForward(Composite):
    """Position-wise feed-forward network: two linear layers around an activation.

    y = W_2 activation(W_1 x + b_1) + b_2, with W_1 (hidden_size, C) and W_2 (C, hidden_size),
    applied to each time step separately: x (..., C) gives (..., C). The multilayer perceptron (MLP)
    of a Transformer layer, next to attention; it holds most of the layer's weights.

    Parameters:
        hidden_size: size of the hidden layer (dim_feedforward in PyTorch); 4 * C if not given.
        activation: activation function of the hidden layer.
        dropout: probability of an element of the hidden layer to be zeroed in training.
        bias: adds a learnable bias to both linear layers.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.3, arXiv:1706.03762
    """

    category = Category.TRANSFORMER
    aliases = ("mlp", "ffn", "perceptron", "multilayer perceptron", "position-wise")

    hidden_size: Size | None = None
    activation: ActivationName = "relu"
    dropout: Probability = 0.0
    bias: bool = True

    input = Input("... C", "vectors")
    output = Output("... C", "transformed vectors")

    def expand(self, dims: Bindings) -> Graph:
        builder = GraphBuilder()
        x = builder.add("input", BlockInput(kind="features", shape="... C"))
        hidden = 4 * dims["C"] if self.hidden_size is None else self.hidden_size
        x = builder.add("up", Linear(out_features=hidden, bias=self.bias), x)
        x = builder.add("activation", activation(self.activation), x)
        if self.dropout != 0.0:
            x = builder.add("dropout", Dropout(p=self.dropout), x)
        x = builder.add("down", Linear(out_features=dims["C"], bias=self.bias), x)
        builder.add("output", GraphOutput(), x)
        return builder.build()
