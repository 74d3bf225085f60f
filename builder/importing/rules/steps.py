"""What a rule makes of operators: steps, each a node of the graph with what its ports read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError
from torch import fx

from builder.importing.tracing.trace import Trace
from codegen.source.identifiers import identifier
from nodes.core.graphs.node import Node

WeightEntry = str | dict[str, Any]
"""Where a weight comes from, as the value of a key map."""


@dataclass(eq=False)
class Step:
    """A node that is imported.

    Attributes:
        node: the node.
        inputs: what each input port reads.
        scope: the paths of the modules that it belongs to, from the outside to the inside.
        name: a name for it.
        at: the operator that it computes.
        weights: where its weights come from, by their names in the generated module.
        computes: the operator whose value its first output is; None for an intermediate value.
        path: the path of the module that it stands for; "" for a part of one.
    """

    node: Node
    inputs: dict[str, "Ref"]
    scope: tuple[str, ...]
    name: str
    at: fx.Node
    weights: dict[str, WeightEntry] = field(default_factory=dict)
    computes: fx.Node | None = None
    path: str = ""


class Ref(NamedTuple):
    """A value: the first or a named output of a step, or of what becomes of an operator."""

    of: Step | fx.Node
    port: str = ""


@dataclass
class Match:
    """What a rule makes of the value of one operator.

    Attributes:
        trace: the traced model.
        value: the operator.
        steps: the steps.
        result: what takes the place of the value.
        members: the operators that the steps stand for; the value itself if there are none.
    """

    trace: Trace
    value: fx.Node
    steps: list[Step] = field(default_factory=list)
    result: Ref | None = None
    members: tuple[fx.Node, ...] = ()

    def add(
        self,
        node: Node,
        inputs: Mapping[str, Ref | fx.Node],
        name: str = "",
        weights: Mapping[str, WeightEntry] | None = None,
        outside: bool = False,
    ) -> Ref:
        """Add a step, and make its first output the result.

        Args:
            node: the node.
            inputs: what its ports read.
            name: a name for it.
            weights: where its weights come from.
            outside: it lies outside a layer of PyTorch, as a change of what the layer takes.
        """
        refs = {key: x if isinstance(x, Ref) else Ref(x) for key, x in inputs.items()}
        scope = common_scope(self.trace, self.members or (self.value,))
        if outside and scope and self.trace.is_layer(scope[-1]):
            scope = scope[:-1]
        name = name or identifier(type(node).__name__)
        step = Step(node, refs, scope, name, self.value, dict(weights or {}))
        self.steps.append(step)
        self.result = Ref(step)
        return self.result

    def alias(self, value: Ref | fx.Node) -> "Match":
        """Make another value the result."""
        self.result = value if isinstance(value, Ref) else Ref(value)
        return self


Rule = Callable[[Trace, fx.Node], Match | None]


def apply(rule: Rule, trace: Trace, value: fx.Node) -> Match | None:
    """Apply a rule once to a value; a node whose parameter does not take a value is no match."""
    known: dict[tuple[Rule, fx.Node], Match | None] = trace.matches
    if (rule, value) not in known:
        try:
            match = rule(trace, value)
        except ValidationError:
            match = None
        known[rule, value] = None if match is None or match.result is None else match
    return known[rule, value]


def common_scope(trace: Trace, members: tuple[fx.Node, ...]) -> tuple[str, ...]:
    """Return the modules that all operators belong to."""
    scopes = [trace.scope(member) for member in members]
    common: tuple[str, ...] = ()
    for level in zip(*scopes, strict=False):
        if len(set(level)) > 1:
            break
        common += level[:1]
    return common


@dataclass(frozen=True)
class Source:
    """What an input port or an output of the model reads: an input of the model, or a step.

    Attributes:
        of: the input or the step.
        port: the output port of the step; "" for the first.
    """

    of: fx.Node | Step
    port: str = ""


@dataclass
class Steps:
    """All steps of a model.

    Attributes:
        ordered: the steps; each reads earlier ones and inputs only.
        sources: what each input port of a step reads.
        outputs: what each output of the model reads.
    """

    ordered: list[Step]
    sources: dict[Step, dict[str, Source]]
    outputs: list[Source]

    def readers(self, step: Step) -> list[Step]:
        """List the steps that read a step."""
        return [
            one for one, read in self.sources.items() if any(x.of is step for x in read.values())
        ]

    def redirect(self, old: Step, new: Source) -> None:
        """Make all that reads the first output of a step read something else."""
        for read in self.sources.values():
            for port, source in read.items():
                if source.of is old:
                    read[port] = new
        self.outputs[:] = [new if source.of is old else source for source in self.outputs]
