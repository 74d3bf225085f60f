"""Random documents that run."""

from random import Random

import torch

from benchmarks.campaign import inputs
from benchmarks.campaign.draft import CAUSAL, TYPES, Draft, Graph
from benchmarks.campaign.reference.evaluator import PAIR_INPUTS, Run, Value
from benchmarks.campaign.reference.fresh_weights import FreshWeights
from benchmarks.campaign.reference.operations import COMPOSITES, OPERATIONS
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError
from benchmarks.campaign.sampling import IDS, Sampler


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
        if random.random() < 0.3:
            add_loop(found, sampler, types, number)
    draft = Draft(found, found, sampler, types, "n")
    add_inputs(draft)
    draft.grow(random.choice((2, 3, 4, 6, 8, 12, 20)))
    draft.place_loops()
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
    add_blocks(found, sampler)
    draft = Draft(found, found, sampler, (*CAUSAL, "Block"), "n")
    add_tokens(draft, {"type": "TokenInput"})
    draft.grow(random.choice((1, 3, 6, 10, 15)))
    draft.place_loops()
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


def sequence_to_sequence(seed: int) -> dict:
    """Draw an encoder, and a decoder whose steps see no later ones."""
    random = Random(seed)
    known = {**hyperparameters(random), "vocab_size": IDS}
    sampler = Sampler(random, known, dropout=False, causal=True)
    found: dict = {
        **{"wireformer": 1, "name": "Drawn", "hyperparameters": known},
        **{"blocks": {}, "nodes": {}, "edges": {}},
    }
    add_blocks(found, sampler)
    draft = Draft(found, found, sampler, (*CAUSAL, "Block"), "n")
    for length in ("S", "T"):
        add_tokens(draft, {"type": "TokenInput", "length": length})
        draft.grow(random.choice((1, 2, 4, 8)))
    for _ in range(random.choice((1, 1, 2, 3))):
        attend(draft, random.choice(("DecoderLayer", "DecoderLayer", "MultiHeadAttention", "GRU")))
        draft.grow(random.choice((0, 1, 2)))
    draft.place_loops()
    last = sequences(draft, "T")[-4:]
    for ref in random.sample(last, min(len(last), random.choice((1, 1, 2)))):
        draft.add(draft.name(), {"type": "GraphOutput"}, {"input": ref})
    return without_unplaced(found)


def add_blocks(document: dict, sampler: Sampler) -> None:
    """Draw blocks whose steps see no later ones."""
    random = sampler.random
    for number in range(random.choice((0, 1, 1, 2))):
        add_block(document, sampler, (*CAUSAL, "Block"), number)
        if random.random() < 0.3:
            add_loop(document, sampler, (*CAUSAL, "Block"), number)


def add_tokens(draft: Draft, node: dict) -> None:
    """Add an input of tokens, and an embedding that reads it."""
    add_model_input(draft, node)
    table = {"type": "Embedding", "num_embeddings": "vocab_size", "embedding_dim": "d"}
    draft.add(draft.name(), table, {"input": [*draft.ends][-1]})


def attend(draft: Draft, node_type: str) -> None:
    """Try to add a node with steps of the target that reads the source too."""
    random, ends = draft.random, draft.ends
    x = random.choice(sequences(draft, "T"))
    first = "query" if node_type == "MultiHeadAttention" else "input"
    edges, more = {first: x}, {}
    memory = random.choice(sequences(draft, "S"))
    if node_type == "GRU":
        node = {"type": "GRU", "hidden_size": ends[x].tensor.shape[-1]}
        name = draft.name()
        if not draft.add(name, node, {"input": memory}):
            return
        edges["initial_hidden"], more = (name, "hidden"), node
    elif node_type == "MultiHeadAttention":
        edges, more = edges | {"key": memory, "value": memory}, {"causal": False, "window": None}
    else:
        edges["memory"] = memory
    node = {"type": node_type}
    node |= draft.sampler.draw(node_type, [[*ends[x].tensor.shape]]) | more
    draft.add(draft.name(), {k: v for k, v in node.items() if v is not None}, edges)


def sequences(draft: Draft, length: str) -> list[tuple[str, str]]:
    """List the ports of sequences of features."""
    shape = inputs.RUNS[0]["B"], inputs.RUNS[0][length]
    found = draft.ends.items()
    return [r for r, v in found if (v.kind, *v.tensor.shape[:-1]) == ("features", *shape)]


def add_inputs(draft: Draft) -> None:
    """Add the inputs of the model."""
    random = draft.random
    first = random.choice(("FeatureInput", "FeatureInput", "TokenInput"))
    optional = [random.choice(("FeatureInput", "TokenInput", "MaskInput", "LengthInput"))]
    if random.random() < 0.2:
        optional = [random.choice(PAIR_INPUTS)]
    for node_type in (first, *optional, *(optional if random.random() < 0.3 else ())):
        node: dict = {"type": node_type}
        if node_type != "LengthInput" and random.random() < 0.25:
            node["keys" if node_type in PAIR_INPUTS else "length"] = "S"
        if node_type not in ("LengthInput", *PAIR_INPUTS) and random.random() < 0.15:
            node["steps"] = draft.sampler.width()
        if node_type == "FeatureInput":
            node["features"] = draft.sampler.width()
        add_model_input(draft, node)


def add_model_input(draft: Draft, node: dict) -> None:
    """Add an input of the model, with its value in each run."""
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


def add_loop(document: dict, sampler: Sampler, types: tuple[str, ...], number: int) -> None:
    """Draw a block that is the body of a loop over steps, with some states."""
    random, name = sampler.random, f"Loop{number}"
    graph: Graph = {"nodes": {}, "edges": {}}
    draft = Draft(document, graph, sampler, types, "s", path=(name,))
    width = random.choice((document["hyperparameters"]["d"], 6, 8))
    sizes = [random.choice((3, 4, "d")) for _ in range(random.choice((0, 1, 1, 2)))]
    kinds: list[dict] = [{"type": "StepInput"} for _ in range(random.choice((1, 1, 2)))]
    if not sampler.causal and random.random() < 0.4:
        kinds.append({"type": "BlockInput", "kind": "features", "shape": "B S C"})
    kinds += [{"type": "StateInput", "size": size} for size in sizes]
    known = document["hyperparameters"]
    states = []
    for node in kinds:
        values = []
        for count, run in enumerate(inputs.RUNS):
            own = known.get(node.get("size"), node.get("size", width))
            shape = (run["B"], run["S"], width) if node["type"] == "BlockInput" else (run["B"], own)
            generator = torch.Generator().manual_seed(count)
            values.append(Value(inputs.tensor("features", shape, generator, 1), "features"))
        added = draft.add_input(node, values)
        states += [(added, node["size"])] if node["type"] == "StateInput" else []
    draft.grow(random.choice((1, 2, 4, 7)))
    rows = inputs.RUNS[0]["B"]
    for state, size in states:
        ends = [
            ref
            for ref, value in draft.ends.items()
            if value.kind == "features" and value.tensor.dim() == 2 and len(value.tensor) == rows
        ]
        linear, bound = draft.name(), draft.name()
        layer = {"type": "Linear", "out_features": size}
        if not ends or not draft.add(linear, layer, {"input": ends[-1]}):
            return
        draft.add(bound, {"type": "Tanh"}, {"input": (linear, "output")})
        pair = {"input": (bound, "output"), "state": (state, "output")}
        draft.add(draft.name(), {"type": "StateOutput"}, pair)
    draft.add_outputs(random.choice((1, 1, 2, 3)))
    if any(node["type"] == "GraphOutput" for node in graph["nodes"].values()):
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
