"""The inspector: the form of the selection, or of the active graph if nothing is selected."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from builder.canvas.active_graph import ActiveGraph
from builder.commands.blocks import rename_block
from builder.commands.comments import set_text
from builder.commands.editing import apply_graph, editable_graph
from builder.commands.model_settings import rename_model, set_initialization
from builder.commands.nodes import rename
from builder.document.document import Document
from builder.panels.form_model import (
    Control,
    Field,
    FormModel,
    PortRow,
    number,
    plural,
    text_edit,
)
from builder.panels.parameter_fields import InspectedNodes, parameter_fields
from codegen.check import Problem, Report
from codegen.cost import Cost, Row
from nodes.core.graphs.graph import MAIN, Block, Composite, PortRef
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.unknown_node import Unknown, node_type
from nodes.core.shapes.shape import show_shape

Costs = Mapping[str, Row]


def inspect(document: Document, active: ActiveGraph, report: Report, costs: Costs) -> FormModel:
    """Make the form of the selection.

    Args:
        document: the document.
        active: the active graph.
        report: the problems of the model.
        costs: the known costs of the nodes of the active graph.
    """
    selection = document.selection
    nodes = tuple(name for name in active.graph.nodes if name in selection.nodes)
    types = {node_type(active.graph.nodes[name]) for name in nodes}
    if not selection:
        return _graph_form(document, active)
    if nodes and len(types) == 1 and not selection.edges and not selection.comments:
        return _node_form(nodes, document, active, report, costs)
    if len(selection.edges) == 1 and not nodes and not selection.comments:
        return _edge_form(next(iter(selection.edges)), active, report)
    if len(selection.comments) == 1 and not nodes and not selection.edges:
        return _comment_form(next(iter(selection.comments)), active)
    return _mixed_form(document, active, costs)


# -- nodes ---------------------------------------------------------------------------------------


def _node_form(
    names: tuple[str, ...], document: Document, active: ActiveGraph, report: Report, costs: Costs
) -> FormModel:
    """Make the form of one node, or of several nodes of one type."""
    problems = tuple(_problems_at(names, active, report))
    nodes = InspectedNodes(names, active.graph, document.model, problems)
    parameters = tuple(parameter_fields(nodes))
    fields, values = parameters, tuple[str, ...]()
    if not active.editable:
        fields, values = (), tuple(f"{field.label}  {field.value}" for field in parameters)
    only = names[0] if len(names) == 1 else ""
    node = nodes.all[0]
    if only and active.editable:
        fields = (_name_field(only), *fields)
    shown_beside = {field.key for field in fields if field.error}
    return FormModel(
        subject=("nodes", active.graph_name, document.path, names, nodes.type),
        title=only or plural(len(names), "node"),
        subtitle=_type_name(node),
        category=nodes.type.category,
        doc=manual(nodes.type).partition("\n")[0],
        fields=fields,
        ports=tuple(_ports(only, node, document, active)) if only else (),
        facts=(*values, *_node_facts(names, node, active, costs)),
        problems=tuple(p for p in problems if p.location.parameter not in shown_beside),
        actions=_actions_for(node, active) if only else (),
    )


def _name_field(name: str) -> Field:
    def enter(document: Document, entered: str) -> Document:
        return rename(document, name, entered)

    doc = "The name on the canvas and in the generated code."
    label = f"Rename {name}"
    return Field("name", "name", name, text_edit(enter), history_label=label, doc=doc)


def _type_name(node: Node) -> str:
    if isinstance(node, Unknown):
        return node.type
    return f"block {node.block}" if isinstance(node, Block) else type(node).__name__


def _problems_at(names: tuple[str, ...], active: ActiveGraph, report: Report) -> Iterator[Problem]:
    for problem in report.problems:
        if problem.location.node in names and problem.location.graph == active.graph_name:
            yield problem


def _node_facts(
    names: tuple[str, ...], node: Node, active: ActiveGraph, costs: Costs
) -> Iterator[str]:
    """List the costs of nodes, and whether they wait, are bypassed, or contain a graph."""
    known = [costs[name].cost for name in names if name in costs]
    if known:
        cost = sum(known, Cost(0, 0))
        yield f"{number(cost.parameters)} parameters"
        yield f"{number(cost.flops)} FLOPs at B 1, T 64"
    root = active.checked.waiting.get(names[0]) if active.checked and len(names) == 1 else None
    if root is not None:
        yield f"waits for {root}"
    if any(name in active.graph.bypassed for name in names):
        yield "bypassed: its input is passed through unchanged"
    checked_node = (
        active.checked.nodes.get(names[0]) if active.checked and len(names) == 1 else None
    )
    if isinstance(node, Composite) and checked_node and checked_node.inner is not None:
        yield f"contains {plural(len(checked_node.inner.graph.nodes), 'node')}"


def _actions_for(node: Node, active: ActiveGraph) -> tuple[str, ...]:
    """List the actions for a node."""
    enter = ("enter_block",) if isinstance(node, Composite) else ()
    ungroup = ("ungroup",) if enter and active.editable else ()
    return (*enter, *ungroup, "show_manual")


def _ports(name: str, node: Node, document: Document, active: ActiveGraph) -> Iterator[PortRow]:
    inputs, outputs = document.model.ports(node)
    sources = active.graph.sources.get(name, {})
    for port in inputs:
        keys = [key for key in sources if key.partition(".")[0] == port.name]
        keys = keys if port.variadic else [key for key in keys if key == port.name]
        for key in keys or [port.name]:
            yield _input_row(port, key, sources.get(key), active)
    for output in outputs:
        yield _output_row(output, PortRef(name, output.name), active)


def _input_row(port: Input, key: str, source: PortRef | None, active: ActiveGraph) -> PortRow:
    spec = active.checked.spec(source) if active.checked and source else None
    connection = f"from {source}" if source else "not connected"
    if source is None and (port.optional or port.variadic):
        connection = "optional"
    elif source is None and port.default:
        connection = f"defaults to {port.default}"
    return PortRow(
        key,
        True,
        spec.kind if spec else port.kind,
        show_shape(spec.shape) if spec else port.pattern,
        spec is not None,
        connection,
        port.doc,
    )


def _output_row(port: Output, ref: PortRef, active: ActiveGraph) -> PortRow:
    spec = active.checked.spec(ref) if active.checked else None
    targets = sum(source == ref for source in active.graph.edges.values())
    return PortRow(
        port.name,
        False,
        spec.kind if spec else port.kind,
        show_shape(spec.shape) if spec else port.pattern,
        spec is not None,
        f"to {plural(targets, 'input')}" if targets else "not used",
        port.doc,
    )


# -- edges and comments --------------------------------------------------------------------------


def _edge_form(target: PortRef, active: ActiveGraph, report: Report) -> FormModel:
    source = active.graph.edges[target]
    spec = active.checked.spec(source) if active.checked else None
    problems = _problems_at((target.node,), active, report)
    facts = [f"from  {source}", f"to  {target}"]
    if spec is not None:
        facts += [f"kind  {spec.kind.value}", f"shape  {show_shape(spec.shape)}"]
    else:
        facts += ["shape  unknown"]
    return FormModel(
        subject=("edge", active.graph_name, target, source),
        title="Edge",
        subtitle=f"{source} → {target}",
        facts=tuple(facts),
        problems=tuple(p for p in problems if p.location.port and p.location.port == target.port),
        actions=("add_node", "delete") if active.editable else (),
    )


def _comment_form(name: str, active: ActiveGraph) -> FormModel:
    comment = active.comments[name]

    def enter(document: Document, entered: str) -> Document:
        return set_text(document, name, entered)

    title = "Frame" if comment.frame else "Comment"
    doc = (
        "A frame moves the nodes inside it."
        if comment.frame
        else "A comment has no effect on the code."
    )
    control = Control.TEXT if comment.frame else Control.LINES
    label = f"Edit {title.lower()}"
    return FormModel(
        subject=("comment", active.graph_name, name),
        title=title,
        doc=doc,
        fields=(Field("text", "text", comment.text, text_edit(enter), control, label),),
        actions=("delete",),
    )


def _mixed_form(document: Document, active: ActiveGraph, costs: Costs) -> FormModel:
    """Count the selected items."""
    selection = document.selection
    counts = (
        (len(selection.nodes), "node"),
        (len(selection.edges), "edge"),
        (len(selection.comments), "comment"),
    )
    known = [costs[name].cost for name in selection.nodes if name in costs]
    facts = [f"{number(sum(known, Cost(0, 0)).parameters)} parameters"] if known else []
    actions = ("group_into_block", "arrange", "delete")
    return FormModel(
        subject=("mixed", active.graph_name),
        title=", ".join(plural(count, word) for count, word in counts if count),
        facts=tuple(facts),
        actions=actions if selection.nodes and active.editable else (),
    )


# -- graphs --------------------------------------------------------------------------------------


def _graph_form(document: Document, active: ActiveGraph) -> FormModel:
    """Make the form of the active graph; the main graph has the settings of the model."""
    if not active.editable:
        return FormModel(
            subject=("composite", active.graph_name),
            title=active.graph_name,
            subtitle=plural(len(active.graph.nodes), "node"),
            facts=("read-only; ungroup the composite to edit it",),
        )
    if active.graph_name != MAIN:
        return _block_form(active)
    model = document.model
    return FormModel(
        subject=("model",),
        title=model.name,
        subtitle="Model",
        fields=(
            Field(
                "name",
                "name",
                model.name,
                text_edit(rename_model),
                history_label="Rename model",
                doc="The name of the model and of its class.",
            ),
            Field(
                "initialization",
                "initialization",
                model.initialization,
                text_edit(set_initialization),
                Control.CHOICE,
                "Set initialization",
                choices=("torch", "normal"),
                doc="torch: the defaults of each layer.\nnormal: N(0, 0.02).",
            ),
            _notes_field(model.notes),
        ),
        facts=model.recipe.overview if model.recipe is not None else (),
        hyperparameters=True,
    )


def _block_form(active: ActiveGraph) -> FormModel:
    name = active.graph_name

    def enter(document: Document, entered: str) -> Document:
        return rename_block(document, name, entered)

    label, doc = f"Rename {name}", "The name of the block and of its class."
    return FormModel(
        subject=("block", name),
        title=name,
        subtitle=f"Block of {plural(len(active.graph.nodes), 'node')}",
        fields=(
            Field("name", "name", name, text_edit(enter), history_label=label, doc=doc),
            _notes_field(active.graph.notes),
        ),
        hyperparameters=True,
    )


def _notes_field(text: str) -> Field:
    edit, doc = text_edit(write_notes), "A description of the graph."
    return Field("notes", "notes", text, edit, Control.LINES, "Edit notes", doc=doc)


def write_notes(document: Document, entered: str) -> Document:
    """Replace the notes of the active graph."""
    return apply_graph(document, replace(editable_graph(document), notes=entered))
