"""Two transposes in a row of which one undoes the other are left out of the code."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from codegen.compile import compile_model
from nodes.activation.gelu import GELU
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.split_heads import SplitHeads
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.node import Node
from nodes.merge.add import Add
from nodes.reshape.transpose import Transpose
from tests.codegen.drawing import branches, chain
from tests.codegen.running import instantiate

CONV = Conv1d(out_channels=64, kernel_size=3)


def by_hand(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return network.b(network.a(x.transpose(1, 2))).transpose(1, 2)


def test_convolutions_in_a_row_keep_the_layout_of_pytorch():
    source = compile_model(chain(CONV, CONV)).source
    assert "return self.b(self.a(x.transpose(1, 2))).transpose(1, 2)" in source
    network, x = instantiate(source), torch.randn(2, 9, 64)
    assert torch.equal(network(x), by_hand(network, x))


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ((SplitHeads(num_heads=4), MergeHeads()), "return x.unflatten(-1, (4, -1)).flatten(-2)"),
        (
            (GELU(), Transpose(dim0=1, dim1=2), Transpose(dim0=2, dim1=1), GELU()),
            "return F.gelu(F.gelu(x))",
        ),
    ],
)
def test_heads_and_drawn_transposes_are_left_out(nodes: tuple[Node, ...], expected: str):
    assert expected in compile_model(chain(*nodes)).source


def test_transposes_of_other_dimensions_stay():
    nodes = (GELU(), Transpose(dim0=1, dim1=2), Transpose(dim0=0, dim1=1))
    source = compile_model(chain(*nodes)).source
    assert "F.gelu(x).transpose(1, 2).transpose(0, 1)" in source


def test_a_transpose_that_others_read_stays():
    model = branches(Transpose(dim0=1, dim1=2), Transpose(dim0=1, dim1=2), Add())
    x = torch.randn(2, 64, 64)
    network = instantiate(compile_model(model).source)
    assert torch.equal(network(x), 2 * x.transpose(1, 2))
    swapped = chain(GELU(), Transpose(dim0=1, dim1=2), Transpose(dim0=1, dim1=2), Add())
    network = instantiate(compile_model(swapped).source)
    assert torch.equal(network(x), F.gelu(x))
