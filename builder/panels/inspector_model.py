"""What the inspector shows: what is selected, or else the graph that is shown, or the model."""

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
    Entered,
    Field,
    FormModel,
    PortRow,
    number,
    plural,
)
from builder.panels.parameter_fields import Nodes, parameter_fields
from codegen.check import Problem, Report
from codegen.cost import Cost, Row
from nodes.core.graphs.graph import MAIN, Block, Composite, PortRef
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Input
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.shape import show_shape

Costs = Mapping[str, Row]


def inspect(document: Document, shown: ActiveGraph, report: Report, costs: Costs) -> FormModel:
    """Make the sheet of what is selected.

    Args:
        document: the document.
        shown: the graph that is shown, in which things are selected.
        report: what the check found.
        costs: what the nodes of that graph cost, as far as it is known.
    """
    chosen = document.selection
    nodes = tuple(name for name in shown.graph.nodes if name in chosen.nodes)
    types = {type(shown.graph.nodes[name]) for name in nodes}
    if not chosen:
        return _whole(document, shown)
    if nodes and len(types) == 1 and not chosen.edges and not chosen.comments:
        return _nodes(nodes, document, shown, report, costs)
    if len(chosen.edges) == 1 and not nodes and not chosen.comments:
        return _edge(next(iter(chosen.edges)), shown, report)
    if len(chosen.comments) == 1 and not nodes and not chosen.edges:
        return _remark(next(iter(chosen.comments)), shown)
    return _several(document, shown, costs)


# -- nodes ---------------------------------------------------------------------------------------


def _nodes(
    names: tuple[str, ...], document: Document, shown: ActiveGraph, report: Report, costs: Costs
) -> FormModel:
    """Show one node, or several of one type together."""
    here = tuple(_problems_at(names, shown, report))
    nodes = Nodes(names, shown.graph, document.model, here)
    fields = tuple(parameter_fields(nodes)) if shown.editable else ()
    told = tuple(f"{f.label}  {f.value}" for f in parameter_fields(nodes) if not shown.editable)
    one = names[0] if len(names) == 1 else ""
    node = nodes.all[0]
    if one and shown.editable:
        fields = (_name(one), *fields)
    beside = {field.key for field in fields if field.wrong}
    return FormModel(
        of=("nodes", shown.graph_name, document.path, names, nodes.type),
        title=one or plural(len(names), "node"),
        subtitle=_called(node),
        family=nodes.type.category,
        doc=manual(nodes.type).partition("\n")[0],
        fields=fields,
        ports=tuple(_ports(one, node, document, shown)) if one else (),
        facts=(*told, *_node_facts(names, node, shown, costs)),
        problems=tuple(p for p in here if p.where.parameter not in beside),
        offers=_offers(node, shown) if one else (),
    )


def _name(name: str) -> Field:
    def enter(document: Document, entered: Entered) -> Document:
        return rename(document, name, entered)

    doc = "What the node is called here and in the generated code."
    return Field("name", "name", name, enter, step=f"Rename {name}", doc=doc)


def _called(node: Node) -> str:
    return f"block {node.block}" if isinstance(node, Block) else type(node).__name__


def _problems_at(names: tuple[str, ...], shown: ActiveGraph, report: Report) -> Iterator[Problem]:
    for one in report.problems:
        if one.where.node in names and one.where.graph == shown.graph_name:
            yield one


def _node_facts(
    names: tuple[str, ...], node: Node, shown: ActiveGraph, costs: Costs
) -> Iterator[str]:
    """Tell what nodes cost, and what is special about them."""
    known = [costs[name].cost for name in names if name in costs]
    if known:
        cost = sum(known, Cost(0, 0))
        yield f"{number(cost.parameters)} parameters"
        yield f"{number(cost.flops)} FLOPs at B 1, T 64"
    root = shown.checked.waiting.get(names[0]) if shown.checked and len(names) == 1 else None
    if root is not None:
        yield f"waits for {root}"
    if any(name in shown.graph.bypassed for name in names):
        yield "passed over: what arrives goes on as it is"
    found = shown.checked.found.get(names[0]) if shown.checked and len(names) == 1 else None
    if isinstance(node, Composite) and found and found.inner is not None:
        yield f"stands for {plural(len(found.inner.graph.nodes), 'node')}"


def _offers(node: Node, shown: ActiveGraph) -> tuple[str, ...]:
    """Name the actions that suit a node."""
    inside = ("enter",) if isinstance(node, Composite) else ()
    apart = ("ungroup",) if inside and shown.editable else ()
    return (*inside, *apart, "manual")


