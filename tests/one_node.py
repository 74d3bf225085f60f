"""One node in a graph of its own: its input specs, its code, and the module of the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import torch
from torch import Tensor, nn

from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.inference import Inference
from codegen.compile import make_plan
from codegen.writing.module_writer import write_module
from nodes.core.graphs.graph import Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.dim import AnyDim, evaluate, free, hyper
from nodes.core.shapes.pattern import Pattern, parse_pattern
from nodes.core.shapes.shape import Bindings, Shape
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput

FREE = ("B", "T", "S")
PRIMES = (5, 7, 11, 13, 17, 19, 29, 31, 37, 41, 43, 47)
DTYPES = {
    Kind.FEATURES: torch.float32,
    Kind.STATE: torch.float32,
    Kind.TOKENS: torch.int64,
    Kind.LENGTHS: torch.int64,
    Kind.MASK: torch.bool,
}


@dataclass(frozen=True)
class Case:
    """A node, and the inputs it is tested with.

    Attributes:
        node: its parameters.
        spread: what ``...`` stands for in the patterns of its inputs.
        sizes: what other words stand for; a prime, or a name, of a size that is free if it can be.
        input_patterns: the shapes at its inputs, where its own patterns do not determine them.
        kinds: the kinds to choose from for inputs that accept any kind.
        without: sets of inputs that may stay unconnected together, if not any of the optional.
    """

    node: Node
    spread: str = "B T 3"
    sizes: Mapping[str, int | str] = field(default_factory=dict)
    input_patterns: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = (Kind.FEATURES, Kind.TOKENS, Kind.MASK, Kind.STATE)
    without: tuple[str, ...] | None = None


@dataclass
class DrawnCase:
    """A case with sizes, hyperparameters and input specs drawn at random.

    Attributes:
        node: the node; its sizes may be hyperparameters.
        specs: the spec at each connected input.
        values: the hyperparameters.
        run: the free sizes.
    """

    node: Node
    specs: dict[str, TensorSpec]
    values: dict[str, object]
    run: dict[str, int]

    @property
    def numbers(self) -> dict[str, int]:
        """Every size that a shape may name."""
        whole = {name: value for name, value in self.values.items() if type(value) is int}
        return {**whole, **self.run}

    def shape(self, shape: Shape) -> tuple[int, ...]:
        return tuple(evaluate(size, self.numbers) for size in shape)

    def tensors(self) -> dict[str, Tensor]:
        """Create a random tensor for every connected input."""
        known = getattr(self.node.resolve(self.values), "num_embeddings", 5)
        return {
            port: fill(self.shape(spec.shape), spec.kind, known, self.run["T"])
            for port, spec in self.specs.items()
        }

    def model(self, recipe: Recipe | None = None) -> Model:
        known = {name: Hyperparameter(value) for name, value in self.values.items()}
        return Model("CompiledNode", hyperparameters=known, recipe=recipe)


def fill(shape: tuple[int, ...], kind: Kind, ids: int, length: int) -> Tensor:
    """Create a random tensor of a kind."""
    if kind is Kind.TOKENS:
        return torch.randint(ids, shape)
    if kind is Kind.LENGTHS:
        return torch.randint(1, length + 1, shape)
    if kind is Kind.MASK:
        return (torch.rand(shape) < 0.7) | (torch.arange(shape[-1]) == 0)
    return torch.randn(shape)


def draw_case(case: Case, random: Random) -> DrawnCase:
    """Draw sizes, which of them are hyperparameters, and which inputs are connected."""
    primes = random.sample(PRIMES, len(PRIMES))
    run = {name: primes.pop() for name in FREE}
    values: dict[str, object] = {}
    node = with_hyperparameters(case.node, values, random)
    drawn = Words(case, node, values, primes, random)
    kind = random.choice(case.kinds)
    specs = {
        port: TensorSpec(shape, kind if declared is Kind.ANY else declared)
        for port, shape, declared in drawn.arrivals(connected(case, random))
    }
    return DrawnCase(node, specs, values, run)


def with_hyperparameters(node: Node, values: dict[str, object], random: Random) -> Node:
    """Let some of the numbers and choices among a node's parameters be hyperparameters."""
    parameters: dict[str, object] = dict(node)
    for name, value in node:
        is_size = type(value) is int and value != 0 and name in node.size_fields
        named = is_size or type(value) is float or name in node.choice_fields
        if named and random.random() < 0.5:
            values[f"the_{name}"] = value
            parameters[name] = f"the_{name}"
    return type(node)(**parameters)


def connected(case: Case, random: Random) -> list[str]:
    """Choose the inputs that are connected."""
    if case.input_patterns:
        return list(case.input_patterns)
    absent = None if case.without is None else random.choice(case.without).split()
    chosen = []
    for port in case.node.inputs:
        if port.variadic:
            chosen += [f"{port.name}.{i}" for i in range(random.randint(1, 3))]
        elif absent is not None:
            chosen += [port.name] * (port.name not in absent)
        elif not (port.optional or port.default) or random.random() < 0.5:
            chosen.append(port.name)
    return [*chosen, *not_defaulting(case.node, chosen)]


