"""The texts of the status bar: the size of the graph, its problems, the size of the model."""

from builder.canvas.active_graph import ActiveGraph
from builder.panels.form_model import number, plural
from codegen.check import Report, Severity
from codegen.cost import Cost


def graph_size(active: ActiveGraph) -> str:
    """Count the nodes and edges of the active graph."""
    nodes, edges = len(active.graph.nodes), len(active.graph.edges)
    return f"{plural(nodes, 'node')}   {plural(edges, 'edge')}"


def problem_count(report: Report) -> tuple[str, Severity | None]:
    """Count the problems, except hints; also return the worst severity."""
    severities = [
        problem.severity for problem in report.problems if problem.severity is not Severity.HINT
    ]
    if not severities:
        return "no problems", None
    return plural(len(severities), "problem"), severities[0]


def model_size(cost: Cost | None) -> str:
    """Format the number of parameters; "" if it is unknown."""
    return f"{number(cost.parameters)} parameters" if cost is not None else ""
