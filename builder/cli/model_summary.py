"""The table of a model: its nodes with their shapes and costs."""

from collections.abc import Iterator, Mapping
from typing import Any

from codegen.check.checked_graph import CheckedGraph
from codegen.check.field_cache import FieldGraph
from codegen.check.reach_text import show_field
from codegen.cost import Cost, Row, rows, total
from nodes.core.graphs.graph import Model
from nodes.core.shapes.shape import show_shape

COLUMNS = ("node", "type", "output", "receptive field", "#parameters", "#FLOPs")


def summary_rows(
    model: Model, main: CheckedGraph, fields: FieldGraph, sizes: Mapping[str, int]
) -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """Return the titles of the columns and the rows; the last row is the whole model.

    Args:
        model: the model.
        main: its checked main graph.
        fields: the receptive fields in it.
        sizes: the sizes of the free dimensions.
    """

    def table() -> Iterator[tuple[str, ...]]:
        for row in rows(model, main, sizes):
            yield (
                row.node,
                row.type,
                _shape(row),
                "; ".join(_seen(row, fields)),
                *_numbers(row.cost),
            )
        yield "total", "", "tied weights once", "", *_numbers(total(model, main, sizes))

    return COLUMNS, table()


def summary_as_data(
    model: Model, main: CheckedGraph, fields: FieldGraph, sizes: Mapping[str, int]
) -> dict[str, Any]:
    """Return the table as plain data; arguments as for `summary_rows`."""
    whole = total(model, main, sizes)
    return {
        "nodes": [
            {
                "node": row.node,
                "type": row.type,
                "output": _shape(row),
                "receptive_field": _seen(row, fields),
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


def _seen(row: Row, fields: FieldGraph) -> list[str]:
    """Describe what the first output of a node sees of each input."""
    return (
        show_field(next(iter(fields.fields[row.node].values())))
        if row.node in fields.fields
        else []
    )


def _numbers(cost: Cost) -> tuple[str, str]:
    return f"{cost.parameters:,}", f"{cost.flops:,}"
