"""Problems of specs that do not fit their port, with remedies."""

from collections.abc import Mapping
from typing import TypeGuard

from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem
from codegen.check.remedy import (
    Disconnect,
    Insert,
    Remedy,
    SetHyperparameter,
    SetParameter,
)
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node import InputMismatch, Node
from nodes.core.graphs.port import Kind, KindMismatch
from nodes.core.shapes.dim import AnyDim, Dim, show, substitute
from nodes.core.shapes.shape import IndivisibleSize, Shape, ShapeMismatch

MOST_PARTS = 1024
"""The most equal parts that a remedy proposes to split a size into."""


def mismatch_problem(context: NodeContext, node: Node, error: InputMismatch) -> Problem:
    """Report a spec that does not fit its port, and its source."""
    port, cause = error.port, error.cause
    source = _sources(context, node).get(port)
    remedies: list[Remedy] = []
    if isinstance(cause, KindMismatch):
        remedies = _kind_remedies(context, port, cause)
    elif isinstance(cause, ShapeMismatch):
        remedies = shape_remedies(context, node, port, cause, source)
    target = PortRef(context.node, port)
    if not remedies and target in context.graph.edges:
        remedies = [Disconnect(context.graph_name, target)]
    origin = f" from {source}" if source else ""
    return context.error(f"{cause}{origin}", *remedies, port=port)


def _sources(context: NodeContext, node: Node) -> Mapping[str, PortRef]:
    """Find the source of each input port, defaults included."""
    sources = dict(context.graph.arriving[context.node])
    for port in node.inputs:
        if port.name not in sources and port.default in sources:
            sources[port.name] = sources[port.default]
    return sources


def _kind_remedies(context: NodeContext, port: str, cause: KindMismatch) -> list[Remedy]:
    target = PortRef(context.node, port)
    embeds = (cause.expected, cause.arrived) == (Kind.FEATURES, Kind.TOKENS)
    if not embeds or target not in context.graph.edges:
        return []
    vocabulary = "vocab_size" if "vocab_size" in context.model.hyperparameters else 256
    sizes = (("num_embeddings", vocabulary), ("embedding_dim", 128))
    return [Insert(context.graph_name, target, "Embedding", sizes)]


def shape_remedies(
    context: NodeContext,
    node: Node,
    port: str,
    cause: ShapeMismatch,
    source: PortRef | None,
) -> list[Remedy]:
    """Propose to set a parameter of this node or of the source, or to insert a Linear."""
    known, arrived = cause.known, cause.arrived
    if isinstance(known, tuple) or isinstance(arrived, tuple):
        return _last_size_remedies(context, port, known, arrived)
    if isinstance(cause, IndivisibleSize):
        return _divisor_remedies(context, node, cause.word, known, arrived)
    remedies: list[Remedy] = []
    if cause.word in node.size_fields and arrived is not None:
        remedies.append(SetParameter(context.graph_name, context.node, cause.word, arrived))
    if source is not None and _is_static(known):
        remedies += _source_remedies(context, source, known, arrived)
    target = PortRef(context.node, port)
    taken = node.find_input(port)
    last = taken.parsed.items[-1:] if taken else ()
    fits_linear = taken is not None and taken.kind is Kind.FEATURES and last == (cause.word,)
    if fits_linear and target in context.graph.edges and _is_static(known):
        remedies.append(_insert_linear(context, target, known))
    return remedies


def _insert_linear(context: NodeContext, target: PortRef, size: AnyDim) -> Insert:
    return Insert(context.graph_name, target, "Linear", (("out_features", size),))


def _divisor_remedies(
    context: NodeContext,
    node: Node,
    field: str | None,
    parts: AnyDim | None,
    size: AnyDim | None,
) -> list[Remedy]:
    """Propose the nearest divisors of a size for the number of its parts."""
    if field is None or field not in node.size_fields or parts is None or size is None:
        return []
    values = context.model.sizes
    count, whole = substitute(parts, values), substitute(size, values)
    if not (isinstance(count, int) and isinstance(whole, int)):
        return []
    divisors = [n for n in range(1, min(whole, MOST_PARTS) + 1) if whole % n == 0]
    nearest = sorted(divisors, key=lambda divisor: (abs(divisor - count), divisor))[:2]
    name = show(parts)
    if name in values:
        return [SetHyperparameter(name, divisor) for divisor in nearest]
    return [SetParameter(context.graph_name, context.node, field, n) for n in nearest]


def _source_remedies(
    context: NodeContext, source: PortRef, known: AnyDim, arrived: AnyDim | None
) -> list[Remedy]:
    """Propose to set the parameter of the source that the mismatching size comes from."""
    node = context.graph.nodes.get(source.node)
    if node is None:
        return []
    names = [n for n in node.size_fields if n != "repeat" and getattr(node, n) == arrived]
    return [
        SetParameter(context.graph_name, source.node, name, known, other_node=True)
        for name in names[:1]
    ]


def _last_size_remedies(
    context: NodeContext,
    port: str,
    known: AnyDim | Shape | None,
    arrived: AnyDim | Shape | None,
) -> list[Remedy]:
    """Propose a Linear where two shapes differ in their last size alone."""
    target = PortRef(context.node, port)
    if not (isinstance(known, tuple) and isinstance(arrived, tuple) and known and arrived):
        return []
    size = known[-1]
    same_lead = known[:-1] == arrived[:-1]
    if not same_lead or target not in context.graph.edges or not _is_static(size):
        return []
    return [_insert_linear(context, target, size)]


def _is_static(size: AnyDim | Shape | None) -> TypeGuard[AnyDim]:
    """Check that a size is the same in every run."""
    return isinstance(size, int) or (isinstance(size, Dim) and not size.frees)
