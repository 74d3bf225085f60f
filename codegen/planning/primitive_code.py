"""The code of one primitive node at its place in a class: its module, and what it computes."""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.check.inference import CheckedNode
from codegen.planning.module_attributes import Attributes
from codegen.planning.shared_names import Shared
from codegen.planning.values import Value
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Node, Time
from nodes.core.graphs.python_expression import Expr, name


@dataclass(slots=True)
class Primitive:
    """A primitive node at its place.

    Attributes:
        shared: what the classes of the model share.
        attributes: what ``__init__`` of the class stores.
        found: what the check found for the node.
        layer: the attribute that holds its module, if it has one.
        used: its outputs that something reads.
        sources: the value at each connected input.
        past: what it is given of its past, where it is fed piece by piece and remembers.
    """

    shared: Shared
    attributes: Attributes
    found: CheckedNode
    layer: str
    used: frozenset[str]
    sources: Mapping[str, Value]
    past: Expr | None

    def module(self) -> Expr | None:
        """Write the expression that builds the module, if the node has one."""
        return self.shared.again(self.found, (self.layer,), self._write_module)

    def forward(self) -> Expr:
        """Write what the node computes of the values as they are written at the moment."""
        texts = tuple(value.expr.text for value in self.sources.values())
        past = self.past and self.past.text
        key = self.layer, self.shared.streamed, self.attributes.main, self.used, past, texts
        return self.shared.again(self.found, key, self._write_forward)

    def _write_module(self) -> Expr | None:
        context = self._site()
        module = self.found.node.module(context)
        self.shared.take(context.functions)
        return module

    def _write_forward(self) -> Expr:
        context = self._site()
        context.symbol = self.attributes.in_forward
        expr = self.found.node.forward(context, **_ports(self.found.node, self.sources))
        self.shared.take(context.functions)
        return expr

    def _site(self) -> EmitContext:
        specs = {**self.found.arriving, **self.found.inferred.outputs}
        connected = frozenset(self.sources)
        time = self.found.node.streams(connected, self.used) if self.shared.streamed else None
        return EmitContext(
            dims=self.found.inferred.dims,
            shapes={port: spec.shape for port, spec in specs.items()},
            connected=connected,
            used=self.used,
            layer=name(f"self.{self.layer}"),
            symbol=self.attributes.in_init,
            start=name("start") if time is Time.POSITION else None,
            cached_state=self.past,
            store=self.attributes.keep,
            simplify=self.shared.quotients.shorten,
        )


def _ports(node: Node, sources: Mapping[str, Value]) -> dict[str, object]:
    """Give each input port its expression: None without one, a tuple where it is variadic."""
    given: dict[str, object] = {}
    for port in node.inputs:
        if port.variadic:
            stem = f"{port.name}."
            given[port.name] = tuple(v.expr for key, v in sources.items() if key.startswith(stem))
        else:
            value = sources.get(port.name)
            given[port.name] = value.expr if value is not None else None
    return given
