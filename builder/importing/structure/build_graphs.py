"""Builds the graphs of a model and of its blocks from groups of steps.

A group becomes a block, equal groups one block; successive equal groups, each reading the one
before, become one repeated node.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import fx

from builder.importing.rules.steps import Source, Step, Steps, WeightEntry
from builder.importing.structure.groups import Group, ModuleName, tied_pairs
from builder.importing.structure.port_names import input_node, source_kind
from builder.importing.tracing.trace import Trace
from codegen.source.identifiers import MODULE_RESERVED, Namespace, identifier
from nodes.core.graphs.graph import Block, Composite, Graph, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear

Value = tuple[fx.Node | Step, str]
"""An input of the model, or an output of a step by its name."""

Weights = dict[str, WeightEntry]


@dataclass
class Part:
    """A node of a graph that is being built.

    Attributes:
        name: a name for it.
        node: the node.
        reads: what each input port reads.
        makes: the values of its output ports.
        weights: where its weights come from.
        steps: the steps that it stands for.
    """

    name: ModuleName
    node: Node
    reads: dict[str, Value]
    makes: dict[Value, str]
    weights: Weights
    steps: tuple[Step, ...]


@dataclass
class Builder:
    """Builds the graphs of one model.

    Attributes:
        trace: the traced model.
        steps: its steps.
        blocks: the graphs of the blocks so far.
    """

    trace: Trace
    steps: Steps
    blocks: dict[str, Graph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readers: dict[Value, list[Step | None]] = {}
        for step in self.steps.ordered:
            for source in self.steps.sources[step].values():
                self.readers.setdefault(value_of(source), []).append(step)
        for source in self.steps.outputs:
            self.readers.setdefault(value_of(source), []).append(None)

    def parts(self, group: Group) -> list[Part]:
        """Build the nodes of a group, repeated ones as one."""
        found = [
            self._step(item) if isinstance(item, Step) else self._block(item)
            for item in group.items
        ]
        return list(repeated(found, self))

    def _step(self, step: Step) -> Part:
        name = ModuleName.of(step.path) if step.path else ModuleName(step.name)
        reads = {key: value_of(x) for key, x in self.steps.sources[step].items()}
        outputs = [port.name for port in step.node.ports()[1]]
        if isinstance(step.node, Unknown):
            outputs = [port for source, port in self.readers if source is step]
        makes: dict[Value, str] = {(step, output): output for output in outputs}
        return Part(name, step.node, reads, makes, dict(step.weights), (step,))

    def _block(self, group: Group) -> Part:
        parts = self.parts(group)
        steps = tuple(group.steps())
        inside = set(steps)
        reads = dict.fromkeys(
            value for part in parts for value in part.reads.values() if value[0] not in inside
        )
        takes = {
            value: (source_kind(self.trace, value).name, input_node(self.trace, value, not i))
            for i, value in enumerate(reads)
        }
        makes = [
            ("output", value)
            for part in parts
            for value in part.makes
            if any(reader not in inside for reader in self.readers.get(value, []))
        ]
        graph, weights, inputs, outputs = self.graph(parts, takes, makes)
        block = self._block_name(group, graph)
        return Part(
            ModuleName.of(group.path),
            Block(block=block),
            {port: value for value, port in inputs.items()},
            outputs,
            weights,
            steps,
        )

    def graph(
        self,
        parts: Sequence[Part],
        takes: Mapping[Value, tuple[str, Node]],
        makes: Sequence[tuple[str, Value]],
    ) -> tuple[Graph, Weights, dict[Value, str], dict[Value, str]]:
        """Build a graph of nodes.

        Args:
            parts: the nodes.
            takes: the input nodes, with names for them.
            makes: the values that it returns, with names for them.

        Returns:
            The graph, where its weights come from, and the names of its inputs and outputs.
        """
        names = Namespace(MODULE_RESERVED, "layer")
        inputs = {value: names.create(identifier(name)) for value, (name, _) in takes.items()}
        nodes = {inputs[value]: node for value, (_, node) in takes.items()}
        origin = {value: PortRef(name, "output") for value, name in inputs.items()}
        weights: Weights = {}
        edges: dict[PortRef, PortRef] = {}
        name_of: dict[Step, str] = {}
        siblings = Counter(part.name.name for part in parts)
        for part in parts:
            stem, number = part.name.name, part.name.number
            alone = number is None or siblings[stem] == 1
            name = names.create(identifier(stem if alone else f"{stem}_{number}"))
            nodes[name] = part.node
            name_of |= dict.fromkeys(part.steps, name)
            origin |= {value: PortRef(name, port) for value, port in part.makes.items()}
            edges |= {PortRef(name, port): origin[value] for port, value in part.reads.items()}
            weights |= {f"{name}.{key}": entry for key, entry in part.weights.items()}
        outputs: dict[Value, str] = {}
        for hint, value in makes:
            outputs[value] = names.create(identifier(hint))
            nodes[outputs[value]] = GraphOutput()
            edges[PortRef(outputs[value], "input")] = origin[value]
        self._tie(nodes, name_of)
        return Graph(nodes, edges), weights, inputs, outputs

    def main(self, group: Group) -> tuple[Graph, Weights, list[fx.Node]]:
        """Build the main graph.

        Returns:
            The graph, where its weights come from, and the inputs of the model that it reads, in
            the order of its own.
        """
        parts = self.parts(group)
        values = [value_of(source) for source in self.steps.outputs]
        read = {*values, *(value for part in parts for value in part.reads.values())}
        examples = [(node, self.trace.example(node)) for node in self.trace.placeholders]
        takes: dict[Value, tuple[str, Node]] = {
            (x, ""): (one.name, one.node()) for x, one in examples if (x, "") in read
        }
        makes = list(zip(self.trace.output_names, values, strict=True))
        graph, weights, inputs, _ = self.graph(parts, takes, makes)
        return graph, weights, [x for x, _ in inputs if isinstance(x, fx.Node)]

    def _tie(self, nodes: dict[str, Node], name_of: dict[Step, str]) -> None:
        """Tie the nodes of one weight to the first of them.

        A Linear that is tied to an Embedding keeps its row of padding at zero; PyTorch's does not.
        """
        for owner, step in tied_pairs(self.steps.ordered):
            if owner not in name_of or step not in name_of:
                continue
            tied = {name_of[owner]: "", name_of[step]: name_of[owner]}
            for name, tie in tied.items():
                changes: dict[str, Any] = {"tie": tie}
                if isinstance(nodes[name], Embedding) and self._has_linear(owner):
                    changes["padding_idx"] = None
                nodes[name] = nodes[name].model_copy(update=changes)

    def _has_linear(self, owner: Step) -> bool:
        pairs = tied_pairs(self.steps.ordered)
        return any(one is owner and isinstance(step.node, Linear) for one, step in pairs)

    def _block_name(self, group: Group, graph: Graph) -> str:
        """Name the block of a graph after the class of the module; equal graphs are one block."""
        stem = type(self.trace.module(group.path)).__name__.lstrip("_") or "Block"
        number = 1
        while True:
            name = stem if number == 1 else f"{stem}{number}"
            if self.blocks.setdefault(name, graph) == graph:
                return name
            number += 1


def value_of(source: Source) -> Value:
    """Return what a source is: an output by its name."""
    if isinstance(source.of, fx.Node):
        return source.of, ""
    outputs = source.of.node.ports()[1]
    return source.of, source.port or (outputs[0].name if outputs else "output")


def repeated(parts: Sequence[Part], builder: Builder) -> Iterator[Part]:
    """Join successive equal nodes, each of which reads the one before, into a repeated one."""
    position = 0
    while position < len(parts):
        run = [parts[position]]
        while position + len(run) < len(parts) and _follows(
            run, parts[position + len(run)], builder
        ):
            run.append(parts[position + len(run)])
        yield run[0] if len(run) == 1 else _joined(run, builder)
        position += len(run)


def _follows(run: Sequence[Part], part: Part, builder: Builder) -> bool:
    """Tell whether a node is the next copy in a chain."""
    first, last = run[0], run[-1]
    if not isinstance(part.node, Composite) or first.node != part.node or part.node.repeat != 1:
        return False
    if not _is_next(last, part) or (len(run) > 1 and _shares(run[-2], last) != _shares(last, part)):
        return False
    made = list(last.makes)
    chained = [port for port, value in part.reads.items() if value in made]
    if len(chained) != 1 or part.reads[chained[0]] != made[0]:
        return False
    inside = {*part.steps}
    if any(reader not in inside for value in made for reader in builder.readers.get(value, [])):
        return False
    others = {port: value for port, value in part.reads.items() if port != chained[0]}
    return others == {port: value for port, value in first.reads.items() if port != chained[0]}


def _is_next(last: Part, part: Part) -> bool:
    """Tell whether a node is the next sibling of another one, or its next call."""
    if last.name.name != part.name.name:
        return False
    if _shares(last, part):
        return part.name.call == last.name.call + 1
    numbers = last.name.number, part.name.number
    return numbers[0] is not None and numbers[1] == numbers[0] + 1


def _shares(last: Part, part: Part) -> bool:
    return bool(last.weights) and last.weights == part.weights


def _joined(run: Sequence[Part], builder: Builder) -> Part:
    first, last = run[0], run[-1]
    (chained,) = [port for port, value in run[1].reads.items() if value in first.makes]
    share = _shares(first, last)
    node: Any = first.node
    if isinstance(node, Block):
        builder.blocks[node.block] = _input_first(builder.blocks[node.block], chained)
    return replace(
        first,
        name=ModuleName(first.name.name),
        node=node.model_copy(update={"repeat": len(run), "share": share}),
        makes=last.makes,
        weights={
            key if share else f"{index}.{key}": entry
            for index, part in enumerate(run)
            for key, entry in part.weights.items()
        },
        steps=tuple(step for part in run for step in part.steps),
    )


def _input_first(graph: Graph, name: str) -> Graph:
    """Make an input of a block the first one, which the copy before feeds."""
    nodes = {name: graph.nodes[name], **graph.nodes}
    return replace(graph, nodes=nodes)
