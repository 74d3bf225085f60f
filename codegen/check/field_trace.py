"""Where a property of receptive fields comes from: the node on the way whose inputs lack it."""

from collections.abc import Callable
from dataclasses import dataclass

from codegen.check.field_cache import FieldGraph
from nodes.core.graphs.graph import Block, InputNode, OutputNode, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.shapes.shape import Shape
from nodes.core.time.receptive_field import ReceptiveField

Holds = Callable[[ReceptiveField, Shape], bool]
"""A property of the field and the shape at a port."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The node where a property begins.

    Attributes:
        fields: the graph that it is in.
        node: its name.
        target: the port that its output goes to, on the way to where the property was seen.
        primitive: the node within a composite of the library that is the reason; itself else.
    """

    fields: FieldGraph
    node: str
    target: PortRef
    primitive: Node

    @property
    def location(self) -> Location:
        """The location of the node."""
        return Location(self.fields.checked.name, self.node)

    @property
    def declared(self) -> Node:
        """The node as it is placed."""
        return self.fields.checked.graph.nodes[self.node]


def find_origin(fields: FieldGraph, target: PortRef, holds: Holds) -> Origin:
    """Follow a property of the field at an input port back to the node where it begins."""
    while True:
        ref = fields.checked.sources[target.node][target.port]
        name = ref.node
        before = _source(fields, name, holds)
        if before is not None:
            target = PortRef(name, before)
            continue
        node = fields.checked.graph.nodes[name]
        inside = _inside(fields, ref, holds)
        if inside is None or isinstance(inside.declared, InputNode):
            return Origin(fields, name, target, node)
        if isinstance(node, Block):
            return inside
        return Origin(fields, name, target, inside.primitive)


def _source(fields: FieldGraph, name: str, holds: Holds) -> str | None:
    """Find an input port of a node at which the property holds."""
    specs = fields.checked.nodes[name].input_specs
    for port, field in fields.inputs(name).items():
        if port in specs and holds(field, specs[port].shape):
            return port
    return None


def _inside(fields: FieldGraph, ref: PortRef, holds: Holds) -> Origin | None:
    """Find where the property begins in the graph of a composite, in the first copy that has it."""
    for copy in fields.inner.get(ref.node, ()):
        output = copy.checked.graph.nodes.get(ref.port)
        spec = copy.checked.results.get(ref.port)
        field = copy.results.get(ref.port)
        if not isinstance(output, OutputNode) or spec is None or field is None:
            continue
        if holds(field, spec.shape):
            return find_origin(copy, PortRef(ref.port, "input"), holds)
    return None
