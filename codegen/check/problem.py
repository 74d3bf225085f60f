"""Problems as values: where, what was expected, what arrived, and what would mend it."""

from dataclasses import dataclass
from enum import Enum

from codegen.check.remedy import Remedy


class Severity(Enum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a model; each part may be empty, for the whole of what is before it.

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
        last = self.port or self.parameter
        inside = f"{self.node}.{last}" if self.node and last else self.node or last
        return f"{self.graph}/{inside}" if self.graph and inside else self.graph or inside


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, or worth a remark.

    Attributes:
        severity: an error keeps the model from being compiled.
        where: the culprit.
        text: what was expected and what arrived, without the address.
        remedies: what would mend it, the likeliest first; each is data that can be applied.
    """

    severity: Severity
    where: Location
    text: str
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{place}: {self.text}." if place else f"{self.text}."
        if not self.remedies:
            return text
        told = ", or ".join(remedy.text for remedy in self.remedies)
        return f"{text} {told[0].upper()}{told[1:]}."
