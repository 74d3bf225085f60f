"""Check a model: every problem at once, as values, and a shape and kind on every port."""

from codegen.check.check import Report, check
from codegen.check.inference import Checked, Memory
from codegen.check.problem import Address, Problem, Severity

__all__ = ["Address", "Checked", "Memory", "Problem", "Report", "Severity", "check"]
