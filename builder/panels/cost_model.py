"""The costs of the nodes of the active graph, cached until the graph changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.document.analysis import COST_SIZES, Analysis
from codegen.check.checked_graph import CheckedGraph
from codegen.cost import NoCost, Row, rows
from nodes.core.graphs.graph import Model


@dataclass(slots=True)
class CostModel:
    """Caches the costs of one checked graph."""

    _checked: CheckedGraph | None = None
    _rows: Mapping[str, Row] = field(default_factory=dict)

    def is_current(self, checked: CheckedGraph | None) -> bool:
        """Return whether the costs of a graph are cached."""
        return checked is None or checked is self._checked

    def rows(
        self, model: Model, checked: CheckedGraph | None, analysis: Analysis | None = None
    ) -> Mapping[str, Row]:
        """Return the costs by node; nodes without shapes are left out.

        Args:
            model: the model.
            checked: one of its graphs.
            analysis: has the costs of the main graph.
        """
        if checked is None:
            return {}
        if checked is not self._checked:
            costs = analysis.costs if analysis and analysis.report.main is checked else None
            found = costs[0] if costs else _rows(model, checked)
            self._checked, self._rows = checked, {row.node: row for row in found}
        return self._rows


def _rows(model: Model, checked: CheckedGraph) -> list[Row]:
    try:
        return rows(model, checked, COST_SIZES)
    except NoCost:
        return []
