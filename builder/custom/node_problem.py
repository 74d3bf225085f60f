"""What is wrong with a file or a package of custom nodes, as a value."""

from dataclasses import dataclass

from nodes.core.files.strict_json import quote


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """What is wrong with a file or a package.

    Attributes:
        source: the path of the file, or the name of the package.
        message: "expected ..., got ...; what to do", without a full stop.
        line: the line, from 1, if known.
    """

    source: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = (
            quote(self.source) if self.line is None else f"{quote(self.source)}, line {self.line}"
        )
        return f"{where}: {self.message}"


class Faulty(Exception):
    """A file or a package of custom nodes cannot be used.

    Attributes:
        problem: why.
    """

    def __init__(self, problem: NodeProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem
