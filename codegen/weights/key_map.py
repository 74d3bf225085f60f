"""Key maps: the names and layouts of the weights of a reference implementation.

A key map is a JSON object beside an example. It gives, for each weight of the generated model, the
name of the reference's, with ``{}`` for the number n of a layer, ``{n*2}`` for twice it and
``{n*2+1}`` for one more; or an object with the name and what has to be done to the reference's
weight, in this order:

* ``"squeeze": d`` leaves out its dimension d, which is 1;
* ``"flatten": true``, or ``"shape": [1, 1, -1]`` if that is the reference's, gives it one
  dimension, and ``"transpose": true`` swaps its two;
* ``"heads": n`` and ``"of": m`` take the m-th of the parts that are fused head by head, where n is
  the number of heads, a hyperparameter or a number;
* ``"from": n`` leaves out its first n rows;
* ``"part": [i, n]`` takes the i-th of n equal parts of its first dimension, or of ``"dim": d``;
* ``"plus": name`` adds another weight of the reference, and ``"add": x`` a number.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Array = Any
"""A tensor or an array: it has ``shape``, ``reshape``, ``squeeze``, ``T`` and arithmetic."""


class KeyMapError(ValueError):
    """A key map that cannot be read, or a weight that does not fit it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one weight comes from.

    Attributes:
        name: the reference's name, with ``{}`` for the number of a layer.
        squeeze: which of its dimensions is left out, as it is 1; none if not given.
        flatten: it is given one dimension.
        shape: its shape before that; empty if it is not known.
        transpose: its two dimensions are swapped.
        heads: the number of heads by which parts are fused, and which of 3 parts it is.
        start: how many of its first rows are left out.
        part: which of how many equal parts it is.
        dim: the dimension that has the parts, 0 or 1.
        plus: the reference's name of a weight that is added to it; "" for none.
        add: a number that is added to it.
    """

    name: str
    squeeze: int | None = None
    flatten: bool = False
    shape: tuple[int, ...] = ()
    transpose: bool = False
    heads: tuple[str, int] | None = None
    start: int = 0
    part: tuple[int, int] | None = None
    dim: int = 0
    plus: str = ""
    add: float = 0.0

    @classmethod
    def parse(cls, key: str, value: object) -> "Entry":
        """Parse the value of a key.

        Raises:
            KeyMapError: it is neither a name nor an object of the form above.
        """
        if isinstance(value, str):
            return cls(value)
        known = {
            "name",
            "squeeze",
            "flatten",
            "shape",
            "transpose",
            "heads",
            "of",
            "from",
            "part",
            "dim",
            "plus",
            "add",
        }
        if not isinstance(value, dict) or "name" not in value or value.keys() - known:
            raise KeyMapError(f"{key}: expected a name or an object with a name, got {value!r:.60}")
        part = value.get("part")
        heads = (str(value["heads"]), int(value["of"])) if "heads" in value else None
        return cls(
            name=str(value["name"]),
            squeeze=int(value["squeeze"]) if "squeeze" in value else None,
            flatten=bool(value.get("flatten", False)) or "shape" in value,
            shape=tuple(map(int, value.get("shape", ()))),
            transpose=bool(value.get("transpose", False)),
            heads=heads,
            start=int(value.get("from", 0)),
            part=(int(part[0]), int(part[1])) if part else None,
            dim=int(value.get("dim", 0)),
            plus=str(value.get("plus", "")),
            add=float(value.get("add", 0.0)),
        )

    def convert(self, weight: Array, sizes: Mapping[str, object]) -> Array:
        """Convert the reference's weight to the layout of the generated model."""
        if self.squeeze is not None:
            weight = weight.squeeze(self.squeeze)
        if self.flatten:
            weight = weight.reshape(-1)
        if self.transpose:
            weight = weight.T
        if self.heads is not None:
            name, index = self.heads
            count = int(str(sizes.get(name, name)))
            fused = weight.reshape(count, 3, -1, *weight.shape[1:])
            weight = fused[:, index].reshape(-1, *weight.shape[1:])
        weight = weight[self.start :] if self.start else weight
        if self.part is not None:
            index, count = self.part
            size = weight.shape[self.dim] // count
            rows = slice(index * size, (index + 1) * size)
            weight = weight[:, rows] if self.dim else weight[rows]
        return weight + self.add if self.add else weight


@dataclass(frozen=True)
class KeyMap:
    """The weights of a generated model in a reference implementation.

    Attributes:
        reference: the class of the reference, such as ``transformers.LlamaForCausalLM``.
        entries: where each weight comes from, by its name in the generated model.
        unused: the reference's weights that the model does not have.
    """

    reference: str
    entries: Mapping[str, Entry]
    unused: tuple[str, ...] = ()

    @classmethod
    def loads(cls, text: str) -> "KeyMap":
        """Parse a key map.

        Raises:
            KeyMapError: it is no JSON object with a reference and weights.
        """
        try:
            data = json.loads(text)
            entries = {key: Entry.parse(key, value) for key, value in data["weights"].items()}
            return cls(str(data["reference"]), entries, tuple(data.get("unused", ())))
        except (json.JSONDecodeError, KeyError, AttributeError, TypeError) as error:
            raise KeyMapError(f"expected an object with reference and weights: {error}") from error

    def find(self, name: str) -> tuple[Entry, str] | None:
        """Find the entry of a weight, and the name of the reference's weight; None without one."""
        if name in self.entries:
            return self.entries[name], self.entries[name].name
        numbers = re.findall(r"(?<=\.)\d+(?=\.)", name)
        general = re.sub(r"(?<=\.)\d+(?=\.)", "{}", name)
        entry = self.entries.get(general)
        return None if entry is None else (entry, _numbered(entry.name, numbers))

    def convert(
        self,
        names: Iterable[str],
        reference: Mapping[str, Array],
        sizes: Mapping[str, object],
    ) -> dict[str, Array]:
        """Convert a reference's weights to those of a generated model.

        Args:
            names: the names of the generated model's weights.
            reference: the reference's weights by name.
            sizes: the values of the hyperparameters.

        Raises:
            KeyMapError: a weight has no entry, or the reference lacks it.
        """
        found: dict[str, Array] = {}
        for name in names:
            pair = self.find(name)
            if pair is None:
                raise KeyMapError(f"{name}: expected an entry of the key map, got none")
            entry, source = pair
            if source not in reference:
                raise KeyMapError(f"{name}: expected {source} in the reference's weights, got none")
            found[name] = entry.convert(reference[source], sizes)
            if entry.plus:
                found[name] = found[name] + reference[entry.plus]
        return found


def _numbered(name: str, numbers: list[str]) -> str:
    """Fill in the numbers of layers, one for each placeholder."""
    rest = iter(numbers)

    def number(match: re.Match[str]) -> str:
        factor, added = int(match[1] or 1), int(match[2] or 0)
        return str(int(next(rest, "0")) * factor + added)

    return re.sub(r"\{(?:n\*(\d+)(?:\+(\d+))?)?\}", number, name)
