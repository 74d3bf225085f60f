"""Random compositions of repeats, default ports, blocks, ties and bypassed nodes.

`evaluate` computes a graph from the manual alone: it walks from the outputs back, follows edges,
defaults, bypasses and ties by itself, and reads weights off the attribute of each node's name. It
knows no order, no plan and no checked graph, so that it shares no assumption with the compiler.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Composite, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.multiply import Multiply
from nodes.position.learned_encoding import LearnedEncoding
from nodes.recurrent.gru import GRU
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention

WIDTH, IDS = 8, 16
LONGEST = 9
"""The most steps of a sequence."""


# -- meaning ---------------------------------------------------------------------------------------

Read = Callable[[], Tensor]
Ports = dict[str, Read]


@dataclass
class Evaluation:
    """The evaluation of one use of a graph; what no output needs is not computed.

    Attributes:
        blocks: the graphs of blocks.
        graph: the graph.
        module: the module of its class.
        given: reads the tensor at each connected input node.
    """

    blocks: Mapping[str, Graph]
    graph: Graph
    module: nn.Module
    given: Ports
    known: dict[str, Ports] = field(default_factory=dict)

    def read(self, ref: PortRef) -> Tensor:
        """Compute the tensor at an output port; that of a bypassed node is at its first input."""
        if ref.node in self.graph.bypassed:
            return next(iter(self.inputs(ref.node).values()))()
        if ref.node not in self.known:
            self.known[ref.node] = self.compute(ref.node, self.graph.nodes[ref.node])
        return self.known[ref.node][ref.port]()

    def inputs(self, name: str) -> Ports:
        """Find the inputs of a node that have an edge, in the order of its ports."""
        edges = {target.port: s for target, s in self.graph.edges.items() if target.node == name}
        node = self.graph.nodes[name]
        order = sorted(edges, key=lambda port: int(port.partition(".")[2] or 0))
        if isinstance(node, Block):
            order = inputs(self.blocks[node.block])
        elif isinstance(node, MultiHeadAttention):
            order = ["query", "key", "value"]
        return {port: partial(self.read, edges[port]) for port in order if port in edges}

    def compute(self, name: str, node: Node) -> Ports:
        reads = self.inputs(name)
        if name in self.given:
            return {"output": self.given[name]}
        if isinstance(node, Composite):
            return self.copies(name, node, reads)
        given = [read() for read in reads.values()]
        if isinstance(node, GRU):
            output, hidden = getattr(self.module, name)(*given)
            return {"output": lambda: output, "hidden": lambda: hidden}
        output = self.output(name, node, given)
        return {"output": lambda: output}

    def output(self, name: str, node: Node, given: list[Tensor]) -> Tensor:
        match node:
            case GraphOutput() | Add():
                return sum(given)
            case Multiply():
                return torch.stack(given).prod(0)
            case GELU():
                return F.gelu(given[0])
            case LearnedEncoding():
                return given[0] + getattr(self.module, name).weight[: given[0].shape[1]]
            case Linear():
                return F.linear(given[0], self.weight(name), getattr(self.module, name).bias)
        assert isinstance(node, Embedding)
        return self.weight(name)[given[0]]

    def weight(self, name: str) -> Tensor:
        """Find the weight of all nodes whose ties end at the same node; they have only one."""
        nodes, end = self.graph.nodes, self.end(name)
        sharing = [one for one in nodes if hasattr(nodes[one], "tie") and self.end(one) == end]
        modules = [getattr(self.module, one) for one in sharing if hasattr(self.module, one)]
        assert len({id(module.weight) for module in modules}) == 1
        return modules[0].weight

    def end(self, name: str) -> str:
        tie = self.graph.nodes[name].tie
        return self.end(tie) if tie else name

    def copies(self, name: str, node: Composite, reads: Ports) -> Ports:
        """Apply the copies of a composite; the first output is the first input of the next."""
        child = getattr(self.module, name)
        layers = [child] * node.repeat if node.share or node.repeat == 1 else [*child]
        assert len(layers) == node.repeat
        first = next(iter(reads))
        for layer in layers:
            results = self.apply(node, layer, reads)
            reads = {**reads, first: next(iter(results.values()))}
        return results

    def apply(self, node: Composite, layer: nn.Module, reads: Ports) -> Ports:
        if isinstance(node, MultiHeadAttention):
            key = reads.get("key", reads["query"])
            value = reads.get("value", key)
            return {"output": lambda: attend(node, layer, reads["query"](), key(), value())}
        if isinstance(node, FeedForward):
            return {"output": lambda: feed_forward(layer, reads["input"]())}
        if isinstance(node, EncoderLayer):
            return {"output": lambda: encode(node, layer, reads["input"]())}
        graph = self.blocks[node.block]
        inside = Evaluation(self.blocks, graph, layer, reads)
        return {end: partial(inside.read, PortRef(end, "output")) for end in outputs(graph)}


def feed_forward(layer: nn.Module, x: Tensor) -> Tensor:
    return layer.down(F.relu(layer.up(x)))


def encode(node: EncoderLayer, layer: nn.Module, x: Tensor) -> Tensor:
    """Compute a Transformer layer that normalizes after each sublayer."""
    x = layer.norm1(x + attend(node, layer.self_attn, x, x, x))
    return layer.norm2(x + feed_forward(layer.feed_forward, x))


def attend(
    node: MultiHeadAttention | EncoderLayer,
    layer: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
) -> Tensor:
    """Compute multi-head attention head by head."""
    q, k, v = layer.q(query), layer.k(key), layer.v(value)
    size, heads = WIDTH // node.num_heads, []
    later = torch.ones(query.shape[1], key.shape[1], dtype=torch.bool).triu(1)
    for start in range(0, WIDTH, size):
        channels = slice(start, start + size)
        scores = q[..., channels] @ k[..., channels].mT * size**-0.5
        if node.causal:
            scores = scores.masked_fill(later, -torch.inf)
        heads.append(scores.softmax(-1) @ v[..., channels])
    return layer.out(torch.cat(heads, -1))


def evaluate(model: Model, module: nn.Module, x: Tensor) -> list[Tensor]:
    """Compute the outputs of a model of the input x."""
    whole = Evaluation(model.blocks, model.graph, module, {"x": lambda: x})
    return [whole.read(PortRef(end, "output")) for end in outputs(model.graph)]


# -- random compositions ---------------------------------------------------------------------------


@dataclass
class Composer:
    """Draws graphs whose every tensor is (B, T, WIDTH).

    Attributes:
        random: the source of randomness.
        causal: every node is causal, so that the model can generate.
        blocks: the blocks so far.
    """

    random: Random
    causal: bool
    blocks: dict[str, Graph] = field(default_factory=dict)

    def flip(self, chance: float) -> bool:
        return self.random.random() < chance

    def grow(self, builder: GraphBuilder, known: list[NodeHandle], count: int) -> None:
        """Add nodes to a graph; each reads what is there."""
        for number in range(count):
            node = self.node()
            sources = self.sources(node, known)
            handle = builder.add(f"n{number}", node, *sources)
            if isinstance(node, Block):
                handles = [handle[end] for end in outputs(self.blocks[node.block])]
            else:
                handles = [handle]
            known += handles

    def sources(self, node: Node, known: list[NodeHandle]) -> list[NodeHandle]:
        """Choose as many sources as the node takes; the last ports with a default may have none."""
        match node:
            case Add() | Multiply():
                count = self.random.randint(2, 3)
            case MultiHeadAttention():
                count = self.random.choice((1, 1, 1, 2, 3))
            case Block():
                count = len(inputs(self.blocks[node.block]))
            case _:
                count = 1
        recent = known[-3:] if self.flip(0.7) else known
        return [self.random.choice(recent) for _ in range(count)]

    def node(self) -> Node:
        repeat = {"repeat": self.random.choice((1, 1, 2, 3)), "share": self.flip(0.3)}
        causal, heads = self.causal or self.flip(0.3), self.random.choice((1, 2, 4))
        attention = MultiHeadAttention(num_heads=heads, causal=causal, **repeat)
        linear = Linear(bias=self.flip(0.5))
        sizes = {"hidden_size": 5, **repeat}
        encoder = EncoderLayer(num_heads=heads, causal=causal, dropout=0.0, **sizes)
        simple = (
            Add(),
            Multiply(),
            GELU(),
            GRU(hidden_size=WIDTH),
            LearnedEncoding(max_length=LONGEST),
        )
        nodes = [*simple, *[linear] * 3, *[attention] * 2, FeedForward(**sizes), encoder]
        nodes += [Block(block=name, **repeat) for name in self.blocks] * 2
        return self.random.choice(nodes)

    def finished(self, graph: Graph) -> Graph:
        """Tie weights and bypass nodes at random; no ties in a circle or to a bypassed node."""
        inner = [name for name in graph.nodes if name.startswith("n")]
        names = [name for name in inner if isinstance(graph.nodes[name], Linear)]
        bypassed = frozenset(name for name in inner if self.flip(0.12))
        names = [name for name in names if name not in bypassed]
        self.random.shuffle(names)
        for position, name in enumerate(names[1:], 1):
            if self.flip(0.5):
                other = self.random.choice(names[:position])
                tied = graph.nodes[name].model_copy(update={"tie": other})
                graph = graph.with_node(name, tied)
        return replace(graph, bypassed=bypassed)

    def block(self) -> Graph:
        """Draw a block of one to three inputs and one or two outputs."""
        builder = GraphBuilder(blocks=self.blocks)
        shape = BlockInput(kind="features", shape="B T C")
        known = [builder.add(f"in{i}", shape) for i in range(self.random.randint(1, 3))]
        self.grow(builder, known, self.random.randint(1, 5))
        for number in range(self.random.randint(1, 2)):
            source = known[-1] if number == 0 else self.random.choice(known)
            builder.add(f"out{number}", GraphOutput(), source)
        return self.finished(builder.build())

    def model(self) -> Model:
        """Draw a model, one that generates if it is causal."""
        for number in range(self.random.randint(0, 3)):
            self.blocks[f"Block{number}"] = self.block()
        builder = GraphBuilder(blocks=self.blocks)
        if self.causal:
            embedding = Embedding(num_embeddings="ids", embedding_dim=WIDTH)
            known = [builder.add("embed", embedding, builder.add("x", TokenInput()))]
        else:
            known = [builder.add("x", FeatureInput(features=WIDTH))]
        self.grow(builder, known, self.random.randint(2, 8))
        last = known[-1]
        if self.causal:
            tie = self.random.choice(("embed", ""))
            last = builder.add("head", Linear(out_features="ids", bias=False, tie=tie), last)
        builder.add("y", GraphOutput(), last)
        if not self.causal and self.flip(0.5):
            builder.add("z", GraphOutput(), self.random.choice(known))
        return Model("Composed", self.finished(builder.build()), self.blocks)


def inputs(graph: Graph) -> list[str]:
    return [name for name, node in graph.nodes.items() if isinstance(node, BlockInput)]


def outputs(graph: Graph) -> list[str]:
    return [name for name, node in graph.nodes.items() if isinstance(node, GraphOutput)]


def composed(seed: int, causal: bool) -> Model:
    """Draw a random composition."""
    model = Composer(Random(seed), causal).model()
    if not causal:
        return model
    known = {"ids": Hyperparameter(IDS)}
    recipe = LanguageModelling(vocabulary="ids", seq_len=LONGEST)
    return replace(model, hyperparameters=known, recipe=recipe)