def not_defaulting(node: Node, chosen: list[str]) -> list[str]:
    """List the ports that need an edge, as their default is of another length, such as T for S."""
    known = {port.name: port.parsed.words for port in node.inputs}
    taken = set().union(*(known[name] for name in chosen if name in known))
    return [
        port.name
        for port in node.inputs
        if port.name not in chosen
        and port.default in chosen
        and (known[port.name] - known[port.default]) & taken
    ]


@dataclass
class Words:
    """Sizes for the words of a node's patterns, each drawn when it is first needed."""

    case: Case
    node: Node
    values: dict[str, object]
    primes: list[int]
    random: Random

    def __post_init__(self) -> None:
        known = {key: getattr(self.node, key) for key in self.node.size_fields}
        self.known: dict[str, AnyDim] = {k: v for k, v in known.items() if v is not None}
        self.known |= self.node.sizes()
        self.spread: Shape | None = None
        self.spread = self.fill(parse_pattern(self.case.spread))

    def arrivals(self, ports: list[str]) -> list[tuple[str, Shape, Kind]]:
        """Return the shape and the kind at each port."""
        found: dict[str, tuple[Shape, Kind]] = {}
        for port in self.node.inputs:
            names = [name for name in ports if name.partition(".")[0] == port.name]
            if not names and port.default:
                words = port.parsed.before
                shape = self.shared(port.default)[: len(words)]
                self.known = {**dict(zip(words, shape, strict=True)), **self.known}
            whole = self.random.choice(names) if port.variadic and names else ""
            for name in names:
                wanted = parse_pattern(self.case.input_patterns.get(name, port.pattern))
                shape = self.fill(wanted)
                if port.broadcast and not self.case.input_patterns and name != whole:
                    shape = self.thinned(shape)
                found[name] = shape, port.kind
        return [(name, *found[name]) for name in ports]

    def shared(self, port: str) -> Shape:
        return self.fill(self.node.find_input(port).parsed)

    def thinned(self, shape: Shape) -> Shape:
        """Drop leading sizes, and replace others by 1, as broadcasting allows."""
        kept = shape[self.random.randint(0, len(shape) - 1) :]
        return tuple(1 if self.random.random() < 0.3 else size for size in kept)

    def fill(self, wanted: Pattern) -> Shape:
        for word in sorted(wanted.words - self.known.keys()):
            self.known[word] = self.choose(word)
        return Bindings(self.known, {}, self.spread).fill(wanted)

    def choose(self, word: str) -> AnyDim:
        size = self.case.sizes.get(word, word if word in FREE else self.primes.pop())
        if size in FREE:
            return free(size)
        if self.random.random() < 0.5:
            self.values[f"the_{word}"] = size
            return hyper(f"the_{word}")
        return size


class Refused(Exception):
    """The check found errors."""


@dataclass
class CompiledNode:
    """The code of one node.

    Attributes:
        checked: its graph.
        source: the file.
        module: an instance of its class.
        streamed: its argument for the cached state.
    """

    checked: CheckedGraph
    source: str
    module: nn.Module
    streamed: str

    @property
    def inferred(self):
        return self.checked.nodes["node"].inferred


def one_node_graph(drawn_case: DrawnCase, used: tuple[str, ...]) -> Graph:
    """Place the node between inputs and outputs."""
    graph = Graph().with_node("node", drawn_case.node)
    for port in drawn_case.specs:
        name = f"to_{port.replace('.', '_')}"
        graph = graph.with_node(name, BlockInput())
        graph = graph.with_edge(PortRef(name, "output"), PortRef("node", port))
    for port in used:
        graph = graph.with_node(f"from_{port}", GraphOutput())
        graph = graph.with_edge(PortRef("node", port), PortRef(f"from_{port}", "input"))
    return graph


def compile_node(drawn_case: DrawnCase, used: tuple[str, ...]) -> CompiledNode:
    """Compile a graph of the node alone, with the given outputs in use.

    Raises:
        Refused: the check finds errors.
    """
    incoming = {f"to_{port.replace('.', '_')}": spec for port, spec in drawn_case.specs.items()}
    return compile_graph(drawn_case.model(), one_node_graph(drawn_case, used), incoming)


def compile_graph(model: Model, graph: Graph, incoming: Mapping[str, TensorSpec]) -> CompiledNode:
    """Compile a graph as if it were the model's own, with any input specs.

    Raises:
        Refused: the check finds errors.
    """
    cache = CheckCache()
    cache.prepare(model)
    checked = Inference(model, cache).graph(graph, "probe", incoming, "probe")
    errors = [str(problem) for problem in checked.problems if problem.severity.value == "error"]
    if errors:
        raise Refused("\n".join(errors))
    plan = make_plan(model, checked)
    source = write_module(plan).source
    return CompiledNode(checked, source, instance(source, model.name), plan.state_argument)


def instance(source: str, name: str, **config: object) -> nn.Module:
    """Run a model file, and instantiate its model."""
    known: dict = {"__name__": "generated"}
    exec(compile(source, "generated", "exec"), known)
    config_value = known["Config"](**config) if "Config" in known else None
    return known[name]() if config_value is None else known[name](config_value)
