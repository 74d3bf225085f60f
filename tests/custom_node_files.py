"""Files of custom nodes, and a graph with a node of one of them."""

GATED_MIX = '''"""A node with a layer of its own."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape


class GatedMixLayer(nn.Module):
    """A learned gate between two tensors. 2 x (..., C) -> (..., C)"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(2 * width, width)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        gate = torch.sigmoid(self.gate(torch.cat((first, second), dim=-1)))
        return gate * first + (1 - gate) * second


class GatedMix(Node):
    """Gated mix: g * first + (1 - g) * second, with a learned gate g."""

    category = Category.MERGE
    aliases = ("gate",)
    each = ("...",)
    mixes = ("C",)
    static_axes = ("C",)

    first = Input("... C", "vectors")
    second = Input("... C", "vectors of the same shape")
    output = Output("... C", "their mixture")

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"gate.weight": (dims["C"], 2 * dims["C"]), "gate.bias": (dims["C"],)}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("GatedMixLayer", context.dims["C"])

    def forward(self, context: EmitContext, first: Expr, second: Expr) -> Expr:
        return context.call(context.layer, first, second)
'''

BROKEN = "from nodes.core.graphs.node import Node\n\n\nclass Broken(Node)\n    pass\n"

GRAPH = {
    "wireformer": 1,
    "name": "Mixed",
    "nodes": {
        "x": {"type": "FeatureInput", "features": 8},
        "project": {"type": "Linear"},
        "mix": {"type": "GatedMix"},
        "y": {"type": "GraphOutput"},
    },
    "edges": {
        "project.input": "x.output",
        "mix.first": "x.output",
        "mix.second": "project.output",
        "y.input": "mix.output",
    },
}
