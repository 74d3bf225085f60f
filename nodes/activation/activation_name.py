"""The activation functions that a composite chooses from by name."""

from typing import Literal

from nodes.activation.gelu import GELU
from nodes.activation.relu import ReLU
from nodes.activation.silu import SiLU
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Choice, Ref

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
