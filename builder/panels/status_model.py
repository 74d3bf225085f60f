"""The status text: the size of the graph, its problems, and the size of the model."""

from builder.canvas.active_graph import ActiveGraph
from builder.panels.form_model import number, plural
from codegen.check import Report, Severity
from codegen.cost import Cost


def graph_size(active: ActiveGraph) -> str:
    """Count what the graph that is shown consists of."""
    nodes, edges = len(active.graph.nodes), len(active.graph.edges)
    return f"{plural(nodes, 'node')}   {plural(edges, 'edge')}"


def problem_count(report: Report) -> tuple[str, Severity | None]:
    """Tell how many problems there are, and how bad the worst is."""
    bad = [one.severity for one in report.problems if one.severity is not Severity.HINT]
    if not bad:
        return "no problems", None
    return plural(len(bad), "problem"), bad[0]


def model_size(cost: Cost | None) -> str:
    """Tell how large the model is."""
    return f"{number(cost.parameters)} parameters" if cost is not None else ""
