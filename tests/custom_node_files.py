"""The example of the page on custom nodes, and files of nodes that differ from a right one."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "custom_nodes.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
GATED_MIX, MIXED = FILES["gated_mix.py"], FILES["mixed.json"]

IMPORTS = """\
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
"""

TWICE = f'''{IMPORTS}

class Twice(Node):
    """Twice its input.

    Parameters:
        factor: factor of each element.
    """

    category = Category.MERGE
    each = ("...",)

    factor: float = 2.0

    input = Input("...", "tensor of any shape")
    output = Output("...", "the double")

    def forward(self, context, input):
        return input * self.factor
'''
"""A node without a layer."""

TWICE_GRAPH = """{
  "wireformer": 1,
  "nodes": {
    "x": {"type": "FeatureInput", "features": 8},
    "twice": {"type": "Twice", "factor": 3.0},
    "y": {"type": "GraphOutput"}
  },
  "edges": {"twice.input": "x.output", "y.input": "twice.output"}
}
"""
