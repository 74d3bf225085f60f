"""Edits of the model as a whole: its name, its hyperparameters, and whatever a remedy changes."""

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
from nodes.core.graphs.naming_rules import see_title
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim, show
from nodes.core.shapes.expression import NAME, parse

MOST_TOLD = 3
"""How many of the places that use a hyperparameter are told."""


def set_hyperparameter(
    document: Document, name: str, value: object, doc: str | None = None
) -> Document:
    """Add a hyperparameter, or give it another value: one as typed, such as "128", or made.

    Args:
        document: the document.
        name: the hyperparameter.
        value: its value.
        doc: what it is, in a few words; None leaves it as it was.
    """
    name = name.strip()
    known = document.model.hyperparameters
    if name not in known:
        _see_name(name)
    if doc is None:
        doc = known[name].doc if name in known else ""
    else:
        doc = " ".join(clean_text(doc).split())
    found = {**known, name: Hyperparameter(parse_hyperparameter(value), doc)}
    return _with(document, replace(document.model, hyperparameters=found))


def _see_name(name: str) -> None:
    if not NAME.fullmatch(name):
        told = ascii(name)[1:-1] or "nothing"
        raise Refused(
            f"a name of letters, digits and underscores is expected, not {told}; "
            "let it begin with a letter"
        )


def _with(document: Document, model: Model) -> Document:
    return replace(document, model=normalize_model(model))


def rename_hyperparameter(document: Document, old: str, new: str) -> Document:
    """Give a hyperparameter another name, wherever it is named."""
    model, new = document.model, new.strip()
    _see_known(model, old)
    if new == old:
        return document
    _see_name(new)
    if new in model.hyperparameters:
        raise Refused(f"{new} is there already; choose another name")
    known = {new if key == old else key: one for key, one in model.hyperparameters.items()}
    for name, graph in model.graphs.items():
        changed = {
            key: _renamed(node, old, new) for key, node in graph.nodes.items() if _names(node, old)
        }
        if changed:
            model = model.with_graph(name, replace(graph, nodes={**graph.nodes, **changed}))
    recipe = model.recipe
    if recipe is not None:
        fields = {field: new for field, name in recipe.named.items() if name == old}
        recipe = recipe.model_copy(update=fields) if fields else recipe
    return _with(document, replace(model, hyperparameters=known, recipe=recipe))


def _see_known(model: Model, name: str) -> None:
    if name not in model.hyperparameters:
        raise Refused(f"there is no hyperparameter {name}")


def _names(node: Node, name: str) -> list[str]:
    """List the parameters of a node that name a hyperparameter."""
    values = ((key, getattr(node, key)) for key in node.open_fields)
    return [
        key
        for key, value in values
        if (isinstance(value, Dim) and name in value.hypers) or value == Ref(name)
    ]


def _renamed(node: Node, old: str, new: str) -> Node:
    values = dict(node)
    for key in _names(node, old):
        value = values[key]
        values[key] = Ref(new) if isinstance(value, Ref) else _respelled(value, old, new)
    return type(node).model_validate(values)


def _respelled(size: Dim, old: str, new: str) -> object:
    """Write a size with another name in it."""
    text = NAME.sub(lambda found: new if found[0] == old else found[0], show(size))
    try:
        return parse(text)
    except ValueError as error:
        raise Refused(f"{show(size)} would be too long with {new} in it") from error


def remove_hyperparameter(document: Document, name: str) -> Document:
    """Remove a hyperparameter that nothing uses."""
    model = document.model
    _see_known(model, name)
    users = list(_users(model, name))
    if users:
        told = ", ".join(users[:MOST_TOLD]) + (" and others" if len(users) > MOST_TOLD else "")
        raise Refused(f"{name} is in use: {told}; give that another value first")
    left = {key: one for key, one in model.hyperparameters.items() if key != name}
    return _with(document, replace(model, hyperparameters=left))


def _users(model: Model, name: str) -> Iterator[str]:
    for title, graph in model.graphs.items():
        for key, node in graph.nodes.items():
            for parameter in _names(node, name):
                yield f"{title}/{key}.{parameter}" if title else f"{key}.{parameter}"
    if model.recipe is not None and name in model.recipe.named.values():
        yield "the recipe"


def rename_model(document: Document, name: str) -> Document:
    """Give the model another name."""
    name = name.strip()
    try:
        see_title(name)
    except ValueError as error:
        raise Refused(str(error)) from error
    return replace(document, model=replace(document.model, name=name))


def set_initialization(document: Document, initialization: str) -> Document:
    """Choose how fresh weights are drawn."""
    if initialization not in INITIALIZATIONS:
        raise Refused(f"{' or '.join(INITIALIZATIONS)} is expected, not {ascii(initialization)}")
    return replace(document, model=replace(document.model, initialization=initialization))


def apply_remedy(document: Document, remedy: Remedy) -> Document:
    """Apply a remedy; the nodes it adds lie where they belong, and are selected where shown."""
    before = document.model
    try:
        model = normalize_model(remedy.apply(before))
    except (KeyError, ValidationError) as error:
        raise Refused("what this would mend is not as it was; look at the problem again") from error
    layout: dict[str, Mapping[str, Point]] = dict(model.layout)
    selection = document.selection
    for name, graph in model.graphs.items():
        known = before.graphs[name].nodes if name in before.graphs else {}
        fresh = [node for node in graph.nodes if node not in known]
        if fresh:
            places = place_new_nodes(graph, layout.get(name, {}), fresh)
            layout[name] = {node: clamp_to_canvas(at) for node, at in places.items()}
        if fresh and document.editable and name == document.graph_name:
            selection = Selection.of(*fresh)
    model = model if layout == model.layout else replace(model, layout=layout)
    return replace(document, model=model, selection=selection).normalized()
