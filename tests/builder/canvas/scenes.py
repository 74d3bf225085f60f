"""Scenes of checked graphs."""

from dataclasses import replace

from builder.canvas.scene import Scene, SceneMaker
from codegen.check import CheckCache, check
from nodes.activation.relu import ReLU
from nodes.core.graphs.graph import Graph, Model, Point, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add

PLACES = {
    "tokens": (0.0, 0.0),
    "embed": (200.0, 0.0),
    "linear": (440.0, 100.0),
    "relu": (700.0, 100.0),
    "add": (960.0, 0.0),
    "out": (1200.0, 0.0),
}


def residual() -> Model:
    """Build a small network with a residual connection."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(num_embeddings=100, embedding_dim=64), tokens)
    linear = builder.add("linear", Linear(out_features=64), embed)
    relu = builder.add("relu", ReLU(), linear)
    add = builder.add("add", Add(), embed, relu)
    builder.add("out", GraphOutput(), add)
    return Model(graph=builder.build(), layout={"": dict(PLACES)})


def alone(node: Node, name: str = "it") -> Model:
    return Model(graph=Graph({name: node}))


def ref(text: str) -> PortRef:
    return PortRef.parse(text)


def placed(model: Model, **at: Point) -> Model:
    """Move nodes."""
    return replace(model, layout={**model.layout, "": {**model.layout.get("", {}), **at}})


class Stage:
    """Makes successive scenes with one check cache, as the editor does."""

    def __init__(self) -> None:
        self.maker, self.cache = SceneMaker(), CheckCache()

    def show(self, model: Model, name: str = "") -> Scene:
        report = check(model, self.cache)
        found = [report.main]
        for one in found:
            inner = one.nodes.values() if one else ()
            found += [each.inner for each in inner if each.inner is not None]
        checked = next((one for one in found if one and one.name == name), None)
        graph = model.graphs.get(name) or checked.graph
        return self.maker.make(
            graph,
            model.layout.get(name, {}),
            model.comments.get(name, {}),
            *(model, checked, report, name),
        )


def scene_of(model: Model, name: str = "") -> Scene:
    return Stage().show(model, name)
