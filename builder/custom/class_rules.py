"""The rules that a class of a custom node must keep, so that the program can rely on it."""

import json
from collections.abc import Iterator

from codegen.compile import TYPE_ALIASES
from codegen.source.identifiers import LOCAL_RESERVED
from codegen.source.layer_sources import built_in_layers, parse
from nodes.core.files.node_entries import frozen, plain
from nodes.core.graphs.catalog import CustomSource, custom_sources
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.node_guard import describe_error
from nodes.core.graphs.unknown_node import Unknown

_PARAMETER_TYPES = "those of nodes.core.graphs.parameter_types, bool, str or Choice"


def broken_class_rules(node_type: type[Node]) -> Iterator[str]:
    """Yield what is wrong with a class: "expected ..., got ...; what to do"."""
    name = node_type.__name__
    for base in (Block, InputNode, OutputNode, Unknown):
        if issubclass(node_type, base):
            yield f"expected {name} derived from Node or Composite, got {base.__name__}; change it"
            return
    if not isinstance(getattr(node_type, "category", None), Category):
        names = ", ".join(category.name for category in Category)
        yield f"expected a category of {name}, got none; set category to Category.X, X of {names}"
    method = "expand" if issubclass(node_type, Composite) else "forward"
    declared_by = Composite if issubclass(node_type, Composite) else Node
    if getattr(node_type, method) is getattr(declared_by, method):
        yield f"expected a method {method} of {name}, got none; write it"
    if not node_type.outputs:
        yield f"expected an Output of {name}, got none; declare one"
    yield from _broken_patterns(node_type)
    yield from _broken_parameters(node_type)


def _broken_patterns(node_type: type[Node]) -> Iterator[str]:
    for port in (*node_type.inputs, *node_type.outputs):
        try:
            _ = port.parsed
        except ValueError as error:
            yield f"expected a pattern at the port {port.name} of {node_type.__name__}: {error}"


def _broken_parameters(node_type: type[Node]) -> Iterator[str]:
    name, fields = node_type.__name__, node_type.model_fields
    expected = f"expected parameters of {name} of the types {_PARAMETER_TYPES}"
    for parameter, info in fields.items():
        if hasattr(Node, parameter):
            message = f"got {parameter}, which every node has; rename it"
            yield f"expected another name of a parameter of {name}, {message}"
        if info.is_required():
            message = (
                f"of the parameter {parameter} of {name}, got none; write {parameter}: ... = ..."
            )
            yield f"expected a default {message}"
            return
    try:
        node = node_type()
        written = {key: plain(value) for key, value in node}
        again = node_type.model_validate(frozen(json.loads(json.dumps(written, allow_nan=False))))
        node_type.model_json_schema()
    except Exception as error:  # noqa: BLE001 (the code of the user may raise anything)
        yield f"{expected}, got {describe_error(error)}; change them"
    else:
        if again != node:
            yield f"{expected}, got defaults that a file does not keep; change them"


def broken_layer_names(source: CustomSource) -> Iterator[str]:
    """Yield what is wrong with the names of the layers of a source."""
    taken = dict.fromkeys(built_in_layers(), "a layer of Wireformer")
    taken |= dict.fromkeys(LOCAL_RESERVED | TYPE_ALIASES.keys(), "a name of Python or of PyTorch")
    for other in custom_sources().values():
        if other.origin != source.origin:
            taken |= dict.fromkeys(
                (one.name for one in parse(other.layers)), f"one of {other.origin}"
            )
    for one in parse(source.layers):
        if one.name in taken:
            yield f"expected a new name of a layer, got {one.name}, {taken[one.name]}; rename it"
