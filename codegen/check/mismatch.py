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
from nodes.core.shapes.shape import IndivisibleSize, ShapeMismatch, SizeMismatch, SpreadMismatch

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
    sources = dict(context.graph.sources[context.node])
    for port in node.inputs:
        if port.name not in sources and port.default in sources:
            sources[port.name] = sources[port.default]
    return sources


def _kind_remedies(context: NodeContext, port: str, cause: KindMismatch) -> list[Remedy]:
    target = PortRef(context.node, port)
    embeds = (cause.expected, cause.actual) == (Kind.FEATURES, Kind.TOKENS)
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
    if isinstance(cause, SpreadMismatch):
        return _last_size_remedies(context, port, cause)
    if isinstance(cause, IndivisibleSize):
        return _divisor_remedies(context, node, cause)
    if not isinstance(cause, SizeMismatch):
        return []
    remedies: list[Remedy] = []
    if cause.word in node.size_fields and _is_static(cause.actual):
        remedies.append(SetParameter(context.graph_name, context.node, cause.word, cause.actual))
    if not _is_static(cause.expected):
        return remedies
    if source is not None:
        remedies += _source_remedies(context, source, cause.expected, cause.actual)
    target = PortRef(context.node, port)
    declared = node.find_input(port)
    last = declared.parsed.items[-1:] if declared else ()
    is_features = declared is not None and declared.kind is Kind.FEATURES
    fits_linear = is_features and last == (cause.word,)
    if fits_linear and target in context.graph.edges:
        remedies.append(_insert_linear(context, target, cause.expected))
    return remedies


def _insert_linear(context: NodeContext, target: PortRef, size: AnyDim) -> Insert:
    return Insert(context.graph_name, target, "Linear", (("out_features", size),))


def _divisor_remedies(context: NodeContext, node: Node, cause: IndivisibleSize) -> list[Remedy]:
    """Propose the nearest divisors of a size for the number of its parts."""
    values = context.model.sizes
    parts, size = substitute(cause.parts, values), substitute(cause.actual, values)
    if not (isinstance(parts, int) and isinstance(size, int)):
        return []
    if cause.word not in node.size_fields:
        return []
    divisors = [n for n in range(1, min(size, MOST_PARTS) + 1) if size % n == 0]
    nearest = sorted(divisors, key=lambda divisor: (abs(divisor - parts), divisor))[:2]
    name = show(cause.parts)
    if name in values:
        return [SetHyperparameter(name, n) for n in nearest]
    return [SetParameter(context.graph_name, context.node, cause.word, n) for n in nearest]


def _source_remedies(
    context: NodeContext, source: PortRef, expected: AnyDim, actual: AnyDim
) -> list[Remedy]:
    """Propose to set the parameter of the source that the mismatching size comes from."""
    node = context.graph.nodes.get(source.node)
    if node is None:
        return []
    names = [n for n in node.size_fields if n != "repeat" and getattr(node, n) == actual]
    return [
        SetParameter(context.graph_name, source.node, name, expected, other_node=True)
        for name in names[:1]
    ]


def _last_size_remedies(context: NodeContext, port: str, cause: SpreadMismatch) -> list[Remedy]:
    """Propose a Linear where two shapes differ in their last size alone."""
    expected, actual = cause.expected, cause.actual
    target = PortRef(context.node, port)
    if not (expected and actual) or target not in context.graph.edges:
        return []
    if expected[:-1] != actual[:-1] or not _is_static(expected[-1]):
        return []
    return [_insert_linear(context, target, expected[-1])]


def _is_static(size: AnyDim | None) -> TypeGuard[AnyDim]:
    """Check that a size is the same in every run."""
    return isinstance(size, int) or (isinstance(size, Dim) and not size.frees)
