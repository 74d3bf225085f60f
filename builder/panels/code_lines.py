"""The code as the code panel knows it: its lines, and the nodes that each came from."""

from collections.abc import Collection
from dataclasses import dataclass

from builder.document.analysis import Code
from builder.panels.form_model import plural
from codegen.check.problem import Location


@dataclass(frozen=True, slots=True)
class SourceLines:
    """The code of a model that had no errors.

    Attributes:
        lines: without their ends.
        nodes: the nodes of each line.
    """

    lines: tuple[str, ...] = ()
    nodes: tuple[tuple[Location, ...], ...] = ()

    def at(self, line: int) -> tuple[Location, ...]:
        """Tell the nodes of a line, by its number from 0."""
        return self.nodes[line] if line < len(self.nodes) else ()

    def of_nodes(self, graph: str, names: Collection[str]) -> frozenset[int]:
        """Tell the lines that came from some nodes of a graph."""
        if not names:
            return frozenset()
        return frozenset(
            line
            for line, nodes in enumerate(self.nodes)
            if any(one.graph == graph and one.node in names for one in nodes)
        )


def source_lines(code: Code, before: SourceLines) -> SourceLines:
    """Read code; the source of before stays where nothing of it differs."""
    found = SourceLines(tuple(code.source.splitlines()), code.lines)
    return before if found == before else found


def stale_reason(code: Code | None, some: bool) -> str:
    """Tell why there is no code of the present model; "" where there is.

    Args:
        code: the newest answer of the compiler.
        some: there is code of an earlier model.
    """
    if code is None:
        return "" if some else "writing the code ..."
    if code.source:
        return ""
    errors = plural(len(code.errors), "error")
    if some:
        return f"the model has {errors}: this is the code of before"
    return f"there is no code yet: the model has {errors}"
