"""Commands on the model as a whole: name, hyperparameters, initialization, and remedies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import ValidationError

from builder.commands.editing import clamp_to_canvas, enumerated, normalize_model
from builder.commands.parse_field import clean_text, parse_hyperparameter
from builder.commands.ties import follow_ties
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import place_new_nodes
from codegen.check.model_checks import named_hyperparameters
from codegen.check.remedy import Remedy
from nodes.core.files.model_reader import INITIALIZATIONS
from nodes.core.graphs.graph import Hyperparameter, Model, Point
from nodes.core.graphs.naming_rules import check_title
from nodes.core.graphs.node import Node
from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim
from nodes.core.shapes.expression import is_name, normalized, rename, renamed

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
    name = normalized(name.strip())
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
    if not is_name(name):
        raise Refused(
            "expected a name of letters, digits and underscores that begins with a letter, "
            f"got {repr(name) if name else 'nothing'}"
        )


def _with_model(document: Document, model: Model) -> Document:
    return replace(document, model=normalize_model(model))


def rename_hyperparameter(document: Document, old: str, new: str) -> Document:
    """Rename a hyperparameter, and the references to it."""
    model, new = document.model, normalized(new.strip())
    _require_hyperparameter(model, old)
    if new == old:
        return document
    _require_identifier(new)
    if new in model.hyperparameters:
        raise Refused(f"the name {new} is taken; choose another name")
    meant = list(_uses(model, new))
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
    document = _with_model(document, replace(model, hyperparameters=renamed, recipe=recipe))
    return _note_new_meaning(document, new, meant)


def _note_new_meaning(document: Document, name: str, uses: Sequence[str]) -> Document:
    """Say which uses of a name that did not exist before refer to a hyperparameter now."""
    return document.noting(f"{enumerated(uses)}: {name} exists now") if uses else document


def _require_hyperparameter(model: Model, name: str) -> None:
    if name not in model.hyperparameters:
        raise Refused(f"the hyperparameter {name} does not exist")


def _referring_parameters(node: Node, name: str) -> list[str]:
    """List the parameters of a node that refer to a hyperparameter."""
    values = ((key, getattr(node, key)) for key in node.open_fields)
    return [
        key
        for key, value in values
        if (isinstance(value, Dim) and name in value.hypers)
        or (isinstance(value, Ref | NumberExpression) and name in value.names)
    ]


def _with_reference_renamed(node: Node, old: str, new: str) -> Node:
    values = node.as_written()
    for key in _referring_parameters(node, old):
        value = values[key]
        values[key] = Ref(new) if isinstance(value, Ref) else _with_name(value, old, new)
    return type(node).model_validate(values)


def _with_name(size: str | Dim | NumberExpression, old: str, new: str) -> object:
    """Replace a name in an expression, which is a text where it is remembered as written."""
    try:
        if isinstance(size, str):
            return renamed(size, old, new)
        return rename(size, old, new) if isinstance(size, Dim) else size.renamed(old, new)
    except ValueError as error:
        raise Refused(
            f"the expression {size} is too long with the name {new}; choose a shorter name"
        ) from error


def remove_hyperparameter(document: Document, name: str) -> Document:
    """Remove a hyperparameter that is not used."""
    model = document.model
    _require_hyperparameter(model, name)
    uses = list(_uses(model, name))
    if uses:
        raise Refused(f"{name} is used by {enumerated(uses)}; change the values there first")
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


def with_settings(document: Document, pasted: Model) -> Document:
    """Add the hyperparameters that pasted nodes name, and to an empty document all settings.

    A hyperparameter that exists keeps its value, and an initialization that differs is kept; a
    notice says so, as either gives the pasted nodes another meaning.
    """
    notices = []
    known, others = document.model.hyperparameters, pasted.hyperparameters
    for name in _named(pasted):
        if name in known and name in others and _shown(known[name]) != _shown(others[name]):
            here, there = _shown(known[name]), _shown(others[name])
            notices.append(f"{name} is {here} here, and was {there} where the nodes were copied")
        elif name in known and name not in others:
            here = _shown(known[name])
            notices.append(f"{name} is {here} here, and did not exist where the nodes were copied")
        elif name not in known and name not in others:
            notices.append(f"{name} exists neither here nor where the nodes were copied; add it")
    document = with_hyperparameters(document.noting(*notices), others)
    model, notices = document.model, []
    if pasted.graph.nodes and pasted.initialization != model.initialization:
        if not any(graph.nodes for graph in model.graphs.values()):
            model = replace(model, initialization=pasted.initialization)
        else:
            notices.append(
                f"weights are initialized by {model.initialization} here, and by "
                f"{pasted.initialization} where the nodes were copied"
            )
    return replace(document, model=model).noting(*notices)


def with_hyperparameters(document: Document, others: Mapping[str, Hyperparameter]) -> Document:
    """Add the hyperparameters that the model lacks, and say which."""
    model = document.model
    known = model.hyperparameters
    added = {name: entry for name, entry in others.items() if name not in known}
    if not added:
        return document
    values = [f"{name} = {_shown(entry)}" for name, entry in added.items()]
    document = document.noting(f"added the hyperparameters {enumerated(values)}")
    return replace(document, model=replace(model, hyperparameters={**known, **added}))


def _named(model: Model) -> list[str]:
    """List the hyperparameters that the nodes of a model name."""
    nodes = (node for graph in model.graphs.values() for node in graph.nodes.values())
    return sorted({name for node in nodes for name in named_hyperparameters(node)})


def _shown(hyperparameter: Hyperparameter) -> str:
    return repr(hyperparameter.value)


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
        raise Refused(f"expected {' or '.join(INITIALIZATIONS)}, got {repr(initialization)}")
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
    model, notices = _follow_ties(before, model)
    for name, graph in model.graphs.items():
        known = before.graphs[name].nodes if name in before.graphs else {}
        added = [node for node in graph.nodes if node not in known]
        if added:
            positions = place_new_nodes(graph, layout.get(name, {}), added)
            layout[name] = {node: clamp_to_canvas(at) for node, at in positions.items()}
        if added and document.editable and name == document.graph_name:
            selection = Selection.of(*added)
    model = model if layout == model.layout else replace(model, layout=layout)
    return replace(document, model=model, selection=selection).normalized().noting(*notices)


def _follow_ties(before: Model, after: Model) -> tuple[Model, list[str]]:
    """Keep the meaning of ties in every graph that a remedy changed."""
    notices: list[str] = []
    for name, graph in after.graphs.items():
        if name in before.graphs and graph is not before.graphs[name]:
            followed, found = follow_ties(before.graphs[name], graph)
            notices += found
            after = after if followed == graph else after.with_graph(name, followed)
    return after, notices
