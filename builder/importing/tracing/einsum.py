"""Writes ``einsum`` of two operands as a product of matrices, for which there are rules."""

from typing import Any

import torch
from torch import Tensor, fx

from builder.importing.tracing.operators import arg, op


def replace_einsums(graph: fx.Graph) -> None:
    """Replace each ``einsum`` of two operands that sums over one dimension."""
    for node in list(graph.nodes):
        if op(node) != "einsum":
            continue
        equation, operands = arg(node, 0).replace(" ", ""), arg(node, 1)
        inputs, arrow, output = equation.partition("->")
        terms = inputs.split(",")
        if arrow and len(terms) == 2 and "." not in equation:
            with graph.inserting_before(node):
                product = _product(graph, node, terms, output, operands)
            if product is not None:
                node.replace_all_uses_with(product)


def _product(
    graph: fx.Graph, node: fx.Node, terms: list[str], output: str, operands: list[fx.Node]
) -> fx.Node | None:
    left, right = terms
    if any(len({*term}) < len(term) for term in (left, right, output)):
        return None
    summed = [x for x in left if x in right and x not in output]
    batch = [x for x in left if x in right and x in output]
    rows = [x for x in left if x not in right]
    columns = [x for x in right if x not in left]
    fits = len(rows) == 1 or (not batch and rows)
    if len(summed) != 1 or len(columns) != 1 or not fits:
        return None
    if {*left, *right} != {*output, *summed}:
        return None
    first = _permuted(graph, node, operands[0], left, [*batch, *rows, *summed])
    second = _permuted(graph, node, operands[1], right, [*batch, *columns, *summed])
    second = _added(graph, node, torch.ops.aten.transpose.int, second, -2, -1)
    product = _added(graph, node, torch.ops.aten.matmul.default, first, second)
    return _permuted(graph, node, product, "".join([*batch, *rows, *columns]), list(output))


def _permuted(
    graph: fx.Graph, node: fx.Node, value: fx.Node, names: str, wanted: list[str]
) -> fx.Node:
    order = [names.index(name) for name in wanted]
    moved = [i for i, before in enumerate(order) if i != before]
    if not moved:
        return value
    if len(moved) == 2:
        return _added(graph, node, torch.ops.aten.transpose.int, value, *moved)
    return _added(graph, node, torch.ops.aten.permute.default, value, order)


def _added(graph: fx.Graph, node: fx.Node, target: Any, *args: Any) -> fx.Node:
    """Add an operator in the place of another one, with its value on fake tensors."""
    added = graph.call_function(target, args)
    values = [x.meta["val"] if isinstance(x, fx.Node) else x for x in args]
    fake = next(x for x in values if isinstance(x, Tensor)).fake_mode  # type: ignore[attr-defined]
    with fake:
        value = target(*values)
    added.meta = {**node.meta, "val": value}
    return added
