"""Random documents that run: each node is added where the reference can compute it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import torch

from benchmarks.campaign import inputs
from benchmarks.campaign.reference.evaluator import (
    FreshWeights,
    GraphRun,
    Path,
    Run,
    Value,
)
from benchmarks.campaign.reference.operations import COMPOSITES, OPERATIONS
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError
from benchmarks.campaign.reference.signatures import SIGNATURES, PortRule, signature
from benchmarks.campaign.sampling import IDS, Sampler

Graph = dict[str, dict]
MOST_ELEMENTS, LARGEST = 6000, 1e3
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
            if run.types[name] != "GraphOutput"
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
                "0+",
                one.get("optional", False),
            )
            for name, one in inner.items()
            if one["type"] == "BlockInput"
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


def hyperparameters(random: Random) -> dict[str, object]:
    """Draw the hyperparameters of a document."""
    heads = random.choice((2, 3, 4))
    return {
        "d": heads * random.choice((2, 4, 6)),
        "h": heads,
        "f": random.choice((5, 7, 10)),
        "ids": random.choice((7, 20, 33)),
        "r": random.choice((1, 2, 2, 3)),
        "rate": 0.3,
        "eps": 1e-3,
        "base": 100.0,
        "half": 0.5,
        "act": random.choice(("gelu", "silu")),
        "rnn": random.choice(("tanh", "relu")),
    }


def document(seed: int) -> dict:
    """Draw a document that runs at the sizes of `RUNS`, and that PyTorch and the manuals allow."""
    random = Random(seed)
    known = hyperparameters(random)
    sampler = Sampler(random, known, dropout=random.random() < 0.4)
    found: dict = {
        "wireformer": 1,
        "name": "Drawn",
        "hyperparameters": known,
        "initialization": random.choice(("torch", "normal")),
        "blocks": {},
        "nodes": {},
        "edges": {},
    }
    types = (*TYPES, "Block")
    for number in range(random.choice((0, 0, 1, 1, 2, 3))):
        add_block(found, sampler, types, number)
    draft = Draft(found, found, sampler, types, "n")
    add_inputs(draft)
    draft.grow(random.choice((3, 5, 8, 12, 20)))
    draft.add_outputs(random.choice((1, 2, 4, 6)))
    return with_bypass(without_unplaced(found), random)


def language_model(seed: int) -> dict:
    """Draw a language model whose steps see no later ones, with its recipe."""
    random = Random(seed)
    known = {**hyperparameters(random), "vocab_size": IDS}
    sampler = Sampler(random, known, dropout=False, causal=True)
    found: dict = {
        "wireformer": 1,
        "name": "Drawn",
        "hyperparameters": known,
        "recipe": {"kind": "language-modelling", "seq_len": 16},
        "blocks": {},
        "nodes": {},
        "edges": {},
    }
    for number in range(random.choice((0, 1, 1, 2))):
        add_block(found, sampler, (*CAUSAL, "Block"), number)
    draft = Draft(found, found, sampler, (*CAUSAL, "Block"), "n")
    tokens = {"type": "TokenInput"}
    drawn = [
        inputs.value(tokens, known, sizes, torch.Generator().manual_seed(number))
        for number, sizes in enumerate(inputs.RUNS)
    ]
    name = draft.add_input(tokens, drawn)
    table = {"type": "Embedding", "num_embeddings": "vocab_size", "embedding_dim": "d"}
    draft.add(draft.name(), table, {"input": (name, "output")})
    draft.grow(random.choice((1, 3, 6, 10, 15)))
    sizes = inputs.RUNS[0]
    stream = [
        ref
        for ref, value in draft.ends.items()
        if value.kind == "features" and value.tensor.shape[:-1] == (sizes["B"], sizes["T"])
    ]
    head = {"type": "Linear", "out_features": "vocab_size", "bias": sampler.flag()}
    while not draft.add("head", head, {"input": stream.pop()}):
        pass
    draft.add("logits", {"type": "GraphOutput"}, {"input": ("head", "output")})
    return without_unplaced(found)


def add_inputs(draft: Draft) -> None:
    """Add the inputs of the model."""
    random = draft.random
    first = random.choice(("FeatureInput", "FeatureInput", "TokenInput"))
    optional = [random.choice(("FeatureInput", "TokenInput", "MaskInput", "LengthInput"))]
    for node_type in (first, *optional, *(optional if random.random() < 0.3 else ())):
        node: dict = {"type": node_type}
        if node_type != "LengthInput" and random.random() < 0.25:
            node["length"] = "S"
        if node_type == "FeatureInput":
            node["features"] = draft.sampler.width()
        values = []
        for number, sizes in enumerate(inputs.RUNS):
            generator = torch.Generator().manual_seed(number)
            values.append(inputs.value(node, draft.sampler.hyperparameters, sizes, generator))
        draft.add_input(node, values)


PATTERNS = {"features": ("B T C", "...", "... C", "B T ..."), "mask": ("B T", "...")}


def add_block(document: dict, sampler: Sampler, types: tuple[str, ...], number: int) -> None:
    """Draw a block, most of which can be repeated."""
    random, name = sampler.random, f"Part{number}"
    graph: Graph = {"nodes": {}, "edges": {}}
    draft = Draft(document, graph, sampler, types, "b", path=(name,))
    width = random.choice((document["hyperparameters"]["d"], 6, 8))
    extra: tuple[list[str], ...] = ([], [], ["features"], ["mask"], ["lengths"], ["any"])
    kinds = ["features", *random.choice(extra[:3] if sampler.causal else extra)]
    for place, kind in enumerate(kinds):
        node: dict = {"type": "BlockInput"}
        if random.random() < 0.8:
            node["kind"] = kind
        if kind in PATTERNS and random.random() < 0.7:
            node["shape"] = random.choice(PATTERNS[kind])
        is_absent = place > 0 and random.random() < 0.4
        if is_absent or (place > 0 and random.random() < 0.3):
            node["optional"] = True
        values = []
        for count, sizes in enumerate(inputs.RUNS):
            shape = (sizes["B"], sizes["T"], width)
            shape = shape[: {"mask": 2, "lengths": 1}.get(kind, 3)]
            longest = min(sizes["T"], sizes["S"])
            kind_or_features = "features" if kind == "any" else kind
            one = inputs.tensor(
                kind_or_features, shape, torch.Generator().manual_seed(count), longest
            )
            values.append(Value(one, kind_or_features))
        draft.add_input(node, values)
    stream = (inputs.RUNS[0]["B"], inputs.RUNS[0]["T"], width, "features")
    draft.grow(random.choice((1, 2, 4, 7)))
    draft.add_outputs(random.choice((1, 1, 2, 3)), stream)
    document["blocks"][name] = graph


def without_unplaced(document: dict) -> dict:
    """Remove the blocks that nothing places."""
    graphs = [document, *document["blocks"].values()]
    placed = {node.get("block") for graph in graphs for node in graph["nodes"].values()}
    kept = {name: graph for name, graph in document["blocks"].items() if name in placed}
    found = {**document, "blocks": kept}
    return found if len(kept) == len(document["blocks"]) else without_unplaced(found)


def with_bypass(document: dict, random: Random) -> dict:
    """Bypass a random node, if the document runs without it."""
    types = {name: node["type"] for name, node in document["nodes"].items()}
    names = [name for name, found in types.items() if found in OPERATIONS or found in COMPOSITES]
    if not names or random.random() > 0.1:
        return document
    changed = {**document, "bypassed": [random.choice(names)]}
    weights = FreshWeights()
    try:
        for sizes in inputs.RUNS:
            run = Run(changed, inputs.values(changed, sizes), weights)
            with torch.no_grad():
                run.outputs()
            if run.stricter:
                return document
    except (ImpossibleError, UndeterminedError):
        return document
    return changed
