"""Draws sizes, numbers and choices, and writes them as numbers or by names of hyperparameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

from benchmarks.campaign.reference.fields import evaluate
from benchmarks.campaign.reference.outcome import ImpossibleError

Parameters = dict[str, object]
WIDTHS = (2, 3, 4, 6, 8, 9, 10, 12, 16)


@dataclass
class Drawing:
    """Draws the values of parameters.

    Attributes:
        random: the source of randomness.
        hyperparameters: the hyperparameters of the document.
        dropout: whether probabilities of dropout may be above 0.
        causal: nodes do not look ahead.
    """

    random: Random
    hyperparameters: Mapping[str, object]
    dropout: bool = True
    causal: bool = False

    def __post_init__(self) -> None:
        names = [name for name, value in self.hyperparameters.items() if type(value) is int]
        texts = [*names, *(f"{a} {s} {b}" for a, b, s in product(names, names, ("+", "-", "*")))]
        texts += [f"{a} // {b}" for a, b in product(names, names) if a != b]
        texts += [f"{n} * {a}" for n, a in product((2, 3, 4), names)]
        texts += [f"({a} + {n}) // 2" for n, a in product((0, 1, 2), names)]
        self.expressions: dict[int, list[str]] = {}
        for text in texts:
            try:
                value = evaluate(text, self.hyperparameters)
            except ImpossibleError:
                continue
            if value > 1:
                self.expressions.setdefault(value, []).append(text)

    def flip(self, chance: float) -> bool:
        return self.random.random() < chance

    def choose(self, *values: object) -> object:
        return self.random.choice(values)

    def size(self, value: int) -> int | str:
        """Write a size as a number, or as an expression of the same value."""
        known = self.expressions.get(value)
        return self.random.choice(known) if known and self.flip(0.35) else value

    def width(self) -> int | str:
        """Draw a width."""
        if self.flip(0.3):
            return self.size(self.random.choice([*self.expressions] or WIDTHS) % 40 or 4)
        return self.size(self.random.choice(WIDTHS))

    def number(self, *values: float) -> float | str:
        """Draw a number, or a hyperparameter that has one of the values."""
        value = self.random.choice(values)
        named = [name for name, known in self.hyperparameters.items() if known == value]
        named = [name for name in named if type(self.hyperparameters[name]) is float]
        if self.flip(0.15):
            names = [name for name, known in self.hyperparameters.items() if type(known) is int]
            n = self.random.choice(names)
            return self.choose(
                f"{value} * {n} / {n}", f"{n} ** 0 * {value}", f"{n} - {n} + {value}"
            )
        return self.random.choice(named) if named and self.flip(0.4) else value

    def probability(self) -> float | str:
        return self.number(0.1, 0.3, 0.0) if self.dropout else 0.0

    def word(self, *names: str) -> str:
        """Draw a choice, or a hyperparameter that holds one."""
        held = [name for name, value in self.hyperparameters.items() if value in names]
        return self.random.choice(held) if held and self.flip(0.3) else self.random.choice(names)

    def flag(self, chance: float = 0.5) -> bool:
        return self.flip(chance)

    def axis(self, rank: int) -> int:
        """Draw the index of one of the dimensions."""
        return self.random.randrange(-rank, rank) if rank else 0

    def copies(self) -> Parameters:
        count = self.random.choice((1, 1, 1, 2, 2, 3, "r"))
        return {"repeat": count, "share": self.flag(0.3)} if count != 1 else {}
