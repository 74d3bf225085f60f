"""Writes the key map of an imported model: its weights by the names of the original."""

import json
import re
from collections.abc import Mapping
from typing import Any

from builder.importing.rules.steps import WeightEntry

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")


def key_map_text(reference: str, weights: Mapping[str, WeightEntry], unused: list[str]) -> str:
    """Write a key map, in which copies that differ in their numbers only are one entry.

    Args:
        reference: what was imported.
        weights: where each weight comes from.
        unused: the weights of the original that the model does not have.
    """
    data: dict[str, Any] = {"reference": reference, "weights": _joined(weights)}
    if unused:
        data["unused"] = unused
    return json.dumps(data, indent=2) + "\n"


def differs(weights: Mapping[str, WeightEntry]) -> bool:
    """Tell whether any weight has another name or another form than in the original."""
    return any(entry != name for name, entry in weights.items())


def _joined(weights: Mapping[str, WeightEntry]) -> dict[str, WeightEntry]:
    """Join the entries of copies; entries of which one does not follow stay apart."""
    groups: dict[str, dict[str, WeightEntry]] = {}
    for name, entry in weights.items():
        groups.setdefault(_NUMBER.sub("{}", name), {})[name] = entry
    found: dict[str, WeightEntry] = {}
    for general, group in groups.items():
        joined = _general(group) if general not in group else None
        found |= group if joined is None else {general: joined}
    return found


def _general(group: Mapping[str, WeightEntry]) -> WeightEntry | None:
    """Return the entry that stands for all of a group; None if there is none."""
    generals = []
    for name, entry in group.items():
        source = entry if isinstance(entry, str) else str(entry["name"])
        if _NUMBER.findall(name) != _NUMBER.findall(source):
            return None
        text = _NUMBER.sub("{}", source)
        generals.append(text if isinstance(entry, str) else {**entry, "name": text})
    return generals[0] if all(one == generals[0] for one in generals) else None
