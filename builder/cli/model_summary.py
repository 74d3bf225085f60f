"""The table of a model: its nodes with their shapes and what they cost."""

from collections.abc import Iterator, Mapping
from typing import Any

from codegen.check import Report
from codegen.cost import Row, rows, total
from nodes.core.graphs.graph import Model
from nodes.core.shapes.shape import show_shape

COLUMNS = ("node", "type", "output", "#parameters", "#FLOPs")


def summary_rows(
    model: Model, report: Report, run: Mapping[str, int]
) -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """Make the table's columns and rows; the last row is the whole model."""

    def listed() -> Iterator[tuple[str, ...]]:
        for row in rows(model, report.main, run):
            yield row.node, row.type, _shape(row), *_numbers(row.cost)
        yield "total", "", "tied weights once", *_numbers(total(model, report.main, run))

    return COLUMNS, listed()


def summary_as_data(model: Model, report: Report, run: Mapping[str, int]) -> dict[str, Any]:
    """Make the table as plain data."""
    whole = total(model, report.main, run)
    return {
        "nodes": [
            {
                "node": row.node,
                "type": row.type,
                "output": _shape(row),
                "parameters": row.cost.parameters,
                "flops": row.cost.flops,
            }
            for row in rows(model, report.main, run)
        ],
        "parameters": whole.parameters,
        "flops": whole.flops,
    }


def _shape(row: Row) -> str:
    return show_shape(row.spec.shape) if row.spec else ""


def _numbers(cost: object) -> tuple[str, str]:
    return f"{cost.parameters:,}", f"{cost.flops:,}"
