"""Sizes that are exact quotients of hyperparameters, such as the size of an attention head.

The sizes of a model -> the quotients with a conventional name: ``d_model / num_heads`` is
``head_dim``, a property of the ``Config``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.shapes.dim import AnyDim, Dim, divide, hyper
from nodes.core.shapes.quotients import quotients

_COUNT = re.compile(r"(?:num_|n_)([a-z][a-z0-9_]*?)s?")


@dataclass(slots=True)
class NamedQuotients:
    """The quotients of one model.

    Attributes:
        values: the hyperparameters that are whole numbers.
        reserved: names that a property must not have.
        named: dividend and divisor of each named quotient.
    """

    values: Mapping[str, int]
    reserved: frozenset[str]
    named: dict[str, tuple[str, str]] = field(default_factory=dict)
    _simplified: dict[Dim, AnyDim] = field(default_factory=dict)

    def simplify(self, size: AnyDim) -> AnyDim:
        """Rewrite a size by the name of the quotient in it, if there is a conventional one."""
        if not isinstance(size, Dim):
            return size
        if size not in self._simplified:
            self._simplified[size] = self._by_named_quotient(size)
        return self._simplified[size]

    def _by_named_quotient(self, size: Dim) -> AnyDim:
        for dividend, divisor in quotients(size):
            pair = self._hyperparameters(dividend, divisor)
            if pair is None:
                continue
            word = _COUNT.fullmatch(pair[1])
            name = f"{word[1]}_dim" if word else ""
            if not word or name in self.reserved or self.named.get(name, pair) != pair:
                continue
            simplified = divide(size * hyper(pair[1]), hyper(pair[0])) * hyper(name)
            if not quotients(simplified):
                self.named[name] = pair
                return simplified
        return size

    def _hyperparameters(self, dividend: AnyDim, divisor: AnyDim) -> tuple[str, str] | None:
        """Find the only hyperparameter in the dividend that the divisor, alone, divides."""
        if not isinstance(divisor, Dim) or len(divisor.hypers) != 1:
            return None
        (count,) = divisor.hypers
        if divisor is not hyper(count) or not self.values.get(count):
            return None
        names = sorted(dividend.hypers) if isinstance(dividend, Dim) else []
        divisible = [name for name in names if self.values.get(name, 1) % self.values[count] == 0]
        return (divisible[0], count) if len(divisible) == 1 else None
