"""What the inspector shows: what is selected, or else the graph that is shown, or the model."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from builder.canvas.active_graph import ActiveGraph
from builder.commands.blocks import rename_block
from builder.commands.comments import write
from builder.commands.editing import begin, finish
from builder.commands.model_settings import rename_model, set_initialization
from builder.commands.nodes import rename
from builder.document.document import Document
from builder.panels.form_model import (
    Control,
    Entered,
    Field,
    FormModel,
    PortRow,
    number,
    plural,
)
from builder.panels.parameter_fields import InspectedNodes, parameter_fields
from codegen.check import Problem, Report
from codegen.cost import Cost, Row
from nodes.core.graphs.graph import MAIN, Block, Composite, PortRef
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Input
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.shape import show_shape

Costs = Mapping[str, Row]


def inspect(document: Document, active: ActiveGraph, report: Report, costs: Costs) -> FormModel:
    """Make the sheet of what is selected.

    Args:
        document: the document.
        active: the graph that is shown, in which things are selected.
        report: what the check found.
        costs: what the nodes of that graph cost, as far as it is known.
    """
    chosen = document.selection
    nodes = tuple(name for name in active.graph.nodes if name in chosen.nodes)
    types = {type(active.graph.nodes[name]) for name in nodes}
    if not chosen:
        return _whole(document, active)
    if nodes and len(types) == 1 and not chosen.edges and not chosen.comments:
        return _nodes(nodes, document, active, report, costs)
    if len(chosen.edges) == 1 and not nodes and not chosen.comments:
        return _edge(next(iter(chosen.edges)), active, report)
    if len(chosen.comments) == 1 and not nodes and not chosen.edges:
        return _remark(next(iter(chosen.comments)), active)
    return _several(document, active, costs)


# -- nodes ---------------------------------------------------------------------------------------


def _nodes(
    names: tuple[str, ...], document: Document, active: ActiveGraph, report: Report, costs: Costs
) -> FormModel:
    """Show one node, or several of one type together."""
    here = tuple(_problems_at(names, active, report))
    nodes = InspectedNodes(names, active.graph, document.model, here)
    fields = tuple(parameter_fields(nodes)) if active.editable else ()
    told = tuple(f"{f.label}  {f.value}" for f in parameter_fields(nodes) if not active.editable)
    one = names[0] if len(names) == 1 else ""
    node = nodes.all[0]
    if one and active.editable:
        fields = (_name(one), *fields)
    beside = {field.key for field in fields if field.error}
    return FormModel(
        subject=("nodes", active.graph_name, document.place, names, nodes.type),
        title=one or plural(len(names), "node"),
        subtitle=_called(node),
        family=nodes.type.category,
        doc=manual(nodes.type).partition("\n")[0],
        fields=fields,
        ports=tuple(_ports(one, node, document, active)) if one else (),
        facts=(*told, *_node_facts(names, node, active, costs)),
        problems=tuple(p for p in here if p.where.parameter not in beside),
        actions=_actions_for(node, active) if one else (),
    )


def _name(name: str) -> Field:
    def enter(document: Document, entered: Entered) -> Document:
        return rename(document, name, entered)

    doc = "What the node is called here and in the generated code."
    return Field("name", "name", name, enter, history_label=f"Rename {name}", doc=doc)


def _called(node: Node) -> str:
    return f"block {node.block}" if isinstance(node, Block) else type(node).__name__


def _problems_at(names: tuple[str, ...], active: ActiveGraph, report: Report) -> Iterator[Problem]:
    for one in report.problems:
        if one.where.node in names and one.where.graph == active.graph_name:
            yield one


def _node_facts(
    names: tuple[str, ...], node: Node, active: ActiveGraph, costs: Costs
) -> Iterator[str]:
    """Tell what nodes cost, and what is special about them."""
    known = [costs[name].cost for name in names if name in costs]
    if known:
        cost = sum(known, Cost(0, 0))
        yield f"{number(cost.parameters)} parameters"
        yield f"{number(cost.flops)} FLOPs at B 1, T 64"
    root = active.checked.waiting.get(names[0]) if active.checked and len(names) == 1 else None
    if root is not None:
        yield f"waits for {root}"
    if any(name in active.graph.bypassed for name in names):
        yield "passed over: what arrives goes on as it is"
    found = active.checked.found.get(names[0]) if active.checked and len(names) == 1 else None
    if isinstance(node, Composite) and found and found.inner is not None:
        yield f"stands for {plural(len(found.inner.graph.nodes), 'node')}"


def _actions_for(node: Node, active: ActiveGraph) -> tuple[str, ...]:
    """Name the actions that suit a node."""
    inside = ("enter",) if isinstance(node, Composite) else ()
    apart = ("ungroup",) if inside and active.editable else ()
    return (*inside, *apart, "manual")


def _ports(name: str, node: Node, document: Document, active: ActiveGraph) -> Iterator[PortRow]:
    inputs, outputs = document.model.ports(node)
    arriving = active.graph.arriving.get(name, {})
    for port in inputs:
        ends = [key for key in arriving if key.partition(".")[0] == port.name]
        ends = ends if port.variadic else [key for key in ends if key == port.name]
        for key in ends or [port.name]:
            yield _input(port, key, arriving.get(key), active)
    for port in outputs:
        spec = active.checked.spec(PortRef(name, port.name)) if active.checked else None
        read = sum(source == (name, port.name) for source in active.graph.edges.values())
        yield PortRow(
            port.name,
            False,
            spec.kind if spec else port.kind,
            show_shape(spec.shape) if spec else port.pattern,
            spec is not None,
            f"to {plural(read, 'input')}" if read else "not used",
            port.doc,
        )


def _input(port: Input, key: str, source: PortRef | None, active: ActiveGraph) -> PortRow:
    spec = active.checked.spec(source) if active.checked and source else None
    connection = f"from {source}" if source else "open"
    if source is None and (port.optional or port.variadic):
        connection = "optional"
    elif source is None and port.default:
        connection = f"as {port.default}"
    return PortRow(
        key,
        True,
        spec.kind if spec else port.kind,
        show_shape(spec.shape) if spec else port.pattern,
        spec is not None,
        connection,
        port.doc,
    )


# -- edges and remarks ---------------------------------------------------------------------------


def _edge(target: PortRef, active: ActiveGraph, report: Report) -> FormModel:
    source = active.graph.edges[target]
    spec = active.checked.spec(source) if active.checked else None
    here = tuple(p for p in _problems_at((target.node,), active, report) if p.where.port)
    facts = [f"from  {source}", f"to  {target}"]
    if spec is not None:
        facts += [f"carries  {spec.kind.value}", f"shape  {show_shape(spec.shape)}"]
    else:
        facts += ["nothing is known of it yet"]
    return FormModel(
        subject=("edge", active.graph_name, target, source),
        title="Edge",
        subtitle=f"{source} → {target}",
        facts=tuple(facts),
        problems=tuple(p for p in here if p.where.port == target.port),
        actions=("add", "delete") if active.editable else (),
    )


def _remark(name: str, active: ActiveGraph) -> FormModel:
    comment = active.comments[name]

    def enter(document: Document, entered: Entered) -> Document:
        return write(document, name, entered)

    what = "Frame" if comment.frame else "Comment"
    doc = (
        "A frame moves what lies in it along."
        if comment.frame
        else "A comment is only for those who look at the graph."
    )
    control = Control.TEXT if comment.frame else Control.LINES
    return FormModel(
        subject=("remark", active.graph_name, name),
        title=what,
        doc=doc,
        fields=(Field("text", "text", comment.text, enter, control, f"Write {what.lower()}"),),
        actions=("delete",),
    )


def _several(document: Document, active: ActiveGraph, costs: Costs) -> FormModel:
    """Count what is selected."""
    chosen = document.selection
    counts = (
        (len(chosen.nodes), "node"),
        (len(chosen.edges), "edge"),
        (len(chosen.comments), "remark"),
    )
    known = [costs[name].cost for name in chosen.nodes if name in costs]
    facts = [f"{number(sum(known, Cost(0, 0)).parameters)} parameters"] if known else []
    return FormModel(
        subject=("several", active.graph_name),
        title=", ".join(plural(count, word) for count, word in counts if count),
        facts=tuple(facts),
        actions=("group", "arrange", "delete") if chosen.nodes and active.editable else (),
    )


# -- the whole -----------------------------------------------------------------------------------


def _whole(document: Document, active: ActiveGraph) -> FormModel:
    """Show the graph that is shown, and the model where it is the main one."""
    if not active.editable:
        return FormModel(
            subject=("composite", active.graph_name),
            title=active.graph_name,
            subtitle=plural(len(active.graph.nodes), "node"),
            facts=("this can only be looked at; take the node apart to change it",),
        )
    if active.graph_name != MAIN:
        return _block(active)
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
                rename_model,
                history_label="Rename the model",
                doc="What the model is called; its class is named after it.",
            ),
            Field(
                "initialization",
                "fresh weights",
                model.initialization,
                set_initialization,
                Control.CHOICE,
                "Set how weights begin",
                choices=("torch", "normal"),
                doc="torch: as each layer does by itself.\nnormal: from Normal(0, 0.02).",
            ),
            _notes(model.notes),
        ),
        facts=tuple(recipe_lines(model.recipe)),
        hyperparameters=True,
    )


def _block(active: ActiveGraph) -> FormModel:
    name = active.graph_name

    def enter(document: Document, entered: Entered) -> Document:
        return rename_block(document, name, entered)

    doc = "What the block is called; its class is named after it."
    return FormModel(
        subject=("block", name),
        title=name,
        subtitle=f"Block of {plural(len(active.graph.nodes), 'node')}",
        fields=(
            Field("name", "name", name, enter, history_label=f"Rename {name}", doc=doc),
            _notes(active.graph.notes),
        ),
        hyperparameters=True,
    )


def _notes(text: str) -> Field:
    doc = "Its story, for those who read the graph."
    return Field("notes", "notes", text, write_notes, Control.LINES, "Write notes", doc=doc)


def write_notes(document: Document, entered: Entered) -> Document:
    """Replace the notes of the graph that is shown."""
    return finish(document, replace(begin(document), notes=entered))


def recipe_lines(recipe: Recipe | None) -> Iterator[str]:
    """Tell how a model is trained."""
    if recipe is None:
        return
    yield f"trained for {recipe.kind.replace('-', ' ')} on {recipe.data}"
    yield f"{recipe.steps:,} steps of {recipe.batch_size:,} sequences"
    yield f"learning rate {recipe.learning_rate:g}, weight decay {recipe.weight_decay:g}"
