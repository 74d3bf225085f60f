"""The weights of a generated model under the names of a reference: the inverse of a key map."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from codegen.weights.key_map import Entry, KeyMap
from codegen.weights.module_weights import ModuleWeights
from codegen.weights.weight_files import WeightFile

FUSED = 3
"""Queries, keys and values, which are fused head by head."""


@dataclass(frozen=True)
class ReferenceWeights:
    """Weights under the names of a reference.

    Attributes:
        tensors: the weights.
        left_out: those that the key map cannot give back, and why.
        filled: those with rows of zeros in place of rows that the model does not have.
    """

    tensors: Mapping[str, Tensor]
    left_out: Mapping[str, str]
    filled: Mapping[str, int]


def reference_weights(
    own: ModuleWeights, given: WeightFile, key_map: KeyMap, sizes: Mapping[str, object]
) -> ReferenceWeights:
    """Convert the weights of a file that fits the model to those of the reference.

    Args:
        own: the weights of the model.
        given: a file with them.
        key_map: the names of the reference.
        sizes: the values of the hyperparameters.
    """
    groups: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    tensors: dict[str, Tensor] = {}
    left_out: dict[str, str] = {}
    filled: dict[str, int] = {}
    for name in own.tensors:
        found = key_map.find(name)
        if found is None:
            left_out[name] = "it has no entry in the key map"
        else:
            groups[found[1]].append((found[0], name))
    for source, parts in groups.items():
        reason = _reason(parts)
        if reason:
            left_out[source] = reason
            continue
        tensors[source] = _joined([(entry, given.load(name)) for entry, name in parts], sizes)
        if start := parts[0][0].start:
            filled[source] = start
    return ReferenceWeights(tensors, left_out, filled)


def _reason(parts: list[tuple[Entry, str]]) -> str:
    """Say why the reference's weight does not follow from its parts; "" if it does."""
    first = parts[0][0]
    if first.plus:
        return f"it was added to {first.plus}"
    if first.flatten and not first.shape:
        return "its shape is not in the key map"
    expected = FUSED if first.heads else first.part[1] if first.part else 1
    indices = {entry.heads[1] if entry.heads else (entry.part or (0, 0))[0] for entry, _ in parts}
    if len(indices) < expected:
        return f"the model has {len(indices)} of its {expected} parts"
    return ""


def _joined(parts: list[tuple[Entry, Tensor]], sizes: Mapping[str, object]) -> Tensor:
    first = parts[0][0]
    weights = [(entry, weight - entry.add if entry.add else weight) for entry, weight in parts]
    if first.heads is not None:
        count = int(str(sizes.get(first.heads[0], first.heads[0])))
        ordered = sorted(weights, key=lambda pair: pair[0].heads or ("", 0))
        by_head = [weight.reshape(count, -1, *weight.shape[1:]) for _, weight in ordered]
        joined = torch.stack(by_head, dim=1).reshape(-1, *ordered[0][1].shape[1:])
    elif first.part is not None:
        ordered = sorted(weights, key=lambda pair: pair[0].part or (0, 0))
        joined = torch.cat([weight for _, weight in ordered], dim=first.dim)
    else:
        joined = weights[0][1]
    if first.start:
        joined = torch.cat([joined.new_zeros(first.start, *joined.shape[1:]), joined])
    if first.transpose:
        joined = joined.T
    if first.shape:
        joined = joined.reshape(first.shape)
    if first.squeeze is not None:
        joined = joined.unsqueeze(first.squeeze)
    return joined.clone(memory_format=torch.contiguous_format)
