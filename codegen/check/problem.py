"""Problems as values: location, what was expected and what was found, and remedies."""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from codegen.check.remedy import Remedy
from nodes.core.graphs.location import Location


class Severity(Enum):
    """The severity of a problem."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, a warning or a hint about a model.

    Attributes:
        severity: an error keeps the model from being compiled.
        location: the location of the cause.
        message: "expected ..., got ...", without the location and without a full stop.
        remedies: quick fixes, the most likely first.
    """

    severity: Severity
    location: Location
    message: str
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        location = str(self.location)
        text = f"{location}: {self.message}." if location else f"{self.message}."
        return (
            f"{text} {_join([remedy.title for remedy in self.remedies])}."
            if self.remedies
            else text
        )


def _join(titles: list[str]) -> str:
    """Join titles to a sentence such as "Set num_heads to 4 or 8, or remove the edge to a.x"."""
    sentence = titles[0]
    for before, title in pairwise(titles):
        action, to, value = title.rpartition(" to ")
        if to and before.rpartition(" to ")[0] == action:
            sentence += f" or {value}"
        else:
            sentence += f", or {title[0].lower()}{title[1:]}"
    return sentence
