"""A graph that grows: each node is added where the reference can compute it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import torch

from benchmarks.campaign.reference.evaluator import GraphRun, Path, Run, Value
from benchmarks.campaign.reference.fresh_weights import FreshWeights
from benchmarks.campaign.reference.loops import ENDS, INNER_INPUTS, is_body, may_be_absent
from benchmarks.campaign.reference.operations import OPERATIONS
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError
from benchmarks.campaign.reference.signatures import SIGNATURES, PortRule, signature
from benchmarks.campaign.sampling import Sampler

Graph = dict[str, dict]
MOST_ELEMENTS, LARGEST = 6000, 1e3
RANKS = {"StepInput": "2+", "StateInput": "2"}
WEIGHTS = {
    **dict.fromkeys(("Add", "Linear", "Block", "SplitHeads"), 4),
    **dict.fromkeys(("Multiply", "Concatenate", "Split", "Conv1d", "LSTM"), 2),
    **dict.fromkeys(("ScaledDotProductAttention", "MultiHeadAttention", "EncoderLayer"), 3),
    **dict.fromkeys(("Embedding", "RotaryEncoding", "MergeHeads", "MatMul", "LengthMask"), 3),
    **dict.fromkeys(("PaddingMask", "CombineMasks", "Select", "DecoderLayer"), 2),
}
"""How often a type is drawn; 1 for others."""

TYPES = tuple(name for name in OPERATIONS if name in SIGNATURES)
CAUSAL = (
    *("Add", "Multiply", "Linear", "LayerNorm", "RMSNorm", "GELU", "SiLU", "Affine", "Dropout"),
    *("Concatenate", "Split", "LSTM", "GRU", "RNN", "EncoderLayer", "MultiHeadAttention"),
    *("FeedForward", "GatedFeedForward", "LearnedEncoding", "SinusoidalEncoding", "PositionIds"),
    *("SplitHeads", "MergeHeads", "ScaledDotProductAttention", "RotaryEncoding", "Embedding"),
    *("LayerScale", "LearnedMix", "StochasticDepth", "Conv1d", "ShiftRight", "Softplus"),
    *("TokenMask", "PaddedPositionIds", "BatchNorm"),
    *("LinearRecurrence", "WKV", "SelectiveScan", "MultiHeadSelectiveScan", "RGLRU"),
)
"""The types of language models whose later steps do not change earlier ones."""


@dataclass
class Draft:
    """A graph that grows, and its runs.

    Attributes:
        document: the document that it is part of.
        graph: the graph: the document itself, or a block.
        sampler: draws parameters.
        types: the types to choose from.
        prefix: what the names of its nodes begin with.
        given: the values at the input nodes, for each run.
        path: the path of its weights.
    """

    document: dict
    graph: Graph
    sampler: Sampler
    types: tuple[str, ...]
    prefix: str
    given: list[dict[str, Value]] = field(default_factory=lambda: [{}, {}])
    path: Path = ()

    def __post_init__(self) -> None:
        self.random: Random = self.sampler.random
        weights = FreshWeights()
        self.runs = [
            GraphRun(Run(self.document, {}, weights), self.graph, given, self.path)
            for given in self.given
        ]
        self.count = 0
        self.recency = self.random.choice((0.1, 0.5, 0.9))
        self.chosen = [WEIGHTS.get(name, 1) for name in self.types]

    @property
    def ends(self) -> dict[tuple[str, str], Value]:
        """The value at each output port, in the first run."""
        run = self.runs[0]
        return {
            (name, port): value
            for name, values in run.computed.items()
            if run.types[name] not in ENDS
            for port, value in values.items()
            if value is not None
        }

    def name(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"

    def add_input(self, node: dict, values: list[Value | None]) -> str:
        """Add an input node with its value in each run."""
        name = self.name()
        for given, value in zip(self.given, values, strict=True):
            if value is not None:
                given[name] = value
        if not self.add(name, node, {}):
            raise ValueError(f"expected an input that runs, got {node}")
        return name

    def add(self, name: str, node: dict, edges: Mapping[str, tuple[str, str]]) -> bool:
        """Add a node if every run can compute it; return whether it was added."""
        self.graph["nodes"][name] = node
        try:
            return self.compute(name, node, edges)
        except (ImpossibleError, UndeterminedError):
            self.remove(name)
            return False

    def compute(self, name: str, node: dict, edges: Mapping[str, tuple[str, str]]) -> bool:
        """Compute a node in every run; if it is unwelcome, remove it."""
        for run in self.runs:
            run.types[name], run.sources[name] = node["type"], dict(edges)
        with torch.no_grad():
            found = [run.values(name) for run in self.runs]
        broken = set().union(*(run.run.stricter for run in self.runs))
        values = [value for values in found for value in values.values() if value is not None]
        tensors = [value.tensor for value in values]
        if broken or not all(0 < t.numel() < MOST_ELEMENTS and _is_tame(t) for t in tensors):
            self.remove(name)
            return False
        for key, (source, port) in edges.items():
            self.graph["edges"][f"{name}.{key}"] = f"{source}.{port}"
        return True

    def remove(self, name: str) -> None:
        """Forget a node that was not added."""
        del self.graph["nodes"][name]
        for run in self.runs:
            for known in (run.types, run.sources, run.computed):
                known.pop(name, None)
            run.started.discard(name)
            run.run.stricter.clear()
        weights, start = self.runs[0].run.weights, (*self.path, name)
        for known in (weights.drawn, weights.fixed):
            for path in [path for path in known if path[: len(start)] == start]:
                del known[path]

    def grow(self, count: int) -> None:
        """Add up to ``count`` random nodes."""
        goal = len(self.graph["nodes"]) + count
        for _ in range(12 * count):
            if len(self.graph["nodes"]) >= goal:
                return
            with suppress(IndexError, ValueError):
                self.add_random()

    def add_random(self) -> None:
        """Try to add one random node."""
        (node_type,) = self.random.choices(self.types, self.chosen)
        if node_type == "Block":
            blocks = [*self.document["blocks"]]
            node = {"type": "Block", "block": self.random.choice(blocks)} if blocks else {}
            is_loop = bool(node) and is_body(self.document["blocks"][node["block"]])
            if not is_loop:
                node |= self.sampler.copies() if node else {"type": "Linear"}
        else:
            node = {"type": node_type}
        ends = self.ends
        edges = self.edges(node, ends)
        shapes = [[*ends[ref].tensor.shape] for ref in edges.values()]
        node |= self.sampler.draw(node_type, shapes)
        if self.sampler.causal and node_type == "Embedding":
            from_input = edges["input"][0] == next(iter(self.graph["nodes"]))
            node["num_embeddings"] = "vocab_size" if from_input else 80
        tied = self.random.random() < 0.5 and self.tie(node, shapes)
        if tied:
            node |= tied
        self.add(self.name(), {k: v for k, v in node.items() if v is not None}, edges)

    def place_loops(self) -> None:
        """Place each block that is the body of a loop, where a sequence fits it."""
        for name, graph in self.document["blocks"].items():
            node = {"type": "Block", "block": name}
            for _ in range(8 if is_body(graph) else 0):
                with suppress(IndexError, ValueError):
                    if self.add(self.name(), dict(node), self.edges(node, self.ends)):
                        break

    def tie(self, node: dict, shapes: list[list[int]]) -> dict:
        """Choose a node whose weight has the shape that the node needs."""
        if node["type"] not in ("Linear", "Embedding"):
            return {}
        weights = self.runs[0].run.weights.drawn
        found = [
            (name, weights[(*self.path, name, "weight")].shape)
            for name, other in self.graph["nodes"].items()
            if other["type"] in ("Linear", "Embedding") and (*self.path, name, "weight") in weights
        ]
        if node["type"] == "Linear":
            found = [(name, shape) for name, shape in found if shape[1] == shapes[0][-1]]
        if not found:
            return {}
        name, (rows, columns) = self.random.choice(found)
        if node["type"] == "Linear":
            return {"out_features": rows, "tie": name}
        if self.sampler.causal:
            return {}
        return {"num_embeddings": rows, "embedding_dim": columns, "tie": name, "padding_idx": None}

    # -- edges -----------------------------------------------------------------------------------

    def ports(self, node: dict) -> tuple[PortRule, ...]:
        if node["type"] != "Block":
            return signature(node["type"])[0]
        inner = self.document["blocks"][node["block"]]["nodes"]
        kinds = {"token ids": "tokens"}
        return tuple(
            PortRule(
                name,
                kinds.get(one.get("kind", "any"), one.get("kind", "any")),
                RANKS.get(one["type"], "0+"),
                may_be_absent(one),
            )
            for name, one in inner.items()
            if one["type"] in INNER_INPUTS
        )

    def edges(
        self, node: dict, ends: Mapping[tuple[str, str], Value]
    ) -> dict[str, tuple[str, str]]:
        """Choose the sources of a node."""
        edges: dict[str, tuple[str, str]] = {}
        for port in self.ports(node):
            may_omit = port.optional or port.default
            if may_omit and self.random.random() < (0.9 if self.sampler.causal else 0.55):
                continue
            count = self.random.randint(1, 3) if port.variadic else 1
            for i in range(count):
                ref = self.pick(port, ends, next(iter(edges.values()), None))
                edges[f"{port.name}.{i}" if port.variadic else port.name] = ref
        return edges

    def pick(
        self, port: PortRule, ends: Mapping[tuple[str, str], Value], first: tuple[str, str] | None
    ) -> tuple[str, str]:
        """Choose the source of a port, often one of the shape of the first."""
        fit = [
            ref
            for ref, value in ends.items()
            if port.kind in ("any", value.kind) and port.takes_rank(value.tensor.dim())
        ]
        if first is not None and self.random.random() < 0.75:
            shape = ends[first].tensor.shape
            fit = [ref for ref in fit if ends[ref].tensor.shape == shape] or fit
        if self.random.random() < self.recency:
            return fit[-1]
        return self.random.choice(fit)

    def add_outputs(self, count: int, first: tuple[int, ...] | None = None) -> None:
        """Add output nodes, mostly of ports that nothing reads; the first of a given shape."""
        ends = self.ends
        read = {*self.graph["edges"].values()}
        unread = [ref for ref in ends if ".".join(ref) not in read]
        for number in range(count):
            fit = []
            if number == 0 and first is not None:
                fit = [r for r, v in ends.items() if (*v.tensor.shape, v.kind) == first][-2:]
            choices = fit or (unread if unread and self.random.random() < 0.9 else [*ends])
            source = choices[-1] if self.random.random() < 0.6 else self.random.choice(choices)
            self.add(self.name(), {"type": "GraphOutput"}, {"input": source})
            unread = [ref for ref in unread if ref != source]


def _is_tame(tensor: torch.Tensor) -> bool:
    return not tensor.is_floating_point() or float(tensor.abs().max()) < LARGEST
