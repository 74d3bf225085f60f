"""Problems of the model as a whole: its ends, ties, hyperparameters, and the training recipe."""

from collections.abc import Iterable, Iterator

from codegen.check.bypass import BypassedGraph
from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location, Problem, Severity
from codegen.check.recipe_checks import recipe_names, recipe_problems
from codegen.check.remedy import AddNode, RemoveHyperparameter, RemoveNode, SetParameter
from nodes.core.graphs.graph import InputNode, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim
from nodes.core.shapes.size_comparison import Match, same
from nodes.io import BlockInput


def problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find what is wrong with the model beyond its single nodes."""
    yield from _ends(model, main)
    yield from _ties(model, main)
    if model.recipe is not None:
        yield from recipe_problems(model, main)


def _ends(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    graph = model.graph
    for name, block in model.blocks.items():
        for node_name, node in block.nodes.items():
            if isinstance(node, InputNode) and not isinstance(node, BlockInput):
                text = "this input belongs into the model; a block takes what a block input gives"
                mend = (RemoveNode(name, node_name),)
                yield Problem(Severity.ERROR, Location(name, node_name), text, mend)
        if not block.output_nodes:
            yield _no_output(model, name, block.nodes)
    if not graph.input_nodes:
        mend = AddNode("", "TokenInput")
        yield Problem(Severity.ERROR, Location(), "the model has no input", (mend,))
    if not graph.output_nodes:
        yield _no_output(model, "", main.order)


def _no_output(model: Model, name: str, order: Iterable[str]) -> Problem:
    """Propose to give out what nothing reads, the last of it."""
    graph = model.graphs[name]
    read = set(graph.edges.values())
    ends = [
        PortRef(one, port.name)
        for one in order
        for port in model.ports(graph.nodes[one])[1][:1]
        if PortRef(one, port.name) not in read
    ]
    mend = AddNode(name, "GraphOutput", (), ends[-1] if ends else None)
    what = "the block" if name else "the model"
    return Problem(Severity.ERROR, Location(name), f"{what} has no output", (mend,))


def _ties(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """See that tied weights exist and have one shape."""
    for checked in _every(main):
        tied = [n for n in checked.order if checked.graph.nodes[n].tied_to]
        for name in tied:
            text = _wrong_tie(checked, model, name, checked.graph.nodes[name].tied_to)
            if text:
                mend = SetParameter(checked.name, name, "tie", "")
                where = Location(checked.name, name, parameter="tie")
                yield Problem(Severity.ERROR, where, text, (mend,))


def _wrong_tie(checked: CheckedGraph, model: Model, name: str, other: str) -> str:
    if isinstance(checked.graph, BypassedGraph) and other in checked.graph.ways:
        return f"its weight is tied to {other}, which is bypassed"
    if other not in checked.graph.nodes:
        return f"its weight is tied to {ascii(other)}, but there is no such node here"
    if other == name:
        return "its weight is tied to itself"
    mine, theirs = (_weight(checked, one) for one in (name, other))
    if theirs is None or mine is None:
        return f"its weight is tied to {other}, which has no weight to share"
    values = model.sizes
    if len(mine) != len(theirs) or any(
        same(a, b, values) is Match.NO for a, b in zip(mine, theirs, strict=True)
    ):
        told = " x ".join(map(str, mine)), " x ".join(map(str, theirs))
        return f"its weight is {told[0]}, but that of {other}, to which it is tied, is {told[1]}"
    return ""


def _weight(checked: CheckedGraph, name: str) -> tuple | None:
    node: Node = checked.graph.nodes[name]
    found = checked.found.get(name)
    if not found or not found.inferred or found.inner is not None:
        return None
    return node.weights(found.inferred.dims).get("weight") if hasattr(node, "tie") else None


def _every(checked: CheckedGraph) -> Iterator[CheckedGraph]:
    """Walk through a checked graph and those inside it, each once."""
    waiting, seen = [checked], set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [found.inner for found in one.found.values() if found.inner is not None]


def unused(model: Model) -> Iterator[Problem]:
    """Remark on hyperparameters that nothing names, not even a node that is bypassed."""
    named = set(recipe_names(model.recipe))
    for graph in model.graphs.values():
        for node in graph.nodes.values():
            named |= named_by(node)
    for name in model.hyperparameters:
        if name not in named:
            where = Location(parameter=name)
            mend = (RemoveHyperparameter(name),)
            yield Problem(Severity.HINT, where, "nothing uses this hyperparameter", mend)


def named_by(node: Node) -> set[str]:
    """Find the hyperparameters that a node's parameters name."""
    named: set[str] = set()
    for key in node.open_fields:
        value = getattr(node, key)
        if isinstance(value, Dim):
            named |= value.hypers
        elif isinstance(value, Ref):
            named.add(value.name)
    return named
