"""Check a model: every problem at once, as values, and a shape and kind on every port."""

from codegen.check.check import Report, check
from codegen.check.inference import CheckCache, CheckedGraph
from codegen.check.problem import Location, Problem, Severity

__all__ = ["CheckCache", "CheckedGraph", "Location", "Problem", "Report", "Severity", "check"]
