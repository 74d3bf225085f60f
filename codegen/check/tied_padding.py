"""The padding ids of embeddings whose weights are tied to others."""

from collections.abc import Iterator, Mapping

from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import AnyDim, show, substitute
from nodes.embedding import Embedding


def padding_rows(nodes: Mapping[str, Node]) -> dict[str, AnyDim]:
    """Map each node that shares the weight of an embedding with a padding id to that id.

    Args:
        nodes: the nodes of one graph; the embeddings themselves are in the result too.
    """
    owners = {_owner(nodes, name): index for name, index in _padded(nodes)}
    if not owners:
        return {}
    sharing = [name for name, node in nodes.items() if node.tied_to or name in owners]
    return {name: owners[end] for name in sharing if (end := _owner(nodes, name)) in owners}


def padding_problems(
    nodes: Mapping[str, Node], graph: str, sizes: Mapping[str, int]
) -> Iterator[Problem]:
    """Find embeddings that share a weight and declare different rows of it as padding."""
    first: dict[str, tuple[str, AnyDim]] = {}
    for name, index in _padded(nodes):
        other, expected = first.setdefault(_owner(nodes, name), (name, index))
        if substitute(index, sizes) != substitute(expected, sizes):
            message = f"expected {show(expected)}, as {other} has, which shares the weight"
            where = Location(graph, name, parameter="padding_idx")
            remedy = SetParameter(graph, name, "padding_idx", expected)
            yield Problem(Severity.ERROR, where, f"{message}, got {show(index)}", (remedy,))


def _padded(nodes: Mapping[str, Node]) -> Iterator[tuple[str, AnyDim]]:
    for name, node in nodes.items():
        if isinstance(node, Embedding) and node.padding_idx is not None:
            yield name, node.padding_idx


def _owner(nodes: Mapping[str, Node], name: str) -> str:
    """Follow the ties from a node to the one that owns the weight; a cycle ends where it closes."""
    seen = {name}
    while (other := nodes[name].tied_to) in nodes and other not in seen:
        seen.add(other)
        name = other
    return name
