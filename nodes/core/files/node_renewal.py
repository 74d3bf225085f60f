"""Renews the nodes of models after custom nodes were added, replaced or removed."""

from dataclasses import replace

from nodes.core.files.node_entries import make_node, plain
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown


class Renewal:
    """Makes the nodes of models anew whose type is not the one in the catalogue.

    What models share stays shared; a model whose nodes are all up to date is returned as it is.
    """

    def __init__(self) -> None:
        # With each original, so that no other object takes its id.
        self._graphs: dict[int, tuple[Graph, Graph]] = {}
        self._models: dict[int, tuple[Model, Model]] = {}

    def model(self, model: Model) -> Model:
        """Renew the nodes of a model."""
        known = self._models.get(id(model))
        if known is None:
            graph = self._graph(model.graph)
            blocks = {name: self._graph(block) for name, block in model.blocks.items()}
            same = graph is model.graph and all(blocks[n] is b for n, b in model.blocks.items())
            renewed = model if same else replace(model, graph=graph, blocks=blocks)
            known = self._models[id(model)] = model, renewed
        return known[1]

    def _graph(self, graph: Graph) -> Graph:
        known = self._graphs.get(id(graph))
        if known is None:
            nodes = {name: _renewed(node) for name, node in graph.nodes.items()}
            same = all(nodes[name] is node for name, node in graph.nodes.items())
            known = self._graphs[id(graph)] = graph, graph if same else replace(graph, nodes=nodes)
        return known[1]


def _renewed(node: Node) -> Node:
    types = node_types()
    if isinstance(node, Unknown):
        current = types.get(node.type) is node.declared
        return node if current else make_node(node.type, node.parameters)
    name, fields = type(node).__name__, type(node).model_fields
    if types.get(name) is type(node):
        return node
    written = node.as_written()
    changed = {key: plain(written[key]) for key, value in node if value != fields[key].default}
    return make_node(name, changed)
