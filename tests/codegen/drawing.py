"""Small models and edits of them, each in one call."""

from collections.abc import Mapping
from dataclasses import replace

from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear


def chain(*nodes: Node, start: Node | None = None, **hyperparameters: float) -> Model:
    """Build the model x -> a -> b -> c ... -> y."""
    builder = GraphBuilder()
    x = builder.add("x", start or FeatureInput(features=64))
    for name, node in zip("abcdefgh", nodes, strict=False):
        x = builder.add(name, node, x)
    builder.add("y", GraphOutput(), x)
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model("chain", builder.build(), hyperparameters=known)


def branches(first: Node, second: Node, merge: Node, **hyperparameters: float) -> Model:
    """Build a model of two branches that a third node merges."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=64))
    left, right = builder.add("left", first, x), builder.add("right", second, x)
    builder.add("y", GraphOutput(), builder.add("sum", merge, left, right))
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model("branches", builder.build(), hyperparameters=known)


def connect(model: Model, source: str, target: str) -> Model:
    """Add an edge."""
    ends = PortRef.parse(source), PortRef.parse(target)
    return model.edit("", lambda graph: graph.with_edge(*ends))


def cut(model: Model, target: str, graph: str = "") -> Model:
    return model.edit(graph, lambda graph: graph.without_edge(PortRef.parse(target)))


def put(model: Model, name: str, node: Node, graph: str = "") -> Model:
    return model.edit(graph, lambda graph: graph.with_node(name, node))


def drop(model: Model, name: str, graph: str = "") -> Model:
    return model.edit(graph, lambda graph: graph.without_node(name))


def change(model: Model, name: str, **parameters: object) -> Model:
    """Change parameters of a node."""
    node = model.graph.nodes[name]
    return put(model, name, type(node).model_validate({**dict(node), **parameters}))


def value(model: Model, name: str, number: float) -> Model:
    return replace(model, hyperparameters={**model.hyperparameters, name: Hyperparameter(number)})


def train(model: Model, **settings: object) -> Model:
    """Change settings of the recipe."""
    recipe = type(model.recipe).model_validate({**dict(model.recipe), **settings})
    return replace(model, recipe=recipe)


def block(*nodes: Node, blocks: Mapping[str, Graph] | None = None) -> Graph:
    """Build the graph of a block: x -> a -> b ... -> out."""
    builder = GraphBuilder(blocks=blocks or {})
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    for name, node in zip("abcdefgh", nodes, strict=False):
        x = builder.add(name, node, x)
    builder.add("out", GraphOutput(), x)
    return builder.build()


def with_blocks(place: Block, **blocks: Graph) -> Model:
    """Build the model x -> block -> y."""
    builder = GraphBuilder(blocks=blocks)
    x = builder.add("x", FeatureInput(features=64))
    builder.add("y", GraphOutput(), builder.add("stack", place, x))
    return Model("stacked", builder.build(), blocks=blocks)


def nested(depth: int) -> Model:
    """Build blocks that each contain the previous one twice."""
    blocks = {"B0": block(Linear(), Linear())}
    for level in range(1, depth):
        below = Block(block=f"B{level - 1}")
        blocks[f"B{level}"] = block(below, below, blocks=blocks)
    return with_blocks(Block(block=f"B{depth - 1}"), **blocks)


def containing(inner: str) -> Graph:
    return block(Block(block=inner), blocks={inner: block(Linear())})
