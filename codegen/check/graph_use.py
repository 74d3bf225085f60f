"""One use of a checked graph: the outputs that are read, and the nodes that these depend on.

`GraphUse` -> its live nodes, each with the ports of it that are read -> the uses of the graphs
inside of its composites.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.check.checked_graph import CheckedGraph
from nodes.core.graphs.graph import Composite, Graph, OutputNode, PortRef
from nodes.core.graphs.port import Kind, TensorSpec


@dataclass(frozen=True, slots=True)
class GraphUse:
    """One use of a checked graph.

    Attributes:
        checked: the graph.
        output_nodes: the outputs that are read.
        sequence: the free size that grows where the graph runs step by step, while tensors of
            other sizes are given whole; "" if every free size does.
    """

    checked: CheckedGraph
    output_nodes: frozenset[str]
    sequence: str = ""

    @property
    def live(self) -> Mapping[str, frozenset[str]]:
        """The nodes that the outputs depend on, in order, each with its used output ports."""
        return live_nodes(self.checked, self.output_nodes)

    def reads(self, name: str) -> Mapping[str, PortRef]:
        """Return the source of each input of a live node that its code, or its inside, reads."""
        return _reads(self.checked, name, self.live[name])

    def inner(self, name: str) -> "GraphUse | None":
        """Return the use of the graph of a live composite; None at a primitive."""
        node, inner = self.checked.graph.nodes[name], self.checked.nodes[name].inner
        if inner is None or not isinstance(node, Composite):
            return None
        return GraphUse(inner, inner_outputs(inner, node, self.live[name]), self.sequence)


def live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Find the nodes that the output nodes depend on, in order, each with its used output ports."""
    if output_nodes not in checked.live:
        checked.live[output_nodes] = _live_nodes(checked, output_nodes)
    return checked.live[output_nodes]


def _live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> dict[str, frozenset[str]]:
    used: dict[str, set[str]] = {name: set() for name in output_nodes}
    for name in reversed(checked.order):
        if name in used:
            for ref in _reads(checked, name, frozenset(used[name])).values():
                used.setdefault(ref.node, set()).add(ref.port)
    return {name: frozenset(used[name]) for name in checked.order if name in used}


def _reads(checked: CheckedGraph, name: str, used: frozenset[str]) -> Mapping[str, PortRef]:
    """Find the ports that a node reads; a composite may not read all of its inputs."""
    sources = read_sources(checked, name)
    node, inner = checked.graph.nodes[name], checked.nodes[name].inner
    if inner is None or not isinstance(node, Composite):
        return sources
    live = live_nodes(inner, inner_outputs(inner, node, used))
    of_loop = loop_ports(inner.graph, checked.nodes[name].input_specs)
    return {port: ref for port, ref in sources.items() if port in live or port in of_loop}


def read_sources(checked: CheckedGraph, name: str) -> Mapping[str, PortRef]:
    """Return the sources that the code of a node reads: an output node has one value."""
    sources = checked.sources[name]
    is_output = isinstance(checked.graph.nodes[name], OutputNode)
    return {"input": sources["input"]} if is_output and len(sources) > 1 else sources


def read_states(body: CheckedGraph, used: frozenset[str]) -> tuple[str, ...]:
    """Return the state outputs of a loop that the outputs which are read depend on, at any step."""
    states, read = body.graph.states, used
    while True:
        live = live_nodes(body, read)
        more = read.union(name for name, state in states.items() if state in live)
        if more == read:
            return tuple(name for name in states if name in read)
        read = more


def loop_ports(body: Graph, specs: Mapping[str, TensorSpec]) -> tuple[str, ...]:
    """Return the inputs that a loop over steps itself reads, whatever its body reads.

    These are the sequences, and features that the zeros of a state have the data type of.
    """
    steps = body.step_inputs
    starts = any(state not in specs for state in body.states.values())
    like = (port for port in (*steps, *specs) if specs[port].kind is Kind.FEATURES)
    return (*steps, *([next(like, steps[0])] if steps and starts else []))


def inner_outputs(checked: CheckedGraph, node: Composite, used: frozenset[str]) -> frozenset[str]:
    """Return the output nodes of a composite's graph that are read.

    A repeat reads the first; a loop over steps reads the states that these depend on, and no other
    output of their values.
    """
    if checked.graph.step_inputs:
        states = read_states(checked, used)
        values = {checked.sources[name]["input"] for name in states}
        others = {name for name in used if checked.sources[name]["input"] not in values}
        return frozenset(others.union(states))
    return used if node.repeat == 1 else used | {next(iter(checked.graph.output_nodes))}
