"""The table of a model: its nodes with their shapes and costs."""

from collections.abc import Iterator, Mapping
from typing import Any

from codegen.check.checked_graph import CheckedGraph
from codegen.cost import Cost, Row, rows, total
from nodes.core.graphs.graph import Model
from nodes.core.shapes.shape import show_shape

COLUMNS = ("node", "type", "output", "#parameters", "#FLOPs")


def summary_rows(
    model: Model, main: CheckedGraph, sizes: Mapping[str, int]
) -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """Return the titles of the columns and the rows; the last row is the whole model.

    Args:
        model: the model.
        main: its checked main graph.
        sizes: the sizes of the free dimensions.
    """

    def table() -> Iterator[tuple[str, ...]]:
        for row in rows(model, main, sizes):
            yield row.node, row.type, _shape(row), *_numbers(row.cost)
        yield "total", "", "tied weights once", *_numbers(total(model, main, sizes))

    return COLUMNS, table()


def summary_as_data(model: Model, main: CheckedGraph, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the table as plain data."""
    whole = total(model, main, sizes)
    return {
        "nodes": [
            {
                "node": row.node,
                "type": row.type,
                "output": _shape(row),
                "parameters": row.cost.parameters,
                "flops": row.cost.flops,
            }
            for row in rows(model, main, sizes)
        ],
        "parameters": whole.parameters,
        "flops": whole.flops,
    }


def _shape(row: Row) -> str:
    return show_shape(row.spec.shape) if row.spec else ""


def _numbers(cost: Cost) -> tuple[str, str]:
    return f"{cost.parameters:,}", f"{cost.flops:,}"