def _ports(name: str, node: Node, document: Document, shown: ActiveGraph) -> Iterator[PortRow]:
    inputs, outputs = document.model.ports(node)
    arriving = shown.graph.arriving.get(name, {})
    for port in inputs:
        ends = [key for key in arriving if key.partition(".")[0] == port.name]
        ends = ends if port.variadic else [key for key in ends if key == port.name]
        for key in ends or [port.name]:
            yield _input(port, key, arriving.get(key), shown)
    for port in outputs:
        spec = shown.checked.spec(PortRef(name, port.name)) if shown.checked else None
        read = sum(source == (name, port.name) for source in shown.graph.edges.values())
        yield PortRow(
            port.name,
            False,
            spec.kind if spec else port.kind,
            show_shape(spec.shape) if spec else port.pattern,
            spec is not None,
            f"to {plural(read, 'input')}" if read else "not used",
            port.doc,
        )


def _input(port: Input, key: str, source: PortRef | None, shown: ActiveGraph) -> PortRow:
    spec = shown.checked.spec(source) if shown.checked and source else None
    far = f"from {source}" if source else "open"
    if source is None and (port.optional or port.variadic):
        far = "optional"
    elif source is None and port.default:
        far = f"as {port.default}"
    return PortRow(
        key,
        True,
        spec.kind if spec else port.kind,
        show_shape(spec.shape) if spec else port.pattern,
        spec is not None,
        far,
        port.doc,
    )


# -- edges and remarks ---------------------------------------------------------------------------


def _edge(target: PortRef, shown: ActiveGraph, report: Report) -> FormModel:
    source = shown.graph.edges[target]
    spec = shown.checked.spec(source) if shown.checked else None
    here = tuple(p for p in _problems_at((target.node,), shown, report) if p.where.port)
    facts = [f"from  {source}", f"to  {target}"]
    if spec is not None:
        facts += [f"carries  {spec.kind.value}", f"shape  {show_shape(spec.shape)}"]
    else:
        facts += ["nothing is known of it yet"]
    return FormModel(
        of=("edge", shown.graph_name, target, source),
        title="Edge",
        subtitle=f"{source} → {target}",
        facts=tuple(facts),
        problems=tuple(p for p in here if p.where.port == target.port),
        offers=("add", "delete") if shown.editable else (),
    )


def _remark(name: str, shown: ActiveGraph) -> FormModel:
    comment = shown.comments[name]

    def enter(document: Document, entered: Entered) -> Document:
        return set_text(document, name, entered)

    what = "Frame" if comment.frame else "Comment"
    doc = (
        "A frame moves what lies in it along."
        if comment.frame
        else "A comment is only for those who look at the graph."
    )
    control = Control.TEXT if comment.frame else Control.LINES
    return FormModel(
        of=("remark", shown.graph_name, name),
        title=what,
        doc=doc,
        fields=(Field("text", "text", comment.text, enter, control, f"Write {what.lower()}"),),
        offers=("delete",),
    )


def _several(document: Document, shown: ActiveGraph, costs: Costs) -> FormModel:
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
        of=("several", shown.graph_name),
        title=", ".join(plural(count, word) for count, word in counts if count),
        facts=tuple(facts),
        offers=("group", "arrange", "delete") if chosen.nodes and shown.editable else (),
    )


# -- the whole -----------------------------------------------------------------------------------


def _whole(document: Document, shown: ActiveGraph) -> FormModel:
    """Show the graph that is shown, and the model where it is the main one."""
    if not shown.editable:
        return FormModel(
            of=("composite", shown.graph_name),
            title=shown.graph_name,
            subtitle=plural(len(shown.graph.nodes), "node"),
            facts=("this can only be looked at; take the node apart to change it",),
        )
    if shown.graph_name != MAIN:
        return _block(shown)
    model = document.model
    return FormModel(
        of=("model",),
        title=model.name,
        subtitle="Model",
        fields=(
            Field(
                "name",
                "name",
                model.name,
                rename_model,
                step="Rename the model",
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


def _block(shown: ActiveGraph) -> FormModel:
    name = shown.graph_name

    def enter(document: Document, entered: Entered) -> Document:
        return rename_block(document, name, entered)

    doc = "What the block is called; its class is named after it."
    return FormModel(
        of=("block", name),
        title=name,
        subtitle=f"Block of {plural(len(shown.graph.nodes), 'node')}",
        fields=(
            Field("name", "name", name, enter, step=f"Rename {name}", doc=doc),
            _notes(shown.graph.notes),
        ),
        hyperparameters=True,
    )


def _notes(text: str) -> Field:
    doc = "Its story, for those who read the graph."
    return Field("notes", "notes", text, write_notes, Control.LINES, "Write notes", doc=doc)


def write_notes(document: Document, entered: Entered) -> Document:
    """Replace the notes of the graph that is shown."""
    return apply_graph(document, replace(editable_graph(document), notes=entered))


def recipe_lines(recipe: Recipe | None) -> Iterator[str]:
    """Tell how a model is trained."""
    if recipe is None:
        return
    yield f"trained for {recipe.kind.replace('-', ' ')} on {recipe.data}"
    yield f"{recipe.steps:,} steps of {recipe.batch_size:,} sequences"
    yield f"learning rate {recipe.learning_rate:g}, weight decay {recipe.weight_decay:g}"
