"""Tied weights: which node owns the weight that others share, and what is wrong with ties.

A tie is a name, so most of what can be wrong with it is found in graphs whose shapes are wrong too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codegen.check.bypass import BypassedGraph
from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter
from nodes.core.graphs.graph import MAIN, Block, Graph, Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.similar_names import closest, did_you_mean
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.shape import Shape
from nodes.core.shapes.size_comparison import Match, same


def tie_path(nodes: Mapping[str, Node], name: str) -> tuple[str, ...]:
    """Follow the ties from a node on: the nodes that share its weight, the owner last.

    Where the ties form a cycle, the last name is that of an earlier node.
    """
    path = [name]
    while (other := nodes[path[-1]].tied_to) in nodes:
        path.append(other)
        if path.count(other) > 1:
            break
    return tuple(path)


def tie_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find the ties to what has no weight to share, in every graph that is part of the model."""
    for name in _placed_graphs(model):
        yield from _misnamed(model.graphs[name], name)
    for checked in checked_graphs(main):
        yield from _misshapen(checked, model)


def _misnamed(graph: Graph, graph_name: str) -> Iterator[Problem]:
    """Find ties that are wrong by their names alone."""
    reported: set[str] = set()
    for name, node in graph.nodes.items():
        if not node.tied_to or name in graph.bypassed:
            continue
        path = tie_path(graph.nodes, name)
        is_cycle = path.count(path[-1]) > 1
        message = _name_message(graph, name, node.tied_to)
        if is_cycle and not message and path[-1] == name and name not in reported:
            reported.update(path)
            message = f"expected ties that end at a weight, got {' -> '.join(path)}"
        if message:
            missing = node.tied_to not in graph.nodes
            others = [key for key in graph.nodes if key != name] if missing else []
            yield _wrong_tie(graph_name, name, message, closest(node.tied_to, others))


def _wrong_tie(graph_name: str, name: str, message: str, similar: str = "") -> Problem:
    """Report a tie; propose the name that a misspelt one may stand for, or to clear it."""
    where = Location(graph_name, name, parameter="tie")
    ties = dict.fromkeys((similar, ""))
    remedies = tuple(SetParameter(graph_name, name, "tie", tie) for tie in ties)
    return Problem(Severity.ERROR, where, message + did_you_mean(similar), remedies)


def _name_message(graph: Graph, name: str, other: str) -> str:
    """Describe what is wrong with the name that a node is tied to; "" if nothing."""
    if isinstance(graph, BypassedGraph) and other in graph.replacements:
        return f"expected a node that is not bypassed, got {other}"
    if other not in graph.nodes:
        return f"expected the name of a node, got {repr(other)}"
    if other == name:
        return "expected another node, got the node itself"
    known = graph.nodes[other]
    if not isinstance(known, Unknown) and not hasattr(known, "tie"):
        return f"expected a node with a weight, got {other}"
    return ""


def _misshapen(checked: CheckedGraph, model: Model) -> Iterator[Problem]:
    """Find ties between weights of different shapes, and to nodes that are not in the model."""
    nodes = checked.graph.nodes
    has_error = any(problem.severity is Severity.ERROR for problem in checked.problems)
    for name in checked.order:
        other = nodes[name].tied_to
        if other not in nodes or other == name:
            continue
        shape, tied = weight_shape(checked, name), weight_shape(checked, other)
        if shape is not None and tied is not None and not _fit(shape, tied, model.sizes):
            expected, actual = (" x ".join(map(str, sizes)) for sizes in (shape, tied))
            message = f"expected a node with a weight of {expected}, got {other} with {actual}"
            yield _wrong_tie(checked.name, name, message)
        owner = tie_path(nodes, name)[-1]
        if name in checked.used and not (has_error or owner in checked.used):
            message = f"expected a node on a path to an output, got {owner}, which is on none"
            problem = _wrong_tie(checked.name, name, message)
            yield replace(problem, severity=Severity.WARNING)


def _fit(shape: Shape, other: Shape, values: Mapping[str, int]) -> bool:
    return len(shape) == len(other) and all(
        same(a, b, values) is not Match.NO for a, b in zip(shape, other, strict=True)
    )


def weight_shape(checked: CheckedGraph, name: str) -> Shape | None:
    """Look up the shape of the weight that a node owns and can share."""
    node = checked.graph.nodes[name]
    checked_node = checked.nodes.get(name)
    if not checked_node or not checked_node.inferred or not hasattr(node, "tie"):
        return None
    return node.weights(checked_node.inferred.dims).get("weight")


def _placed_graphs(model: Model) -> dict[str, None]:
    """List the main graph and the blocks that are placed in it, directly or in each other."""
    found: dict[str, None] = {MAIN: None}
    pending = [model.graph]
    while pending:
        for node in pending.pop().nodes.values():
            if isinstance(node, Block) and node.block in model.blocks and node.block not in found:
                found[node.block] = None
                pending.append(model.blocks[node.block])
    return found
