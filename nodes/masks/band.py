"""Masks that are true in a band around the diagonal."""

from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.reach import Reach
from nodes.core.time.time_fields import band_mask


def length_and_device(x: Expr) -> tuple[Expr, Expr]:
    """Write the number of steps of a sequence, and its device."""
    return x.attr("shape")[1], x.attr("device")


def band(context: FieldContext, reach: Reach) -> Fields:
    """Return the field of a mask that is true where a reach allows it."""
    mask = band_mask(context.read(), "T", context.dims["T"], reach)
    return {"output": build(mask, [[0], [1]])}
