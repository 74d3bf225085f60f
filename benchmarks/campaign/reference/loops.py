"""Loops over steps: a block that runs once for each step of its sequences."""

from collections.abc import Callable, Mapping

import torch

from benchmarks.campaign.reference.call import Value
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError
from benchmarks.campaign.reference.signatures import PortRule

INNER_INPUTS = ("BlockInput", "StepInput", "StateInput")
ENDS = ("GraphOutput", "StateOutput")

Body = Callable[[Mapping[str, Value]], Mapping[str, Value | None]]
"""Computes what a step returns from its inputs."""


def may_be_absent(node: Mapping) -> bool:
    """Return whether an input of a block may have no edge."""
    return node["type"] == "StateInput" or bool(node.get("optional", False))


def ports(graph: Mapping) -> tuple[PortRule, ...]:
    """Return the input ports of a block."""
    return tuple(
        PortRule(name, "any", "0+", may_be_absent(node))
        for name, node in graph.get("nodes", {}).items()
        if node["type"] in INNER_INPUTS
    )


def is_body(graph: Mapping) -> bool:
    """Return whether a graph is the body of a loop."""
    return any(node["type"] == "StepInput" for node in graph.get("nodes", {}).values())


def pairs(graph: Mapping) -> dict[str, str]:
    """Return the state input of each state output.

    Raises:
        ImpossibleError: they are no pairs.
    """
    types = {name: node["type"] for name, node in graph.get("nodes", {}).items()}
    outputs = [name for name, found in types.items() if found == "StateOutput"]
    edges = graph.get("edges", {})
    found = {name: edges.get(f"{name}.state", "").rpartition(".")[0] for name in outputs}
    inputs = [name for name, one in types.items() if one == "StateInput"]
    if sorted(found.values()) != sorted(inputs) or (inputs and "StepInput" not in types.values()):
        raise ImpossibleError("states that are no pairs")
    return found


def check(
    graph: Mapping, given: Mapping[str, Value], repeat: object, rule: Callable[[str], None]
) -> None:
    """Record the rules of loops that a block breaks where it is placed.

    Raises:
        ImpossibleError: its states are no pairs.
    """
    states = {*pairs(graph).values()}
    if any(given[state].kind != "features" for state in states & given.keys()):
        rule("kind")
    if is_body(graph) and repeat != 1:
        rule("repeat of a loop")


def run(
    graph: Mapping, given: Mapping[str, Value], sizes: Mapping[str, int], body: Body
) -> dict[str, Value]:
    """Run a loop.

    Args:
        graph: the body.
        given: what is connected to its input nodes.
        sizes: the size of each state.
        body: computes one step.
    """
    types = {name: node["type"] for name, node in graph["nodes"].items()}
    states = pairs(graph)
    sequences = {name: x for name, x in given.items() if types[name] == "StepInput"}
    rows, steps = _extent(sequences)
    now = {state: given.get(state, zeros(rows, sizes[state])) for state in states.values()}
    if now.keys() - given.keys() and "features" not in {x.kind for x in given.values()}:
        raise ImpossibleError("zeros of no data type")
    for state, x in now.items():
        if x.tensor.shape != (rows, sizes[state]):
            raise ImpossibleError("a state of another shape")
    collected: list[Mapping[str, Value]] = []
    for step in range(steps):
        here = {name: Value(x.tensor[:, step], x.kind) for name, x in sequences.items()}
        results = body({**given, **here, **now})
        if None in results.values():
            raise ImpossibleError("an output of a loop is absent")
        for output, state in states.items():
            if results[output].tensor.shape != now[state].tensor.shape:
                raise ImpossibleError("a state that changes its shape")
            now[state] = results[output]
        collected.append(results)
    return {
        name: now[states[name]]
        if name in states
        else _joined([results[name] for results in collected], rows)
        for name, found in types.items()
        if found in ENDS
    }


def _extent(sequences: Mapping[str, Value]) -> tuple[int, int]:
    """Return the rows and the steps of the sequences that a loop runs over."""
    if any(x.tensor.dim() < 2 for x in sequences.values()):
        raise ImpossibleError("a sequence without steps")
    if len({x.tensor.shape[:2] for x in sequences.values()}) != 1:
        raise ImpossibleError("sequences of other steps")
    rows, steps = next(iter(sequences.values())).tensor.shape[:2]
    if steps == 0:
        raise UndeterminedError("a loop of no steps")
    return rows, steps


def zeros(rows: int, size: int) -> Value:
    return Value(torch.zeros(rows, size, dtype=torch.float64), "features")


def _joined(parts: list[Value], rows: int) -> Value:
    if parts[0].tensor.dim() < 1 or parts[0].tensor.shape[0] != rows:
        raise ImpossibleError("a step without the batch")
    return Value(torch.stack([part.tensor for part in parts], 1), parts[0].kind)
