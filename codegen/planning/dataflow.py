"""The graph of a model in a few lines of text, for the docstrings of generated code.

Each line is a path along first inputs. It begins at an input, or at a node with several readers
that an earlier line has passed, and ends at an output, or at the node whose further input it is.
"""

import textwrap

from codegen.check.checked_graph import CheckedGraph
from codegen.check.graph_use import live_nodes
from codegen.source.identifiers import transliterate
from nodes.core.graphs.graph import Composite, PortRef
from nodes.core.shapes.dim import show

WIDTH = 80
"""Columns of a line."""

MOST_LINES = 16
"""A graph of more paths is shown by the first alone."""


def dataflow(checked: CheckedGraph, output_nodes: frozenset[str]) -> str:
    """Show the paths of a graph from its inputs to its outputs."""
    paths = _paths(checked, [*live_nodes(checked, output_nodes)])
    if len(paths) > MOST_LINES:
        paths = [max(paths, key=lambda path: (path[-1] in output_nodes, len(path)))]
    lines = [transliterate(" -> ".join(path)) for path in paths]
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="    ", break_long_words=False)
        for line in lines
    )


def _paths(checked: CheckedGraph, names: list[str]) -> list[list[str]]:
    """Follow each node to the one whose first input reads it, and note its other readers."""
    following: dict[str, list[str]] = {name: [] for name in names}
    further: dict[str, list[PortRef]] = {name: [] for name in names}
    for name in names:
        sources = dict(checked.graph.sources[name])
        for number, (port, source) in enumerate(sources.items()):
            if source.node not in following:
                continue
            if number == 0:
                following[source.node].append(name)
            else:
                further[source.node].append(PortRef(name, port))
    paths: list[list[str]] = []
    starts = [[name] for name in names if not checked.graph.sources[name]]
    while starts:
        path = starts.pop(0)
        while following[path[-1]]:
            # the reader that comes last is the one that goes on
            *branches, last = following[path[-1]]
            starts += [[path[-1], branch] for branch in branches]
            path.append(last)
        ends = [ref for ref in further[path[-1]] if ref.node not in path]
        labels = [_label(checked, name) for name in path]
        paths.append(labels + [_port(checked, ref) for ref in ends[:1]])
    return paths


def _label(checked: CheckedGraph, name: str) -> str:
    node = checked.graph.nodes[name]
    repeat = node.repeat if isinstance(node, Composite) else 1
    return name if repeat == 1 else f"{name} x {show(repeat)}"


def _port(checked: CheckedGraph, ref: PortRef) -> str:
    """Name a further input; one of several alike is the node."""
    return ref.node if "." in ref.port else f"{ref.node}.{ref.port}"
