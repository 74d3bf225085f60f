"""Problems as values: location, what was expected and what was found, and remedies."""

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Protocol

from codegen.check.remedy import Remedy
from nodes.core.graphs.location import Location


class Severity(Enum):
    """The severity of a problem."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Verifier(Protocol):
    """Finds the remedies of problems."""

    def remedies(self, problem: "Problem") -> tuple[Remedy, ...]:
        """Return the remedies that remove a problem without creating another."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, a warning or a hint about a model.

    Attributes:
        severity: an error keeps the model from being compiled.
        location: the location of the cause.
        message: "expected ..., got ...", without the location and without a full stop.
        candidates: edits that may be remedies, the most likely first; nothing has tried them.
        cause: what a node or a port raised, if anything.
        verifier: tries the candidates; None before the check is complete.
    """

    severity: Severity
    location: Location
    message: str
    candidates: tuple[Remedy, ...] = ()
    cause: ValueError | None = field(default=None, compare=False, repr=False)
    verifier: Verifier | None = field(default=None, compare=False, repr=False)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The quick fixes that are verified, the best first; found when they are first read."""
        return self.verifier.remedies(self) if self.verifier else ()

    @property
    def sentence(self) -> str:
        """The message with its full stop, if it does not end with a question mark."""
        return self.message if self.message.endswith("?") else f"{self.message}."

    def __str__(self) -> str:
        location = str(self.location)
        text = f"{location}: {self.sentence}" if location else self.sentence
        titles = [remedy.title for remedy in self.remedies]
        return f"{text} {join_titles(titles)}." if titles else text


def join_titles(titles: list[str]) -> str:
    """Join titles to a sentence such as "Set num_heads to 4 or 8, or remove the edge to a.x"."""
    sentence = titles[0]
    for before, title in pairwise(titles):
        action, to, value = title.rpartition(" to ")
        if to and before.rpartition(" to ")[0] == action:
            sentence += f" or {value}"
        else:
            sentence += f", or {title[0].lower()}{title[1:]}"
    return sentence
