"""Problems as values: location, what was expected and what was found, and remedies."""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from codegen.check.remedy import Remedy


class Severity(Enum):
    """The severity of a problem."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Location:
    """A location in a model; an empty field stands for all that the fields before it contain.

    Attributes:
        graph: the block, "" for the main graph.
        node: the node in it.
        port: the port of the node.
        parameter: the parameter of the node; without a node, a hyperparameter or a field of the
            recipe.
    """

    graph: str = ""
    node: str = ""
    port: str = ""
    parameter: str = ""

    def __str__(self) -> str:
        member = self.port or self.parameter
        path = f"{self.node}.{member}" if self.node and member else self.node or member
        return f"{self.graph}/{path}" if self.graph and path else self.graph or path


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, a warning or a hint about a model.

    Attributes:
        severity: an error keeps the model from being compiled.
        where: the location of the cause.
        message: "expected ..., got ...", without the location and without a full stop.
        remedies: quick fixes, the most likely first.
    """

    severity: Severity
    where: Location
    message: str
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        location = str(self.where)
        text = f"{location}: {self.message}." if location else f"{self.message}."
        return f"{text} {_join([one.title for one in self.remedies])}." if self.remedies else text


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
