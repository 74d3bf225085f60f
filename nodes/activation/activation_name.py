"""The activation functions that a composite chooses from by name."""

from collections.abc import Mapping
from typing import Literal

from nodes.activation.celu import CELU
from nodes.activation.elu import ELU
from nodes.activation.gelu import GELU
from nodes.activation.hardshrink import Hardshrink
from nodes.activation.hardsigmoid import Hardsigmoid
from nodes.activation.hardswish import Hardswish
from nodes.activation.leaky_relu import LeakyReLU
from nodes.activation.log_sigmoid import LogSigmoid
from nodes.activation.mish import Mish
from nodes.activation.quick_gelu import QuickGELU
from nodes.activation.relu import ReLU
from nodes.activation.relu6 import ReLU6
from nodes.activation.relu_squared import ReLUSquared
from nodes.activation.selu import SELU
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.softplus import Softplus
from nodes.activation.softshrink import Softshrink
from nodes.activation.softsign import Softsign
from nodes.activation.tanh import Tanh
from nodes.activation.tanhshrink import Tanhshrink
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Choice, Ref

ActivationName = Choice[
    Literal[
        "relu",
        "gelu",
        "gelu_tanh",
        "silu",
        "tanh",
        "sigmoid",
        "relu_squared",
        "quick_gelu",
        "mish",
        "elu",
        "celu",
        "selu",
        "leaky_relu",
        "relu6",
        "hardswish",
        "hardsigmoid",
        "softplus",
        "softsign",
        "log_sigmoid",
        "tanhshrink",
        "softshrink",
        "hardshrink",
    ]
]

_NODES: Mapping[str, Node] = {
    "relu": ReLU(),
    "gelu": GELU(),
    "gelu_tanh": GELU(approximate="tanh"),
    "silu": SiLU(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
    "relu_squared": ReLUSquared(),
    "quick_gelu": QuickGELU(),
    "mish": Mish(),
    "elu": ELU(),
    "celu": CELU(),
    "selu": SELU(),
    "leaky_relu": LeakyReLU(),
    "relu6": ReLU6(),
    "hardswish": Hardswish(),
    "hardsigmoid": Hardsigmoid(),
    "softplus": Softplus(),
    "softsign": Softsign(),
    "log_sigmoid": LogSigmoid(),
    "tanhshrink": Tanhshrink(),
    "softshrink": Softshrink(),
    "hardshrink": Hardshrink(),
}


def activation(name: ActivationName) -> Node:
    """Return the node of the activation function that a composite's parameter names."""
    if isinstance(name, Ref):
        raise TypeError(f"expected the name of an activation, got the hyperparameter {name}")
    return _NODES[name]
