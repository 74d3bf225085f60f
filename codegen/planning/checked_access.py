"""Access to a checked graph without errors, in which every node has been inferred.

The check keeps the results of wrong graphs too, so its types are optional; a plan is only made of a
graph without errors, for which these functions return the results themselves.
"""

from codegen.check.checked_graph import CheckedGraph, CheckedNode
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node import Inferred
from nodes.core.graphs.port import TensorSpec


def inferred(checked: CheckedNode) -> Inferred:
    """Return the sizes and the output specs of a node."""
    assert checked.inferred is not None, checked.node
    return checked.inferred


def output_spec(checked: CheckedGraph, ref: PortRef) -> TensorSpec:
    """Return the shape and the kind of an output port."""
    spec = checked.spec(ref)
    assert spec is not None, ref
    return spec
