"""Problems of time at single nodes: wrong lengths, backward directions, too few positions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from codegen.check.field_cache import FieldGraph
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Disconnect, ReplaceNode, SetParameter
from codegen.check.time_candidates import (
    bound_candidates,
    fitting_candidates,
    position_candidates,
    whole_sequence_candidates,
)
from nodes.core.graphs.graph import Block, Composite, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.dim import AnyDim, evaluate, hyper, substitute
from nodes.core.shapes.shape import Shape
from nodes.core.shapes.size_limits import DimError
from nodes.core.time.receptive_field import Order, ReceptiveField
from nodes.embedding.embedding import Embedding
from nodes.normalization.batch_norm import BatchNorm
from nodes.pooling.last_step import LastStep
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds
from nodes.position.position_ids import PositionIds
from nodes.reshape.select import Select


def node_problems(model: Model, fields: FieldGraph) -> Iterator[Problem]:
    """Find the problems of time at the nodes of all graphs."""
    for placed in _placed_nodes(fields):
        yield from _lengths_problems(model, placed)
        yield from _backward_problems(model, placed)
        if model.recipe is not None:
            yield from _statistics_problems(placed, model.recipe)
            yield from _position_problems(model, placed, model.recipe)


@dataclass(frozen=True, slots=True)
class _PlacedNode:
    """A primitive in a graph of the model, or in that of a composite.

    Attributes:
        fields: the graph that it is in.
        name: its name there.
        location: its own in a graph of the model, else that of the composite.
    """

    fields: FieldGraph
    name: str
    location: Location

    @property
    def node(self) -> Node:
        return self.fields.checked.graph.nodes[self.name]

    @property
    def inputs(self) -> dict[str, tuple[ReceptiveField, Shape]]:
        """The field and the shape at each connected input port."""
        specs = self.fields.checked.nodes[self.name].input_specs
        fields = self.fields.inputs(self.name)
        return {port: (field, specs[port].shape) for port, field in fields.items()}

    @property
    def is_own(self) -> bool:
        """Whether the user has placed it, not a composite."""
        return self.location.node == self.name


@lru_cache(maxsize=1024)
def _is_checked(node_type: type[Node]) -> bool:
    """Return whether one of the checks here is for nodes of a type."""
    has_lengths = any(port.kind is Kind.LENGTHS for port in node_type.inputs)
    return has_lengths or issubclass(
        node_type, Composite | LastStep | Select | LearnedEncoding | Embedding | BatchNorm
    )


def _placed_nodes(fields: FieldGraph, at: Location | None = None) -> Iterator[_PlacedNode]:
    """Iterate over the primitives of a graph, and of those in it, that the checks here are for."""
    checked = fields.checked
    for name, node in checked.graph.nodes.items():
        if not _is_checked(type(node)) or name not in fields.fields or name not in checked.used:
            continue
        location = at or Location(checked.name, name)
        if isinstance(node, Composite):
            inner = location if at or not isinstance(node, Block) else None
            for copy in fields.inner.get(name, ())[:1]:
                yield from _placed_nodes(copy, inner)
        else:
            yield _PlacedNode(fields, name, location)


def _lengths_problems(model: Model, placed: _PlacedNode) -> Iterator[Problem]:
    """Find lengths that count other steps than those of the sequence that they are used with."""
    lengths = [port for port in placed.node.inputs if port.kind is Kind.LENGTHS]
    inputs = placed.inputs
    if not lengths or lengths[0].name not in inputs or "input" not in inputs:
        return
    field, _ = inputs["input"]
    axes = field.dims[1]
    clock = field.axes[axes[0]].clock if len(axes) == 1 else None
    if clock is None or (clock.rate == 1 and clock.shift <= 0):
        return
    port = lengths[0].name if placed.is_own else ""
    got = f"every {clock.rate} steps" if clock.rate != 1 else f"from step {clock.shift} on"
    message = f"expected the lengths of a whole sequence with all of its steps, got them {got}"
    severity = Severity.ERROR if placed.node.state_ports else Severity.WARNING
    where = Location(placed.location.graph, placed.location.node, port)
    fixes = (
        *fitting_candidates(model, where),
        Disconnect(where.graph, PortRef(where.node, lengths[0].name)),
    )
    yield Problem(severity, where, message, fixes if placed.is_own else ())


def _backward_problems(model: Model, placed: _PlacedNode) -> Iterator[Problem]:
    """Warn where the last step of a backward direction is read: it has read one step."""
    node = placed.node
    if not isinstance(node, LastStep | Select) or not placed.inputs["input"][0].backward:
        return
    if isinstance(node, Select):
        field, shape = placed.inputs["input"]
        axes = field.dims[node.dim % len(shape)]
        if node.index != -1 or not any(field.axes[axis].clock for axis in axes):
            return
    message = (
        "expected steps of a forward direction, got also those of a backward one, "
        "which has read no more than this step; use the output hidden, or a pooling"
    )
    candidates = whole_sequence_candidates(
        model, placed.location.graph, placed.name, ("MeanPooling", "MaxPooling")
    )
    own = tuple(candidates) if placed.is_own else ()
    yield Problem(Severity.WARNING, placed.location, message, own)


def _statistics_problems(placed: _PlacedNode, recipe: Recipe) -> Iterator[Problem]:
    """Warn where the statistics of a batch include what a step must not depend on."""
    if not isinstance(placed.node, BatchNorm) or not any(placed.inputs["input"][0].time_axes()):
        return
    read = "padding" if recipe.padding_id is not None else ""
    read = "later steps" if recipe.generates else read
    if read:
        message = (
            f"expected each step to be normalized by itself for {recipe.title}, "
            f"got statistics that include {read} in training"
        )
        where = placed.location
        remedy = ReplaceNode(where.graph, where.node, "LayerNorm")
        yield Problem(Severity.WARNING, where, message, (remedy,) if placed.is_own else ())


def _position_problems(model: Model, placed: _PlacedNode, recipe: Recipe) -> Iterator[Problem]:
    """Find tables of positions that have fewer rows than the sequences have steps."""
    table = _table(placed)
    if table is None or not recipe.length or _exceeds_bounds(model, recipe):
        return
    parameter, length = table
    steps, rows = getattr(recipe, recipe.length), getattr(placed.node, parameter)
    try:
        limit = evaluate(rows, model.sizes)
        needed = evaluate(substitute(length, model.sizes), {"B": 1, "T": steps, "S": steps})
    except (DimError, KeyError):
        return
    where = Location(
        placed.location.graph, placed.location.node, parameter=parameter if placed.is_own else ""
    )
    if limit < needed:
        text = f"expected at least {needed} positions, as {recipe.length} is {steps}, got {limit}"
        fixes = position_candidates(where, rows, needed, limit, recipe) if placed.is_own else ()
        yield Problem(Severity.ERROR, where, text, tuple(fixes))
    for bound in recipe.bounds:
        if (most := model.sizes.get(bound.hyperparameter, 0)) > max(limit, needed):
            text = f"expected at least {bound.hyperparameter} = {most} positions, got {limit}"
            remedy = SetParameter(where.graph, where.node, parameter, hyper(bound.hyperparameter))
            yield Problem(Severity.ERROR, where, text, (remedy,) if placed.is_own else ())
    if recipe.generates and not recipe.bounds:
        text = (
            f"expected a {' or '.join(recipe.bounded_by.values())} in the recipe, at which "
            "generated text ends before the positions do, got none"
        )
        fixes = (
            bound_candidates(model, where, rows, max(limit, needed), recipe)
            if placed.is_own
            else ()
        )
        yield Problem(Severity.WARNING, where, text, tuple(fixes))


def _exceeds_bounds(model: Model, recipe: Recipe) -> bool:
    """Return whether a setting of the recipe exceeds its bound, which is a problem of its own."""
    return any(one.value > model.sizes.get(one.hyperparameter, 0) for one in recipe.bounds)


def _table(placed: _PlacedNode) -> tuple[str, AnyDim] | None:
    """Return the parameter that is the number of positions of a node, and how many it reads."""
    node = placed.node
    if isinstance(node, LearnedEncoding):
        return "max_length", placed.inputs["input"][1][1] + _offset(placed, "positions")
    if isinstance(node, Embedding):
        field, shape = placed.inputs["input"]
        offset = _offset(placed, "input")
        if shape and (offset or (field.order is Order.ADDED and not field.sources)):
            return "num_embeddings", shape[-1] + offset
    return None


def _offset(placed: _PlacedNode, port: str) -> AnyDim:
    """Return the first position of those at a port, where a node of positions is connected."""
    checked = placed.fields.checked
    source = checked.sources[placed.name].get(port)
    node = None if source is None else checked.graph.nodes[source.node]
    return node.offset if isinstance(node, PositionIds | PaddedPositionIds) else 0
