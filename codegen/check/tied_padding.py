"""The padding ids of embeddings whose weights are tied to others."""

from collections.abc import Iterator, Mapping

from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter
from codegen.check.tied_weights import tie_path
from nodes.core.graphs.graph import Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import AnyDim, show, substitute
from nodes.embedding.embedding import Embedding


def padding_rows(nodes: Mapping[str, Node]) -> dict[str, AnyDim]:
    """Map each node that shares the weight of an embedding with a padding id to that id.

    Args:
        nodes: the nodes of one graph; the embeddings themselves are in the result too.
    """
    owners = {tie_path(nodes, name)[-1]: index for name, index in _padded(nodes)}
    if not owners:
        return {}
    sharing = [name for name, node in nodes.items() if node.tied_to or name in owners]
    return {name: owners[end] for name in sharing if (end := tie_path(nodes, name)[-1]) in owners}


def padding_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find embeddings that share a weight and declare different rows of it as padding."""
    for checked in checked_graphs(main):
        yield from _padding_problems(checked.graph.nodes, checked.name, model.sizes)


def _padding_problems(
    nodes: Mapping[str, Node], graph: str, sizes: Mapping[str, int]
) -> Iterator[Problem]:
    first: dict[str, tuple[str, AnyDim]] = {}
    for name, index in _padded(nodes):
        other, expected = first.setdefault(tie_path(nodes, name)[-1], (name, index))
        if substitute(index, sizes) != substitute(expected, sizes):
            message = f"expected {show(expected)}, as {other} has, which shares the weight"
            where = Location(graph, name, parameter="padding_idx")
            remedy = SetParameter(graph, name, "padding_idx", expected)
            yield Problem(Severity.ERROR, where, f"{message}, got {show(index)}", (remedy,))


def _padded(nodes: Mapping[str, Node]) -> Iterator[tuple[str, AnyDim]]:
    for name, node in nodes.items():
        if isinstance(node, Embedding) and node.padding_idx is not None:
            yield name, node.padding_idx
