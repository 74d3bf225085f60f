"""Compare a file of weights with a generated model: what fits, and what does not.

The weights of the model and of the file, and a key map if the file has the names of a reference ->
a `WeightReport`, and the converted weights.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from codegen.weights.key_map import Entry, KeyMap, KeyMapError
from codegen.weights.module_weights import ModuleWeights
from codegen.weights.weight_files import WeightFile


@dataclass(frozen=True)
class WeightReport:
    """How a file of weights fits a model.

    Attributes:
        matched: each weight of the model that the file has, with the name in the file.
        missing: the weights of the model that it lacks, each with the name that was expected.
        mismatched: those of another shape or type, each with what was expected and what it is.
        unexpected: the names in the file that mean nothing to the model.
    """

    matched: Mapping[str, str]
    missing: Mapping[str, str]
    mismatched: Mapping[str, str]
    unexpected: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the model can be loaded from the file, and nothing is left over."""
        return not (self.missing or self.mismatched or self.unexpected)


def compare(
    own: ModuleWeights, given: WeightFile, key_map: KeyMap | None, sizes: Mapping[str, object]
) -> WeightReport:
    """Compare a file with a model.

    Args:
        own: the weights of the model.
        given: those of the file.
        key_map: the names of the file; None if they are those of the model.
        sizes: the values of the hyperparameters.
    """
    matched: dict[str, str] = {}
    missing: dict[str, str] = {}
    mismatched: dict[str, str] = {}
    for name, expected in own.tensors.items():
        entry, source = _source(key_map, name)
        if entry is None:
            missing[name] = "an entry of the key map"
        elif lacking := [one for one in (source, entry.plus) if one and one not in given]:
            missing[name] = lacking[0]
        elif difference := _difference(expected, entry, source, given, sizes):
            mismatched[name] = difference
        else:
            matched[name] = source
    used = {used for name in (*own.tensors, *own.tied) for used in _used(key_map, name)}
    unused = {*key_map.unused} if key_map is not None else {*()}
    unexpected = tuple(name for name in given if name not in used and name not in unused)
    return WeightReport(matched, missing, mismatched, unexpected)


def _source(key_map: KeyMap | None, name: str) -> tuple[Entry | None, str]:
    if key_map is None:
        return Entry(name), name
    return key_map.find(name) or (None, "")


def _used(key_map: KeyMap | None, name: str) -> Iterator[str]:
    entry, source = _source(key_map, name)
    yield source
    if entry is not None:
        yield entry.plus


def _difference(
    expected: Tensor, entry: Entry, source: str, given: WeightFile, sizes: Mapping[str, object]
) -> str:
    """Describe how a weight differs in shape or type; "" if it does not."""
    shape = [*expected.shape]
    try:
        found = given[source]
        converted = entry.convert(found, sizes)
        if entry.plus:
            converted = converted + given[entry.plus]
    except KeyMapError as error:
        return str(error)
    except (RuntimeError, IndexError, ValueError, ZeroDivisionError):
        return f"expected {shape}, got {source} of {[*given[source].shape]}"
    if [*converted.shape] != shape:
        made = [*converted.shape]
        via = f", which makes {made}" if made != [*found.shape] else ""
        return f"expected {shape}, got {source} of {[*found.shape]}{via}"
    if expected.is_floating_point() != converted.is_floating_point():
        return f"expected {expected.dtype}, got {source} of {found.dtype}"
    return ""


def converted(
    own: ModuleWeights, given: WeightFile, key_map: KeyMap | None, sizes: Mapping[str, object]
) -> dict[str, Tensor]:
    """Load the weights of a file that fits, in the names, shapes and types of the model."""
    result: dict[str, Tensor] = {}
    for name, expected in own.tensors.items():
        entry, source = _source(key_map, name)
        assert entry is not None
        weight = entry.convert(given.load(source), sizes)
        if entry.plus:
            weight = weight + given.load(entry.plus)
        result[name] = weight.to(expected.dtype).clone(memory_format=torch.contiguous_format)
    return result
