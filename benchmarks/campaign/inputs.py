"""The tensors that a document is run on."""

from collections.abc import Mapping

import torch
from torch import Tensor

from benchmarks.campaign.reference.evaluator import MODEL_INPUTS, PAIR_INPUTS, Document, Value
from benchmarks.campaign.reference.fields import evaluate
from benchmarks.campaign.reference.outcome import ImpossibleError
from benchmarks.campaign.sampling import IDS

Sizes = Mapping[str, int]

RUNS: tuple[Sizes, ...] = ({"B": 2, "T": 11, "S": 7}, {"B": 3, "T": 13, "S": 17})
"""The sizes at which a document has to run; primes that no width has."""

LONG: Sizes = {"B": 101, "T": 67, "S": 61}
"""Sizes at which no window is longer than its sequence, and no index beyond the batch."""

LONGEST: Sizes = {"B": 3, "T": 397, "S": 389}
"""Sizes at which an index is within its sequence after a few strides."""

FURTHER: tuple[Sizes, ...] = (
    {"B": 4, "T": 19, "S": 23},
    {"B": 5, "T": 31, "S": 29},
    {"B": 2, "T": 12, "S": 24},
    {"B": 3, "T": 23, "S": 11},
    LONG,
)
"""The sizes at which a document that is refused has to run too before that is a fault."""

SHORT: Sizes = {"B": 2, "T": 3, "S": 2}
"""Sizes at which windows are longer than their sequence."""

ALONE: Sizes = {"B": 1, "T": 13, "S": 7}
"""A batch of one sequence."""


def tensor(kind: str, shape: tuple[int, ...], random: torch.Generator, longest: int) -> Tensor:
    """Draw a tensor; the first step is valid, and the first sequence the longest."""
    if kind == "tokens":
        return torch.randint(IDS, shape, generator=random)
    if kind == "lengths":
        lengths = torch.randint(1, longest + 1, shape, generator=random)
        lengths[0] = longest
        return lengths
    if kind == "mask":
        mask = torch.rand(shape, generator=random) < 0.7
        mask[:, 0] = True
        return mask
    return torch.randn(shape, generator=random, dtype=torch.float64)


def value(node: Mapping[str, object], known: Mapping, sizes: Sizes, random: object) -> Value:
    """Draw the value of an input node of the model.

    Raises:
        ImpossibleError: its parameters have no value.
    """
    if node["type"] in PAIR_INPUTS:
        return _pairs(node, sizes, random)
    length = node.get("length", "T")
    if length not in ("T", "S"):
        raise ImpossibleError(f"no length {length}")
    steps = node.get("steps") or sizes[length]
    steps = evaluate(steps, known) if isinstance(steps, str) else steps
    if type(steps) is not int or steps < 1:
        raise ImpossibleError(f"{steps} steps")
    sequence = (sizes["B"], steps)
    longest = min(sizes["T"], sizes["S"])
    match node["type"]:
        case "TokenInput":
            return Value(tensor("tokens", sequence, random, longest), "tokens")
        case "MaskInput":
            return Value(tensor("mask", sequence, random, longest), "mask")
        case "LengthInput":
            return Value(tensor("lengths", sequence[:1], random, longest), "lengths")
    width = node.get("features", 1)
    width = evaluate(width, known) if isinstance(width, str) else width
    if type(width) is not int or width < 0:
        raise ImpossibleError(f"{width} features")
    return Value(tensor("features", (*sequence, width), random, longest), "features")


def _pairs(node: Mapping[str, object], sizes: Sizes, random: torch.Generator) -> Value:
    """Draw a value for each query and key."""
    lengths = [node.get(key, "T") for key in ("queries", "keys")]
    if not {*lengths} <= {"T", "S"}:
        raise ImpossibleError(f"no lengths {lengths}")
    kind = "mask" if node["type"] == "AttentionMaskInput" else "features"
    shape = tuple(sizes[length] for length in lengths)
    return Value(tensor(kind, shape, random, min(shape)), kind)


def values(document: Document, sizes: Sizes, seed: int = 0) -> dict[str, Value]:
    """Draw the value of every input node of the main graph.

    Raises:
        ImpossibleError: the parameters of one have no value.
    """
    random = torch.Generator().manual_seed(seed)
    known = {
        name: entry["value"] if isinstance(entry, dict) else entry
        for name, entry in document.get("hyperparameters", {}).items()
    }
    return {
        name: value(node, known, sizes, random)
        for name, node in document["nodes"].items()
        if node["type"] in MODEL_INPUTS
    }
