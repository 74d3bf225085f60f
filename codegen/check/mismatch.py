"""Problems of specs that do not fit their port."""

from collections.abc import Mapping

from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node import InputMismatch, Node


def mismatch_problem(context: NodeContext, node: Node, error: InputMismatch) -> Problem:
    """Report a spec that does not fit its port, and its source."""
    source = _sources(context, node).get(error.port)
    origin = f" from {source}" if source else ""
    return context.error(f"{error.cause}{origin}", port=error.port, cause=error)


def _sources(context: NodeContext, node: Node) -> Mapping[str, PortRef]:
    """Find the source of each input port, defaults included."""
    sources = dict(context.graph.sources[context.node])
    for port in node.inputs:
        if port.name not in sources and port.default in sources:
            sources[port.name] = sources[port.default]
    return sources
