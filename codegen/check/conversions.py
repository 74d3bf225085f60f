"""New nodes that turn what an edge carries into what a port takes, found in the catalogue."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from pydantic import ValidationError

from codegen.check.remedy import Parameters
from nodes.core.graphs.catalog import follows_catalogue, node_types
from nodes.core.graphs.graph import Composite, InputNode, Model, OutputNode
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import AnyDim, hyper

MOST_SIZES = 4
"""The most values that are tried for each size of a new node."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A new node that converts.

    Attributes:
        type, parameters: the node.
        input, output: the ports of the node that what is converted goes through.
        spec: what comes out.
        also: a second input, which needs the sequence that the node belongs to; "" without one.
    """

    type: str
    parameters: Parameters
    input: str
    output: str
    spec: TensorSpec
    also: str = ""


@follows_catalogue
def _converters() -> tuple[Node, ...]:
    """List the primitive nodes that need no parameter, those of the fewest inputs first."""
    found = []
    for node_type in node_types().values():
        if node_type.may_convert and not issubclass(node_type, Composite | InputNode | OutputNode):
            try:
                found.append(node_type())
            except ValidationError:
                continue
    return tuple(found)


def conversions(
    model: Model, spec: TensorSpec, kind: Kind, beside: TensorSpec | None = None
) -> Iterator[Conversion]:
    """Find the nodes that make a tensor of another kind or of another shape.

    Args:
        model: the model, for the sizes that it uses.
        spec: what there is.
        kind: the kind that is needed.
        beside: a sequence for nodes that need one besides.
    """
    sizes = common_sizes(model)
    paths = [path for node in _converters() for path in _paths(node, spec.kind, kind)]
    for node, entry, exit_ in sorted(paths, key=lambda path: path[1].kind is Kind.ANY):
        specs, also = {_edge_name(entry): spec}, ""
        others = [p for p in node.inputs if p is not entry and not (p.optional or p.default)]
        if others and beside is not None:
            specs[_edge_name(others[0])], also = beside, _edge_name(others[0])
        if len(others) > (1 if also else 0):
            continue
        for variant in _variants(node, sizes):
            out = _result(variant, specs, model.sizes, exit_.name)
            if out is not None and out != spec and _keeps_batch(spec, out):
                parameters = tuple(
                    (key, value)
                    for key in node.size_fields
                    if (value := getattr(variant, key)) is not None
                )
                yield Conversion(
                    type(node).__name__, parameters, _edge_name(entry), exit_.name, out, also
                )


def common_sizes(model: Model) -> dict[str, list[AnyDim]]:
    """List the values that the sizes of nodes have in a model, by parameter, the usual first."""
    counts: dict[str, Counter[AnyDim]] = {}
    for graph in model.graphs.values():
        for node in graph.nodes.values():
            sizes = {key: getattr(node, key) for key in node.size_fields}
            for key, value in sizes.items():
                counts.setdefault(key, Counter()).update([] if value is None else [value])
    found = {key: [size for size, _ in values.most_common()] for key, values in counts.items()}
    recipe = [*model.recipe.sizes.values()] if model.recipe is not None else []
    for name in reversed([*recipe, *({"vocab_size"} & model.sizes.keys())]):
        if name in model.sizes:
            found.setdefault("num_embeddings", []).insert(0, hyper(name))
            found.setdefault("out_features", []).insert(0, hyper(name))
    return found


def _paths(node: Node, source: Kind, target: Kind) -> Iterator[tuple[Node, Input, Output]]:
    """Find the ways through a node from one kind to another."""
    entries = [p for p in node.inputs if p.kind in (source, Kind.ANY) and not p.optional]
    for entry in entries:
        for exit_ in node.outputs:
            kind = source if exit_.kind is Kind.ANY else exit_.kind
            # Of a sequence that only gives the number of steps, a mask is all that can be made.
            uses_values = entry.kind is source or exit_.kind in (Kind.ANY, Kind.MASK)
            if kind is target and uses_values:
                yield node, entry, exit_


def _edge_name(port: Input) -> str:
    return f"{port.name}.0" if port.variadic else port.name


def _variants(node: Node, sizes: Mapping[str, list[AnyDim]]) -> Iterator[Node]:
    """Set the sizes of a node to those of the model; without any, to the defaults."""
    fields = [key for key in node.size_fields if sizes.get(key)]
    choices = [sizes[key][:MOST_SIZES] for key in fields]
    for values in product(*choices[:2]):
        changed = dict(zip(fields, values, strict=False))
        try:
            yield type(node).model_validate({**dict(node), **changed})
        except ValidationError:
            continue


def _keeps_batch(spec: TensorSpec, result: TensorSpec) -> bool:
    """Check that no axis of the batch is lost; a mask that is broadcast over it needs none."""
    return result.kind is Kind.MASK or all(size in result.shape for size in spec.shape[:1])


def _result(
    node: Node, specs: Mapping[str, TensorSpec], values: dict[str, int], output: str
) -> TensorSpec | None:
    try:
        return node.infer(specs, values).outputs[output]
    except (ValueError, KeyError):
        return None
