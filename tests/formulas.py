"""Nodes compiled with double precision, to compare with the formulas of their manual pages."""

import torch
from torch import Tensor, nn

from codegen.harness.one_node import DrawnCase, compile_node
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import TensorSpec

B, T, C = 3, 7, 6
CLOSE = 1e-9


def compiled(node: Node, used: tuple[str, ...] = ("output",), **shapes: tuple) -> nn.Module:
    """Compile one node for input shapes, with double precision."""
    specs = {port: TensorSpec(shape, node.find_input(port).kind) for port, shape in shapes.items()}
    return compile_node(DrawnCase(node, specs, {}, {}), used).module.double().eval()


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def assert_close(ours: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(ours, expected, rtol=CLOSE, atol=CLOSE)


def weights(module: nn.Module) -> dict[str, Tensor]:
    return {name.removeprefix("node."): one.detach() for name, one in module.named_parameters()}
