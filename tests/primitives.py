"""What each primitive node means in PyTorch, said once more and without the compiler."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codegen.layers import attention, norm, pooling, position, recurrent, shift
from nodes.activation import (
    ELU,
    GELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
