"""Check a model: infer a tensor spec for every port, and report all problems at once, as values."""

from codegen.check.check import Report, check, with_hints
from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph, CheckedNode
from codegen.check.problem import Problem, Severity
from nodes.core.graphs.location import Location

__all__ = [
    "CheckCache",
    "CheckedGraph",
    "CheckedNode",
    "Location",
    "Problem",
    "Report",
    "Severity",
    "check",
    "with_hints",
]
