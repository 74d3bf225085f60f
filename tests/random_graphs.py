"""Models drawn at random from the whole library, valid by construction, and near misses of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from operator import add, floordiv, mul, sub
from random import Random

from pydantic import ValidationError

from codegen.check.inference import CheckCache, CheckedGraph, Inference
from codegen.check.problem import Severity
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import (
    Block,
    Composite,
    Graph,
    Hyperparameter,
    InputNode,
    Model,
    OutputNode,
    PortRef,
)
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, TensorSpec
from nodes.core.graphs.recipe import LanguageModelling
from nodes.core.shapes.dim import evaluate, free, hyper, substitute
from nodes.core.shapes.shape import Shape
from nodes.embedding import Embedding
from nodes.io import BlockInput, FeatureInput, GraphOutput, LengthInput, MaskInput, TokenInput
from nodes.linear import Linear
from tests.node_cases import cases
from tests.one_node import Situation, one_node_graph

RUN = {"B": 5, "T": 11, "S": 7}
"""The free sizes of a run."""

WIDTH, IDS = 24, 101
VALUES: Mapping[str, int | float | str] = {
    "vocab_size": IDS,
    "d_model": WIDTH,
    "num_heads": 6,
    "lambda": 3,
    "T": 2,
    "x": 23,
    "Config": 4,
    "rate": 0.3,
    "eps": 1e-3,
    "base": 100.0,
    "activation": "gelu",
    "self": "tanh",
}
LARGEST = 6000
"""So many numbers a tensor may hold."""

FAVOURED = {
    **dict.fromkeys(("Add", "Linear"), 8),
    **dict.fromkeys(("Multiply", "Concatenate", "Split", "LayerNorm", "Block", "GELU"), 4),
    **dict.fromkeys(("MultiHeadAttention", "EncoderLayer", "LSTM", "FeedForward"), 3),
    **dict.fromkeys(("SplitHeads", "ScaledDotProductAttention"), 5),
}
"""How many times as often as others some nodes are drawn."""

STREAMED = (
    *("Add", "Multiply", "Linear", "LayerNorm", "RMSNorm", "GELU", "SiLU", "Dropout", "Affine"),
    *("Concatenate", "Split", "LSTM", "GRU", "RNN", "EncoderLayer", "MultiHeadAttention", "Block"),
    *("FeedForward", "GatedFeedForward", "LearnedEncoding", "SinusoidalEncoding", "PositionIds"),
    *("SplitHeads", "MergeHeads", "ScaledDotProductAttention", "RotaryEncoding", "Embedding"),
)
"""The nodes of language models that are fed piece by piece."""

FORWARD = {"causal": True, "bidirectional": False, "dim": -1}
"""What keeps them from looking ahead."""

NAMES = (
    *("a b", "a_b", "a-b", "x", "x_2", "past", "state", "start", "present", "forward", "self", "i"),
    *("config", "B", "T", "weight", "training", "input", "output", "hidden", "class", "return"),
    *("linear", "linear_2", "layers", "blocks", "sum", "torch", "F", "nn", "d_model", "num_heads"),
    *("_", "1", "\N{LATIN SMALL LETTER E WITH ACUTE}", "Tensor", "attention_weights", "cache"),
    "a name so long that no line has room for it and for what it is given",
)
DRAWN = {
    name: one
    for name, one in node_types().items()
    if not issubclass(one, InputNode | OutputNode) and name != "Block"
}


def expressions() -> dict[object, list[str]]:
    """Write values by hyperparameters: by their names, and sizes by what two of them make."""
    found: dict[object, list[str]] = {}
    sizes = {name: value for name, value in VALUES.items() if isinstance(value, int)}
    for name, value in VALUES.items():
        found.setdefault(value, []).append(name)
    signs = {"+": add, "-": sub, "*": mul, "//": floordiv}
    for (a, one), (b, other), (sign, apply) in product(sizes.items(), sizes.items(), signs.items()):
        if a != b:
            found.setdefault(apply(one, other), []).append(f"{a} {sign} {b}")
    return found


EXPRESSIONS = expressions()


def counted(specs: Mapping[str, TensorSpec], values: Mapping[str, int]) -> dict[str, TensorSpec]:
    """Put numbers in the place of all sizes: those of the model, and those of a run."""
    return {key: TensorSpec(measured(shape, values), kind) for key, (shape, kind) in specs.items()}


def measured(shape: Shape, values: Mapping[str, int], run: Mapping[str, int] = RUN) -> Shape:
    return tuple(evaluate(substitute(size, values), run) for size in shape)


def sound(model: Model, graph: Graph, incoming: Mapping[str, TensorSpec]) -> CheckedGraph | None:
    """Check a graph with something coming in; None if there are errors."""
    cache = CheckCache()
    cache.prepare(model)
    checked = Inference(model, cache).graph(graph, "drawn", incoming, "drawn")
    return None if any(one.severity is Severity.ERROR for one in checked.problems) else checked


def runs(model: Model, graph: Graph, incoming: Mapping[str, TensorSpec]) -> bool:
    """Tell whether what the check had to believe of the free sizes holds for those of a run."""
    checked = sound(model, graph, counted(incoming, model.sizes))
    return checked is not None and all(
        found.arriving["input"].shape[1] != 1
        for found in checked.found.values()
        if "lengths" in found.arriving and "input" in found.arriving
    )


@dataclass
class Drawing:
    """A graph in the making.

    Attributes:
        model: the model that it will be part of.
        random: decides.
        types: the nodes that it is made of.
        recency: how often a node reads what was drawn last.
        graph: what was drawn.
        specs: what leaves each port of it.
    """

    model: Model
    random: Random
    types: tuple[str, ...]
    recency: float
    graph: Graph = field(default_factory=Graph)
    specs: dict[PortRef, TensorSpec] = field(default_factory=dict)

    def name(self, node: Node) -> str:
        """Find a name for a node; one in three is a hard one."""
        kind = type(node).__name__.lower()
        wishes = [self.random.choice(NAMES)] if self.random.random() < 0.35 else []
        wishes += [kind, *(f"{kind}_{i}" for i in range(2, 100))]
        return next(one for one in wishes if one not in self.graph.nodes)

    def begin(self, node: Node, spec: TensorSpec) -> None:
        """Draw an entrance."""
        name = self.name(node)
        self.graph = self.graph.with_node(name, node)
        self.specs[PortRef(name, "output")] = spec

    def grow(self, count: int) -> None:
        """Draw nodes that fit what is there."""
        for _ in range(40 * count):
            if len(self.graph.nodes) >= count:
                return
            node = self.draw()
            self.place(node, self.wire(node))

    def draw(self) -> Node:
        weights = [FAVOURED.get(name, 1) for name in self.types]
        (name,) = self.random.choices(self.types, weights)
        repeat = {"repeat": self.random.choice((1, 1, 1, 2, 3, "T")), "share": self.flip(0.3)}
        if name == "Block":
            blocks = [*self.model.blocks]
            return Block(block=self.random.choice(blocks), **repeat) if blocks else Linear()
        node = self.random.choice(cases(DRAWN[name])).node
        return self.varied(node, repeat if isinstance(node, Composite) else {})

    def varied(self, node: Node, told: Mapping[str, object]) -> Node:
        """Bring a node to the sizes of our models, some of them written by hyperparameters."""
        own = {**dict(node), **told}
        if self.types is STREAMED:
            own |= {key: value for key, value in FORWARD.items() if key in own}
        for key in node.size_fields:
            if key in ("num_embeddings", "max_length"):
                own[key] = "vocab_size"
            elif isinstance(own[key], int) and own[key] >= 23:
                own[key] = self.random.choice((WIDTH, WIDTH, 23, 12))
        for key, value in own.items():
            open_ = key in node.open_fields and type(value) is not bool and key != "tie"
            if open_ and value in EXPRESSIONS and self.flip(0.3):
                own[key] = self.random.choice(EXPRESSIONS[value])
        try:
            return type(node)(**own)
        except ValidationError:
            return node

    def flip(self, chance: float) -> bool:
        return self.random.random() < chance

    def wire(self, node: Node) -> dict[str, PortRef]:
        """Choose what a node reads."""
        edges: dict[str, PortRef] = {}
        for port in self.model.ports(node)[0]:
            left_out = 1.0 if self.types is STREAMED and port.optional else 0.6
            if (port.optional or port.default) and self.flip(left_out):
                continue
            count = self.random.randint(1, 4) if port.variadic else 1
            keys = [f"{port.name}.{i}" for i in range(count)] if port.variadic else [port.name]
            for key in keys:
                ref = self.pick(port, next(iter(edges.values()), None))
                if ref is not None:
                    edges[key] = ref
        return edges

    def pick(self, port: Input, first: PortRef | None) -> PortRef | None:
        """Choose what a port reads: what was drawn last, or what is like what arrives before it."""
        fit = [ref for ref, spec in self.specs.items() if fits(port, spec)]
        if first is not None and self.flip(0.7):
            known = self.specs[first]
            fit = [ref for ref in fit if self.specs[ref] == known] or fit
        if not fit:
            return None
        return fit[-1] if self.flip(self.recency) else self.random.choice(fit)

    def place(self, node: Node, edges: Mapping[str, PortRef], name: str = "") -> str:
        """Draw a node, if it fits; tell its name."""
        arriving = {key: self.specs[ref] for key, ref in edges.items()}
        here = Situation(node, arriving, {}, {})
        incoming = {f"to_{key.replace('.', '_')}": spec for key, spec in arriving.items()}
        alone = one_node_graph(here, ())
        checked = sound(self.model, alone, incoming)
        found = checked.found["node"].inferred if checked else None
        if found is None or not runs(self.model, alone, incoming):
            return ""
        sizes = [prod(measured(one.shape, self.model.sizes)) for one in found.outputs.values()]
        if not all(0 < size < LARGEST for size in sizes):
            return ""
        name = name or self.name(node)
        self.graph = self.graph.with_node(name, node)
        for key, ref in edges.items():
            self.graph = self.graph.with_edge(ref, PortRef(name, key))
        self.specs |= {PortRef(name, port): spec for port, spec in found.outputs.items()}
        return name

    def end(self, count: int, first: TensorSpec | None = None) -> None:
        """Give out some values, mostly such as nothing reads; the first like what is told."""
        read = set(self.graph.edges.values())
        every = [*self.specs]
        loose = [ref for ref in every if ref not in read]
        for number in range(count):
            fit = [ref for ref in every if self.specs[ref] == first] if number == 0 else []
            some = fit[-2:] or (loose if loose and self.flip(0.7) else every)
            exit_ = GraphOutput()
            name = self.name(exit_)
            source = self.random.choice(some)
            self.graph = self.graph.with_node(name, exit_)
            self.graph = self.graph.with_edge(source, PortRef(name, "input"))


def fits(port: Input, spec: TensorSpec) -> bool:
    """Tell whether something may fit a port, by its kind and the number of its dimensions."""
    rank = len(port.parsed.items)
    ranks = len(spec.shape) >= rank if port.parsed.spread else len(spec.shape) == rank
    return (ranks or port.broadcast) and port.kind in (spec.kind, Kind.ANY)


def features(width: int, length: str = "T") -> TensorSpec:
    return TensorSpec((free("B"), free(length), width), Kind.FEATURES)


def drawn_model(seed: int) -> Model:
    """Draw a valid model."""
    random = Random(seed)
    known = {name: Hyperparameter(value) for name, value in VALUES.items()}
    how = random.choice(("torch", "normal"))
    model = Model("Drawn", hyperparameters=known, initialization=how)
    speaks = random.random() < 0.35
    types = STREAMED if speaks else (*DRAWN, "Block")
    for number in range(random.choice((0, 1, 1, 2, 3))):
        graph = drawn_block(model, random, types)
        model = model.with_graph(random.choice((f"Block {number}", f"block{number}")), graph)
        if random.random() < 0.3:
            twin = changed_parameter(graph, random)
            model = model.with_graph(f"Twin_{number}", twin)
    drawing = Drawing(model, random, types, random.choice((0.1, 0.5, 0.9)))
    count = random.choice((6, 10, 15, 20, 30, 60))
    finish = speak if speaks else tell
    return finish(drawing, count)


def drawn_block(model: Model, random: Random, types: tuple[str, ...]) -> Graph:
    """Draw a block that most often can be repeated."""
    drawing = Drawing(model, random, types, random.choice((0.1, 0.5, 0.9)))
    stream = features(random.choice((WIDTH, hyper("d_model"))))
    shape = random.choice(("B T C", "..."))
    drawing.begin(BlockInput(kind="features", shape=shape), stream)
    if random.random() < 0.4:
        drawing.begin(BlockInput(), stream)
    if random.random() < 0.3:
        drawing.begin(BlockInput(optional=True), features(WIDTH, "S"))
    if random.random() < 0.4 and types is not STREAMED:
        mask = TensorSpec((free("B"), free("T")), Kind.MASK)
        drawing.begin(BlockInput(kind="mask", shape="B T", optional=True), mask)
    drawing.grow(random.choice((2, 4, 8, 12)) + len(drawing.specs))
    drawing.end(random.choice((1, 1, 2, 3)), stream if random.random() < 0.8 else None)
    return drawing.graph


def tell(drawing: Drawing, count: int) -> Model:
    """Draw a model of anything."""
    random, lengths = drawing.random, ("T", "T", "T", "S")
    drawing.begin(FeatureInput(features="d_model"), features(hyper("d_model")))
    for _ in range(random.randint(0, 3)):
        length = random.choice(lengths)
        node = random.choice((TokenInput, FeatureInput, MaskInput, LengthInput))
        shape = (free("B"), free(length))
        if node is FeatureInput:
            drawing.begin(FeatureInput(features=WIDTH, length=length), features(WIDTH, length))
        elif node is LengthInput:
            drawing.begin(LengthInput(), TensorSpec(shape[:1], Kind.LENGTHS))
        else:
            drawing.begin(node(length=length), TensorSpec(shape, node.outputs[0].kind))
    drawing.grow(count)
    drawing.end(random.choice((1, 1, 2, 3, 4)))
    return replace(drawing.model, graph=drawing.graph)


def speak(drawing: Drawing, count: int) -> Model:
    """Draw a language model, its head tied to its embedding now and then."""
    random = drawing.random
    drawing.begin(TokenInput(), TensorSpec((free("B"), free("T")), Kind.TOKENS))
    tokens = next(iter(drawing.specs))
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="d_model")
    embed = drawing.place(embedding, {"input": tokens})
    drawing.grow(count)
    known = [ref for ref, spec in drawing.specs.items() if spec == features(hyper("d_model"))]
    tie = random.choice((embed, ""))
    head = Linear(out_features="vocab_size", bias=random.random() < 0.5, tie=tie)
    name = drawing.place(head, {"input": known[-1]}, "head")
    drawing.graph = drawing.graph.with_node("logits", GraphOutput())
    ends = PortRef(name, "output"), PortRef("logits", "input")
    drawing.graph = drawing.graph.with_edge(*ends)
    return replace(drawing.model, graph=drawing.graph, recipe=LanguageModelling())


# -- near misses -----------------------------------------------------------------------------------


def near_miss(model: Model, random: Random) -> Model:
    """Change one thing in a model, whether the rest still fits or not."""
    where = random.choice([name for name, graph in model.graphs.items() if graph.edges])
    graph = model.graphs[where]
    targets = list(graph.edges)
    one, other = random.choice(targets), random.choice(targets)
    match random.randint(0, 5):
        case 0:
            graph = changed_parameter(graph, random)
        case 1:
            graph = graph.without_edge(one)
        case 2:
            swapped = {one: graph.edges[other], other: graph.edges[one]}
            graph = replace(graph, edges={**graph.edges, **swapped})
        case 3:
            graph = graph.with_edge(random.choice([*graph.edges.values()]), one)
        case 4:
            graph = graph.without_node(random.choice([*graph.nodes]))
        case 5:
            name = random.choice([name for name in model.sizes if name != "vocab_size"])
            value = Hyperparameter(model.sizes[name] + random.choice((-1, 1)))
            return replace(model, hyperparameters={**model.hyperparameters, name: value})
    return model.with_graph(where, graph)


def changed_parameter(graph: Graph, random: Random) -> Graph:
    """Change one number of one node by one, or a switch."""
    names = [*graph.nodes]
    for name in random.sample(names, len(names)):
        node = graph.nodes[name]
        own = {key: value for key, value in dict(node).items() if type(value) in (int, bool, float)}
        own = {key: value for key, value in own.items() if key not in ("num_embeddings", "repeat")}
        for key in random.sample([*own], min(1, len(own))):
            value = own[key]
            new = not value if type(value) is bool else value + random.choice((-1, 1))
            try:
                return graph.with_node(name, type(node)(**{**dict(node), key: new}))
            except ValidationError:
                continue
    return graph
