"""Shrink a document while its verdict stays the same."""

import copy
from collections.abc import Callable, Iterator

Judge = Callable[[dict], str]
SIZES = {"out_features", "embedding_dim", "hidden_size"}


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

    def changed(change: Callable[[dict], object]) -> dict:
        smaller = copy.deepcopy(document)
        change(smaller if block is None else smaller["blocks"][block])
        return smaller

    graph = document if block is None else document["blocks"][block]
    for name in graph["nodes"]:
        yield changed(lambda part, name=name: without(part, name))
    for name in graph["nodes"]:
        yield changed(lambda part, name=name: passed_on(part, name))
    for target in graph["edges"]:
        yield changed(lambda part, target=target: part["edges"].pop(target))
    for name, node in graph["nodes"].items():
        for key in node.keys() - {"type"}:
            yield changed(lambda part, name=name, key=key: part["nodes"][name].pop(key))
        for key in node.keys() & SIZES:
            if isinstance(node[key], str):
                yield changed(lambda part, name=name, key=key: part["nodes"][name].update({key: 4}))


def passed_on(graph: dict, name: str) -> None:
    """Remove a node, and let its readers read what it reads first."""
    edges = graph["edges"]
    first = next((s for t, s in edges.items() if t.partition(".")[0] == name), None)
    for target, source in edges.items():
        if first is not None and source.partition(".")[0] == name:
            edges[target] = first
    without(graph, name)


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
