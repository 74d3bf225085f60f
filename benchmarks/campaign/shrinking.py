"""Shrink a document while its verdict stays the same."""

import copy
from collections.abc import Callable, Iterator

Judge = Callable[[dict], str]


def shrink(document: dict, judge: Judge, most: int = 400) -> dict:
    """Remove what can be removed from a document without changing the judgement.

    Args:
        document: the document.
        judge: returns what has to stay the same.
        most: the largest number of documents to judge.
    """
    wanted = judge(document)
    tried = 0
    progress = True
    while progress:
        progress = False
        for smaller in candidates(document):
            tried += 1
            if tried > most:
                return document
            if judge(smaller) == wanted:
                document, progress = smaller, True
                break
    return document


def candidates(document: dict) -> Iterator[dict]:
    """Yield documents with one thing less, the largest parts first."""
    for name in [*document.get("blocks", {})]:
        smaller = copy.deepcopy(document)
        del smaller["blocks"][name]
        yield smaller
    for graph in [None, *document.get("blocks", {})]:
        yield from smaller_graphs(document, graph)
    for key in ("bypassed", "initialization", "recipe", "blocks"):
        if document.get(key):
            yield {other: value for other, value in document.items() if other != key}
    for name in document.get("hyperparameters", {}):
        smaller = copy.deepcopy(document)
        del smaller["hyperparameters"][name]
        yield smaller


def smaller_graphs(document: dict, block: str | None) -> Iterator[dict]:
    """Yield documents with one node, edge or parameter of a graph less."""

    def changed() -> tuple[dict, dict]:
        smaller = copy.deepcopy(document)
        return smaller, smaller if block is None else smaller["blocks"][block]

    _, graph = changed()
    for name in graph["nodes"]:
        smaller, part = changed()
        without(part, name)
        yield smaller
    for name in graph["nodes"]:
        first = next((s for t, s in graph["edges"].items() if t.partition(".")[0] == name), None)
        if first is not None:
            smaller, part = changed()
            edges = part["edges"]
            for target, source in edges.items():
                if source.partition(".")[0] == name:
                    edges[target] = first
            without(part, name)
            yield smaller
    for target in graph["edges"]:
        smaller, part = changed()
        del part["edges"][target]
        yield smaller
    for name, node in graph["nodes"].items():
        for key, value in node.items():
            if key != "type":
                smaller, part = changed()
                del part["nodes"][name][key]
                yield smaller
            if isinstance(value, str) and key in ("out_features", "embedding_dim", "hidden_size"):
                smaller, part = changed()
                part["nodes"][name][key] = 4
                yield smaller


def without(graph: dict, name: str) -> None:
    """Remove a node and its edges."""
    del graph["nodes"][name]
    graph["edges"] = {
        target: source
        for target, source in graph["edges"].items()
        if name not in (target.partition(".")[0], source.partition(".")[0])
    }
    if "bypassed" in graph:
        graph["bypassed"] = [other for other in graph["bypassed"] if other != name]
