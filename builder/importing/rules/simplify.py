"""Removes rearrangements that undo each other, such as those around convolutions.

A Transpose moves behind functions of elements, until it meets another one that undoes it, or heads
that are split or merged.
"""

from collections.abc import Callable, Sequence

from builder.importing.rules.steps import Source, Step, Steps
from builder.importing.tracing.trace import Trace
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.pattern import SPREAD
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.merge.add import Add
from nodes.merge.multiply import Multiply
from nodes.reshape.reshape import Reshape
from nodes.reshape.transpose import Transpose

_SPLIT = "B T (size D) -> B T size D"


def simplify(trace: Trace, steps: Steps) -> None:
    """Simplify the steps of a model, until nothing changes."""
    _merge_equal(steps)
    changes: Sequence[Callable[[Trace, Steps, Step], bool]] = (_cancel, _heads, _move_behind)
    while any(change(trace, steps, step) for step in list(steps.sources) for change in changes):
        pass


def _merge_equal(steps: Steps) -> None:
    """Merge steps of a module that compute the same, such as a mask that several layers read."""
    known: dict[object, Step] = {}
    for step in reversed(list(steps.sources)):
        is_random = isinstance(step.node, Dropout | Composite | Unknown)
        if step.weights or is_random or len(step.node.outputs) != 1:
            continue
        first = known.setdefault((step.node, step.scope, _reads(steps, step)), step)
        if first is not step:
            steps.redirect(step, Source(first))
            del steps.sources[step]


def _reads(steps: Steps, step: Step) -> frozenset[tuple[str, Source]]:
    return frozenset(steps.sources[step].items())


def _only(steps: Steps, step: Step) -> Step | None:
    """Return the step that the only input of a step reads; None if it reads an input."""
    sources = list(steps.sources[step].values())
    of = sources[0].of if len(sources) == 1 else None
    return of if isinstance(of, Step) else None


def _cancel(trace: Trace, steps: Steps, step: Step) -> bool:
    """Remove a Transpose of a Transpose of the same dimensions."""
    before = _only(steps, step)
    if before is None or not isinstance(step.node, Transpose) or before.node != step.node:
        return False
    steps.redirect(step, steps.sources[before]["input"])
    del steps.sources[step]
    _drop(steps, before)
    return True


def _drop(steps: Steps, step: Step) -> None:
    """Remove a step that nothing reads."""
    if not steps.readers(step) and all(output.of is not step for output in steps.outputs):
        del steps.sources[step]


def _heads(trace: Trace, steps: Steps, step: Step) -> bool:
    """Join a Reshape and a Transpose that split or merge heads."""
    before = _only(steps, step)
    if before is None or step not in steps.sources:
        return False
    first, second = before.node, step.node
    node: Node | None = None
    if isinstance(first, Reshape) and second == Transpose(dim0=1, dim1=2):
        node = SplitHeads(num_heads=first.size) if first.pattern == _SPLIT else None
    if isinstance(second, Reshape) and first == Transpose(dim0=1, dim1=2):
        left, _, right = second.pattern.partition(" -> ")
        words = left.split()
        if len(words) == 4 and right == "{} {} ({} {})".format(*words):
            node = MergeHeads()
    if node is None:
        return False
    step.node, step.name = node, "split_heads" if isinstance(node, SplitHeads) else "merge_heads"
    steps.sources[step] = {"input": steps.sources[before]["input"]}
    _drop(steps, before)
    return True


def _move_behind(trace: Trace, steps: Steps, step: Step) -> bool:
    """Swap a node with the Transpose of what it reads, where it keeps these dimensions apart."""
    if step not in steps.sources or not steps.readers(step):
        return False
    sources = steps.sources[step]
    befores = [x.of for x in sources.values() if isinstance(x.of, Step)]
    if not befores or len(befores) < len(sources):
        return False
    first = befores[0].node
    ranks = {_rank(trace, one) for one in befores}
    if any(one.node != first for one in befores) or None in ranks or len(ranks) > 1:
        return False
    if not isinstance(first, Transpose) or not _keeps(step.node, first, ranks.pop() or 0):
        return False
    scope, name = befores[0].scope, befores[0].name
    moved = Step(first, {}, scope, name, step.at, computes=step.computes)
    steps.redirect(step, Source(moved))
    step.computes = None
    kept = {one: steps.sources[one]["input"] for one in befores}
    steps.sources[step] = {port: kept[one] for port, one in zip(sources, befores, strict=True)}
    steps.sources[moved] = {"input": Source(step)}
    for one in kept:
        _drop(steps, one)
    return True


def _rank(trace: Trace, step: Step) -> int | None:
    computed = step.computes
    return None if computed is None or trace.dtype(computed) is None else len(trace.shape(computed))


def _keeps(node: Node, swap: Transpose, rank: int) -> bool:
    """Tell whether a node treats the elements along two dimensions apart."""
    if isinstance(node, Unknown | Composite):
        return False
    if isinstance(node, Add | Multiply | Dropout | Embedding):
        return True
    patterns = [port.parsed for port in (*node.inputs, *node.outputs)]
    if len(patterns) != 2 or SPREAD not in node.each or not all(x.spread for x in patterns):
        return False
    leading = rank - len(patterns[0].after)
    return not any(x.before for x in patterns) and max(swap.dim0, swap.dim1) < leading
