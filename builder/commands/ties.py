"""Ties under edits: a node names the node whose weight it shares, and keeps sharing that weight.

A name means another node, or none, once nodes are removed, added, or copied to another graph.  A
tie is never left to such a name: it moves to a node that shares the weight too, or is cleared, and
a notice says so.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Graph, Model


def with_ties(graph: Graph, ties: Mapping[str, str]) -> Graph:
    """Tie nodes to others, by name; "" clears a tie."""
    tied = {name: graph.nodes[name].model_copy(update={"tie": tie}) for name, tie in ties.items()}
    return replace(graph, nodes={**graph.nodes, **tied}) if tied else graph


def ties_outside(graph: Graph, inside: Collection[str]) -> dict[str, str]:
    """Return the ties of the nodes of a graph to nodes that are not among some, by node."""
    tied = ((name, node.tied_to) for name, node in graph.nodes.items())
    return {name: other for name, other in tied if other and other not in inside}


def follow_ties(before: Graph, after: Graph) -> tuple[Graph, list[str]]:
    """Keep the meaning of ties after an edit that removed, replaced or added nodes.

    Nodes that shared the weight of a removed node share one among them: the first of them owns it.

    Returns:
        The edited graph, and a notice for each tie that changed or that has a new meaning.
    """
    ties: dict[str, str] = {}
    notices: list[str] = []
    heirs: dict[str, str] = {}
    tied = {name: node.tied_to for name, node in after.nodes.items() if node.tied_to}
    for name in sorted(tied, key=after.bypassed.__contains__):
        other = tied[name]
        if _lost_weight(before, after, other):
            root, survivor = follow_tie(before, after, other)
            if survivor == name or (not survivor and root not in heirs):
                heirs.setdefault(root, name)
                ties[name] = ""
                notices.append(f"{name} has a weight of its own now, as {other} no longer has one")
            else:
                ties[name] = survivor or heirs[root]
                notices.append(f"{name} shares the weight of {ties[name]} now, instead of {other}")
        elif _gained_weight(before, after, other) and _tie(before, name) == other:
            notices.append(f"{name} shares the weight of {other} now, which had none before")
    return with_ties(after, ties), notices


def _tie(graph: Graph, name: str) -> str:
    return graph.nodes[name].tied_to if name in graph.nodes else ""


def _lost_weight(before: Graph, after: Graph, name: str) -> bool:
    """Return whether an edit removed a node, or replaced it by one without a weight to share."""
    old, new = before.nodes.get(name), after.nodes.get(name)
    return old is not None and (new is None or (hasattr(old, "tie") and not hasattr(new, "tie")))


def _gained_weight(before: Graph, after: Graph, name: str) -> bool:
    """Return whether an edit gave the name to a node with a weight to share."""
    old, new = before.nodes.get(name), after.nodes.get(name)
    return hasattr(new, "tie") and not hasattr(old, "tie")


def follow_tie(before: Graph, after: Graph, name: str) -> tuple[str, str]:
    """Follow the ties of nodes that are in one graph alone, from one of them on.

    Returns:
        The last of them, and the node of both graphs that it is tied to; "" if there is none.
    """
    seen = {name}
    while _lost_weight(before, after, name):
        other = before.nodes[name].tied_to
        if other in seen or not hasattr(before.nodes.get(other), "tie"):
            return name, ""
        seen.add(other)
        if not _lost_weight(before, after, other):
            return name, other
        name = other
    return name, ""


def fingerprint(graph: Graph, name: str) -> str:
    """Return a digest of a node's type, parameters and sources; "" where it does not exist."""
    node = graph.nodes.get(name)
    if node is None:
        return ""
    sources = sorted((port, str(source)) for port, source in graph.sources[name].items())
    text = dumps(Model(graph=Graph({name: node})))
    return hashlib.sha256(text + repr(sources).encode()).hexdigest()
