"""Sizes that are exact quotients of hyperparameters, such as the size of a head.

Where ``num_heads`` divides ``d_model``, people write ``head_dim``: the quotient becomes a property
of the ``Config``, which also sees to it that it leaves no remainder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.shapes.dim import AnyDim, Dim, divide, hyper, quotients
from nodes.core.shapes.shape import Shape, show_shape

_COUNT = re.compile(r"(?:num_|n_)([a-z][a-z0-9_]*?)s?")


@dataclass(slots=True)
class DivisibilityConstraints:
    """The quotients of one model.

    Attributes:
        values: the hyperparameters that are whole numbers.
        taken: names that a property must not have.
        named: the whole and the part of each named quotient.
        divisions: each whole that must be a multiple of a part, in the order they were met.
    """

    values: Mapping[str, int]
    taken: frozenset[str]
    named: dict[str, tuple[str, str]] = field(default_factory=dict)
    divisions: dict[tuple[AnyDim, AnyDim], None] = field(default_factory=dict)
    _short: dict[Dim, AnyDim] = field(default_factory=dict)

    def meet(self, size: AnyDim) -> None:
        """Remember what must divide for a size to be whole."""
        if not isinstance(size, Dim) or size.frees:
            return
        if self.shorten(size) is size:
            self.divisions.update(dict.fromkeys(quotients(size)))

    def shorten(self, size: AnyDim) -> AnyDim:
        """Write a size by the name of the quotient in it, if it has one that people name."""
        if not isinstance(size, Dim):
            return size
        if size not in self._short:
            self._short[size] = self._shortened(size)
        return self._short[size]

    def show(self, shape: Shape) -> str:
        """Write a shape with the names of quotients."""
        return show_shape(tuple(self.shorten(size) for size in shape))

    def _shortened(self, size: Dim) -> AnyDim:
        for whole, part in quotients(size):
            pair = self._pair(whole, part)
            word = pair and _COUNT.fullmatch(pair[1])
            name = f"{word[1]}_dim" if word else ""
            if not word or name in self.taken or self.named.get(name, pair) != pair:
                continue
            short = divide(size * hyper(pair[1]), hyper(pair[0])) * hyper(name)
            if not quotients(short):
                self.named[name] = pair
                self.divisions[hyper(pair[0]), hyper(pair[1])] = None
                return short
        return size

    def _pair(self, whole: AnyDim, part: AnyDim) -> tuple[str, str] | None:
        """Find the one hyperparameter in ``whole`` that ``part`` divides by itself."""
        if not isinstance(part, Dim) or len(part.hypers) != 1 or not isinstance(whole, Dim):
            return None
        (below,) = part.hypers
        if part is not hyper(below) or not self.values.get(below):
            return None
        fit = [n for n in sorted(whole.hypers) if self.values.get(n, 1) % self.values[below] == 0]
        return (fit[0], below) if len(fit) == 1 else None
