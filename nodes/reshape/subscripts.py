"""Indices along one dimension, as values and in code."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr, Value
from nodes.core.shapes.dim import AnyDim, Dim, hyper
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_context import FieldContext


def bound(context: EmitContext, name: str, value: AnyDim | None) -> Expr | Value:
    """Write a bound of a slice; an expression is stored on the module, to keep the line short."""
    computed = isinstance(value, Dim) and value not in map(hyper, value.hypers)
    return context.store(name, value) if computed else context.lower(value)


def at_present(context: FieldContext, index: AnyDim, size: AnyDim) -> AnyDim:
    """Return a non-negative index for one that may count from the end, at its present value."""
    value = context.number(index)
    return value if value >= 0 else size + value


def from_front(index: AnyDim, size: AnyDim, dims: Bindings) -> AnyDim:
    """Return a non-negative index for one that may count from the end."""
    return size + index if dims.is_less(index, 0) else index


def subscript(x: Expr, dim: int, key: Expr | Value | slice) -> Expr:
    """Write a subscript on one dimension, with full slices on the others."""
    if dim == 0:
        return x[key]
    if dim > 0:
        return x[(*[slice(None)] * dim, key)]
    return x[(..., key, *[slice(None)] * (-1 - dim))]
