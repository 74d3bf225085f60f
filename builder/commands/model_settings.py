"""Commands on the model as a whole: name, hyperparameters, initialization, and remedies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from builder.commands.editing import clamp_to_canvas, normalize_model
from builder.commands.parse_field import clean_text, parse_hyperparameter
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import place_new_nodes
from codegen.check.remedy import Remedy
from nodes.core.files.model_reader import INITIALIZATIONS
from nodes.core.graphs.graph import Hyperparameter, Model, Point
from nodes.core.graphs.naming_rules import check_title
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim, show
from nodes.core.shapes.expression import NAME, rename

MAX_NAMED = 3
"""The number of uses of a hyperparameter that a message names."""


def set_hyperparameter(
    document: Document, name: str, value: object, doc: str | None = None
) -> Document:
    """Add a hyperparameter, or change its value.

    Args:
        document: the document.
        name: the hyperparameter.
        value: its value, or a text that stands for it, such as "128".
        doc: its description; None keeps the present one.
    """
    name = name.strip()
    known = document.model.hyperparameters
    if name not in known:
        _require_identifier(name)
    if doc is None:
        doc = known[name].doc if name in known else ""
    else:
        doc = " ".join(clean_text(doc).split())
    changed = {**known, name: Hyperparameter(parse_hyperparameter(value), doc)}
    return _with_model(document, replace(document.model, hyperparameters=changed))


def _require_identifier(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refused(
            "expected a name of letters, digits and underscores that begins with a letter, "
            f"got {ascii(name) if name else 'nothing'}"
        )


def _with_model(document: Document, model: Model) -> Document:
    return replace(document, model=normalize_model(model))


def rename_hyperparameter(document: Document, old: str, new: str) -> Document:
    """Rename a hyperparameter, and the references to it."""
    model, new = document.model, new.strip()
    _require_hyperparameter(model, old)
    if new == old:
        return document
    _require_identifier(new)
    if new in model.hyperparameters:
        raise Refused(f"the name {new} is taken; choose another name")
    renamed = {
        new if key == old else key: hyperparameter
        for key, hyperparameter in model.hyperparameters.items()
    }
    for name, graph in model.graphs.items():
        changed = {
            key: _with_reference_renamed(node, old, new)
            for key, node in graph.nodes.items()
            if _referring_parameters(node, old)
        }
        if changed:
            model = model.with_graph(name, replace(graph, nodes={**graph.nodes, **changed}))
    recipe = model.recipe
    if recipe is not None:
        fields = {field: new for field, name in recipe.hyperparameters.items() if name == old}
        recipe = recipe.model_copy(update=fields) if fields else recipe
    return _with_model(document, replace(model, hyperparameters=renamed, recipe=recipe))


def _require_hyperparameter(model: Model, name: str) -> None:
    if name not in model.hyperparameters:
        raise Refused(f"the hyperparameter {name} does not exist")


def _referring_parameters(node: Node, name: str) -> list[str]:
    """List the parameters of a node that refer to a hyperparameter."""
    values = ((key, getattr(node, key)) for key in node.open_fields)
    return [
        key
        for key, value in values
        if (isinstance(value, Dim) and name in value.hypers) or value == Ref(name)
    ]


def _with_reference_renamed(node: Node, old: str, new: str) -> Node:
    values = dict(node)
    for key in _referring_parameters(node, old):
        value = values[key]
        values[key] = Ref(new) if isinstance(value, Ref) else _with_name(value, old, new)
    return type(node).model_validate(values)


def _with_name(size: Dim, old: str, new: str) -> object:
    """Replace a name in an expression."""
    try:
        return rename(size, old, new)
    except ValueError as error:
        raise Refused(
            f"the expression {show(size)} is too long with the name {new}; choose a shorter name"
        ) from error


def remove_hyperparameter(document: Document, name: str) -> Document:
    """Remove a hyperparameter that is not used."""
    model = document.model
    _require_hyperparameter(model, name)
    uses = list(_uses(model, name))
    if uses:
        named = ", ".join(uses[:MAX_NAMED])
        more = f" and {len(uses) - MAX_NAMED} more" if len(uses) > MAX_NAMED else ""
        raise Refused(f"{name} is used by {named}{more}; change the values there first")
    rest = {
        key: hyperparameter for key, hyperparameter in model.hyperparameters.items() if key != name
    }
    return _with_model(document, replace(model, hyperparameters=rest))


def _uses(model: Model, name: str) -> Iterator[str]:
    for title, graph in model.graphs.items():
        for key, node in graph.nodes.items():
            for parameter in _referring_parameters(node, name):
                yield f"{title}/{key}.{parameter}" if title else f"{key}.{parameter}"
    if model.recipe is not None and name in model.recipe.hyperparameters.values():
        yield "the training recipe"


def rename_model(document: Document, name: str) -> Document:
    """Rename the model."""
    name = name.strip()
    try:
        check_title(name)
    except ValueError as error:
        raise Refused(str(error)) from error
    return replace(document, model=replace(document.model, name=name))


def set_initialization(document: Document, initialization: str) -> Document:
    """Set how weights are initialized."""
    if initialization not in INITIALIZATIONS:
        raise Refused(f"expected {' or '.join(INITIALIZATIONS)}, got {ascii(initialization)}")
    return replace(document, model=replace(document.model, initialization=initialization))


def apply_remedy(document: Document, remedy: Remedy) -> Document:
    """Apply a remedy; nodes that it adds are placed, and selected if their graph is shown."""
    before = document.model
    try:
        model = normalize_model(remedy.apply(before))
    except (KeyError, ValidationError) as error:
        raise Refused(
            "the model has changed since this fix was offered; select the problem again"
        ) from error
    layout: dict[str, Mapping[str, Point]] = dict(model.layout)
    selection = document.selection
    for name, graph in model.graphs.items():
        known = before.graphs[name].nodes if name in before.graphs else {}
        added = [node for node in graph.nodes if node not in known]
        if added:
            positions = place_new_nodes(graph, layout.get(name, {}), added)
            layout[name] = {node: clamp_to_canvas(at) for node, at in positions.items()}
        if added and document.editable and name == document.graph_name:
            selection = Selection.of(*added)
    model = model if layout == model.layout else replace(model, layout=layout)
    return replace(document, model=model, selection=selection).normalized()
