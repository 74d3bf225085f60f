"""What the nodes of the graph that is shown cost, worked out once for each state of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.document.analysis import COST_SIZES, Analysis
from codegen.check.inference import CheckedGraph
from codegen.cost import Row, rows
from nodes.core.graphs.graph import Model


@dataclass(slots=True)
class CostModel:
    """Remembers the newest answer."""

    _checked: CheckedGraph | None = None
    _rows: Mapping[str, Row] = field(default_factory=dict)

    def known(self, checked: CheckedGraph | None) -> bool:
        """Tell whether the answer for a graph is there."""
        return checked is None or checked is self._checked

    def rows(
        self, model: Model, checked: CheckedGraph | None, analysis: Analysis | None = None
    ) -> Mapping[str, Row]:
        """Tell what each node costs, by name; nodes without shapes are left out.

        Args:
            model: the model.
            checked: one of its graphs.
            analysis: knows, or works out once for all panels, what the main graph costs.
        """
        if checked is None:
            return {}
        if checked is not self._checked:
            whole = analysis.costs if analysis and analysis.report.main is checked else None
            found = whole[0] if whole else rows(model, checked, COST_SIZES)
            self._checked, self._rows = checked, {row.node: row for row in found}
        return self._rows
