"""Random valid models of all node types, and near misses of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from operator import add, floordiv, mul, sub
from random import Random

from pydantic import ValidationError

from codegen.check import check
from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.inference import Inference
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
from nodes.core.shapes.dim import evaluate, free, hyper, substitute
from nodes.core.shapes.shape import Shape
from nodes.embedding import Embedding
from nodes.io import BlockInput, FeatureInput, GraphOutput, LengthInput, MaskInput, TokenInput
from nodes.linear import Linear
from nodes.tasks.language_modelling import LanguageModelling
from tests.node_cases import cases
from tests.one_node import DrawnCase, one_node_graph

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
MAX_ELEMENTS = 6000
"""How many elements a tensor may have."""

WEIGHTS = {
    **dict.fromkeys(("Add", "Linear"), 8),
    **dict.fromkeys(("Multiply", "Concatenate", "Split", "LayerNorm", "Block", "GELU"), 4),
    **dict.fromkeys(("MultiHeadAttention", "EncoderLayer", "LSTM", "FeedForward"), 3),
    **dict.fromkeys(("SplitHeads", "ScaledDotProductAttention"), 5),
}
"""The sampling weight of each node type; 1 for others."""

STREAMABLE = (
    *("Add", "Multiply", "Linear", "LayerNorm", "RMSNorm", "GELU", "SiLU", "Dropout", "Affine"),
    *("Concatenate", "Split", "LSTM", "GRU", "RNN", "EncoderLayer", "MultiHeadAttention", "Block"),
    *("FeedForward", "GatedFeedForward", "LearnedEncoding", "SinusoidalEncoding", "PositionIds"),
    *("SplitHeads", "MergeHeads", "ScaledDotProductAttention", "RotaryEncoding", "Embedding"),
)
"""The node types of language models that run step by step with a cache."""

CAUSAL = {"causal": True, "bidirectional": False, "dim": -1}
"""The parameters that keep these nodes causal."""

NAMES = (
    *("a b", "a_b", "a-b", "x", "x_2", "past", "state", "start", "present", "forward", "self", "i"),
    *("config", "B", "T", "weight", "training", "input", "output", "hidden", "class", "return"),
    *("linear", "linear_2", "layers", "blocks", "sum", "torch", "F", "nn", "d_model", "num_heads"),
    *("_", "1", "\N{LATIN SMALL LETTER E WITH ACUTE}", "Tensor", "attention_weights", "cache"),
    "a name so long that no line has room for it and for its arguments too",
)
NODE_TYPES = {
    name: node_type
    for name, node_type in node_types().items()
    if not issubclass(node_type, InputNode | OutputNode) and name != "Block"
}


def expressions() -> dict[object, list[str]]:
    """Map values to expressions: one hyperparameter, or an operation on two."""
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


def concrete(shape: Shape, values: Mapping[str, int], run: Mapping[str, int] = RUN) -> Shape:
    """Substitute numbers for all sizes: those of the model, and those of a run."""
    return tuple(evaluate(substitute(size, values), run) for size in shape)


def checked_graph(
    model: Model, graph: Graph, incoming: Mapping[str, TensorSpec]
) -> CheckedGraph | None:
    """Check a graph with the given inputs; None if there are errors."""
    memory = CheckCache()
    memory.prepare(model)
    checked = Inference(model, memory).graph(graph, "drawn", incoming, "drawn")
    has_error = any(problem.severity is Severity.ERROR for problem in checked.problems)
    return None if has_error else checked


def assumptions_hold(model: Model, graph: Graph, incoming: Mapping[str, TensorSpec]) -> bool:
    """Check whether what the check assumes of free sizes holds for those of a run."""
    specs = {
        key: TensorSpec(concrete(spec.shape, model.sizes), spec.kind)
        for key, spec in incoming.items()
    }
    checked = checked_graph(model, graph, specs)
    return checked is not None and all(
        found.input_specs["input"].shape[1] != 1
        for found in checked.nodes.values()
        if "lengths" in found.input_specs and "input" in found.input_specs
    )


@dataclass
class GraphGenerator:
    """Generates a graph node by node.

    Attributes:
        model: the model that it will be part of.
        random: the source of randomness.
        types: the node types to choose from.
        recency: how likely a node reads the newest port that fits.
        graph: the graph so far.
        specs: the spec of each output port.
    """

    model: Model
    random: Random
    types: tuple[str, ...]
    recency: float
    graph: Graph = field(default_factory=Graph)
    specs: dict[PortRef, TensorSpec] = field(default_factory=dict)

    def name(self, node: Node) -> str:
        """Choose an unused name for a node; one in three is difficult for the compiler."""
        kind = type(node).__name__.lower()
        hints = [self.random.choice(NAMES)] if self.random.random() < 0.35 else []
        hints += [kind, *(f"{kind}_{i}" for i in range(2, 100))]
        return next(name for name in hints if name not in self.graph.nodes)

    def add_input(self, node: Node, spec: TensorSpec) -> None:
        """Add an input node."""
        name = self.name(node)
        self.graph = self.graph.with_node(name, node)
        self.specs[PortRef(name, "output")] = spec

    def grow(self, count: int) -> None:
        """Add random nodes up to a count."""
        for _ in range(40 * count):
            if len(self.graph.nodes) >= count:
                return
            node = self.random_node()
            self.place(node, self.choose_edges(node))

    def random_node(self) -> Node:
        weights = [WEIGHTS.get(name, 1) for name in self.types]
        (name,) = self.random.choices(self.types, weights)
        repeat = {"repeat": self.random.choice((1, 1, 1, 2, 3, "T")), "share": self.flip(0.3)}
        if name == "Block":
            blocks = [*self.model.blocks]
            return Block(block=self.random.choice(blocks), **repeat) if blocks else Linear()
        node = self.random.choice(cases(NODE_TYPES[name])).node
        return self.varied(node, repeat if isinstance(node, Composite) else {})

    def varied(self, node: Node, changed: Mapping[str, object]) -> Node:
        """Vary the parameters of a node; some become expressions of hyperparameters."""
        own = {**dict(node), **changed}
        if self.types is STREAMABLE:
            own |= {key: value for key, value in CAUSAL.items() if key in own}
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

    def choose_edges(self, node: Node) -> dict[str, PortRef]:
        """Choose the sources of a node."""
        edges: dict[str, PortRef] = {}
        for port in self.model.ports(node)[0]:
            omitted = 1.0 if self.types is STREAMABLE and port.optional else 0.6
            if (port.optional or port.default) and self.flip(omitted):
                continue
            count = self.random.randint(1, 4) if port.variadic else 1
            keys = [f"{port.name}.{i}" for i in range(count)] if port.variadic else [port.name]
            for key in keys:
                ref = self.pick(port, next(iter(edges.values()), None))
                if ref is not None:
                    edges[key] = ref
        return edges

    def pick(self, port: Input, first: PortRef | None) -> PortRef | None:
        """Choose the source of a port, often one with the spec of the first input."""
        fit = [ref for ref, spec in self.specs.items() if fits(port, spec)]
        if first is not None and self.flip(0.7):
            fit = [ref for ref in fit if self.specs[ref] == self.specs[first]] or fit
        if not fit:
            return None
        return fit[-1] if self.flip(self.recency) else self.random.choice(fit)

    def place(self, node: Node, edges: Mapping[str, PortRef], name: str = "") -> str:
        """Add a node if it passes the check; return its name, or ""."""
        input_specs = {key: self.specs[ref] for key, ref in edges.items()}
        drawn_case = DrawnCase(node, input_specs, {}, {})
        incoming = {f"to_{key.replace('.', '_')}": spec for key, spec in input_specs.items()}
        alone = one_node_graph(drawn_case, ())
        checked = checked_graph(self.model, alone, incoming)
        inferred = checked.nodes["node"].inferred if checked else None
        if inferred is None or not assumptions_hold(self.model, alone, incoming):
            return ""
        sizes = [prod(concrete(spec.shape, self.model.sizes)) for spec in inferred.outputs.values()]
        if not all(0 < size < MAX_ELEMENTS for size in sizes):
            return ""
        name = name or self.name(node)
        self.graph = self.graph.with_node(name, node)
        for key, ref in edges.items():
            self.graph = self.graph.with_edge(ref, PortRef(name, key))
        self.specs |= {PortRef(name, port): spec for port, spec in inferred.outputs.items()}
        return name

    def add_outputs(self, count: int, first: TensorSpec | None = None) -> None:
        """Add output nodes, mostly of unread ports; the first has the given spec, if any."""
        read = set(self.graph.edges.values())
        every = [*self.specs]
        unread = [ref for ref in every if ref not in read]
        for number in range(count):
            fit = [ref for ref in every if self.specs[ref] == first] if number == 0 else []
            choices = fit[-2:] or (unread if unread and self.flip(0.7) else every)
            node = GraphOutput()
            name = self.name(node)
            source = self.random.choice(choices)
            self.graph = self.graph.with_node(name, node)
            self.graph = self.graph.with_edge(source, PortRef(name, "input"))


def fits(port: Input, spec: TensorSpec) -> bool:
    """Check whether a spec may fit a port, by its kind and its rank."""
    rank = len(port.parsed.items)
    ranks = len(spec.shape) >= rank if port.parsed.spread else len(spec.shape) == rank
    return (ranks or port.broadcast) and port.kind in (spec.kind, Kind.ANY)


def features(width: int, length: str = "T") -> TensorSpec:
    return TensorSpec((free("B"), free(length), width), Kind.FEATURES)


def random_model(seed: int) -> Model:
    """Generate a valid model."""
    random = Random(seed)
    known = {name: Hyperparameter(value) for name, value in VALUES.items()}
    initialization = random.choice(("torch", "normal"))
    model = Model("Drawn", hyperparameters=known, initialization=initialization)
    is_language_model = random.random() < 0.35
    types = STREAMABLE if is_language_model else (*NODE_TYPES, "Block")
    for number in range(random.choice((0, 1, 1, 2, 3))):
        graph = random_block(model, random, types)
        model = model.with_graph(random.choice((f"Block {number}", f"block{number}")), graph)
        if random.random() < 0.3:
            twin = changed_parameter(graph, random)
            model = model.with_graph(f"Twin_{number}", twin)
    generator = GraphGenerator(model, random, types, random.choice((0.1, 0.5, 0.9)))
    count = random.choice((6, 10, 15, 20, 30, 60))
    finish = language_model if is_language_model else general_model
    return finish(generator, count)


def random_block(model: Model, random: Random, types: tuple[str, ...]) -> Graph:
    """Generate a block; most can be repeated."""
    generator = GraphGenerator(model, random, types, random.choice((0.1, 0.5, 0.9)))
    stream = features(random.choice((WIDTH, hyper("d_model"))))
    shape = random.choice(("B T C", "..."))
    generator.add_input(BlockInput(kind="features", shape=shape), stream)
    if random.random() < 0.4:
        generator.add_input(BlockInput(), stream)
    if random.random() < 0.3:
        generator.add_input(BlockInput(optional=True), features(WIDTH, "S"))
    if random.random() < 0.4 and types is not STREAMABLE:
        mask = TensorSpec((free("B"), free("T")), Kind.MASK)
        generator.add_input(BlockInput(kind="mask", shape="B T", optional=True), mask)
    generator.grow(random.choice((2, 4, 8, 12)) + len(generator.specs))
    generator.add_outputs(random.choice((1, 1, 2, 3)), stream if random.random() < 0.8 else None)
    return generator.graph


def general_model(generator: GraphGenerator, count: int) -> Model:
    """Generate a model with inputs of any kind."""
    random, lengths = generator.random, ("T", "T", "T", "S")
    generator.add_input(FeatureInput(features="d_model"), features(hyper("d_model")))
    for _ in range(random.randint(0, 3)):
        length = random.choice(lengths)
        node = random.choice((TokenInput, FeatureInput, MaskInput, LengthInput))
        shape = (free("B"), free(length))
        if node is FeatureInput:
            node = FeatureInput(features=WIDTH, length=length)
            generator.add_input(node, features(WIDTH, length))
        elif node is LengthInput:
            generator.add_input(LengthInput(), TensorSpec(shape[:1], Kind.LENGTHS))
        else:
            generator.add_input(node(length=length), TensorSpec(shape, node.outputs[0].kind))
    generator.grow(count)
    generator.add_outputs(random.choice((1, 1, 2, 3, 4)))
    return replace(generator.model, graph=generator.graph)


def language_model(generator: GraphGenerator, count: int) -> Model:
    """Generate a language model; some tie the head to the embedding."""
    random = generator.random
    generator.add_input(TokenInput(), TensorSpec((free("B"), free("T")), Kind.TOKENS))
    tokens = next(iter(generator.specs))
    embedding = Embedding(num_embeddings="vocab_size", embedding_dim="d_model")
    embed = generator.place(embedding, {"input": tokens})
    generator.grow(count)
    known = [ref for ref, spec in generator.specs.items() if spec == features(hyper("d_model"))]
    tie = random.choice((embed, ""))
    head = Linear(out_features="vocab_size", bias=random.random() < 0.5, tie=tie)
    name = generator.place(head, {"input": known[-1]}, "head")
    generator.graph = generator.graph.with_node("logits", GraphOutput())
    ends = PortRef(name, "output"), PortRef("logits", "input")
    generator.graph = generator.graph.with_edge(*ends)
    model = replace(generator.model, graph=generator.graph)
    trained = replace(model, recipe=LanguageModelling())
    return trained if check(trained).ok else model  # a step may depend on later ones


# -- near misses -----------------------------------------------------------------------------------


def near_miss(model: Model, random: Random) -> Model:
    """Change one edge, node or value of a model, which may make it invalid."""
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
    """Change one number of one node by one, or negate a bool."""
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
