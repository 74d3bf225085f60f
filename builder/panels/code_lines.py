"""The lines of the code panel, and the nodes that each line was generated from."""

from collections.abc import Collection
from dataclasses import dataclass

from builder.document.analysis import Code
from builder.panels.form_model import plural
from nodes.core.graphs.location import Location


@dataclass(frozen=True, slots=True)
class SourceLines:
    """The code of a model without errors.

    Attributes:
        lines: the lines, without line breaks.
        nodes: the nodes of each line.
    """

    lines: tuple[str, ...] = ()
    nodes: tuple[tuple[Location, ...], ...] = ()

    def at(self, line: int) -> tuple[Location, ...]:
        """Return the nodes of a line, counted from 0."""
        return self.nodes[line] if line < len(self.nodes) else ()

    def of_nodes(self, graph: str, names: Collection[str]) -> frozenset[int]:
        """Return the lines generated from some nodes of a graph."""
        if not names:
            return frozenset()
        return frozenset(
            line
            for line, nodes in enumerate(self.nodes)
            if any(location.graph == graph and location.node in names for location in nodes)
        )


def source_lines(code: Code, before: SourceLines) -> SourceLines:
    """Split code into lines; return the earlier ones if they are equal."""
    lines = SourceLines(tuple(code.source.splitlines()), code.lines)
    return before if lines == before else lines


def stale_reason(code: Code | None, has_earlier: bool) -> str:
    """Return why there is no code of the current model; "" if there is.

    Args:
        code: the last result of the compiler.
        has_earlier: there is code of an earlier model.
    """
    if code is None:
        return "" if has_earlier else "compiling ..."
    if code.source:
        return ""
    errors = plural(len(code.errors), "error")
    if has_earlier:
        return f"the model has {errors}: this is the code before them"
    return f"no code yet: the model has {errors}"
