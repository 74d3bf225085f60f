"""Model -> generated source: check, plan, write."""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.check import CheckCache, Report, check
from codegen.check.inference import CheckedGraph
from codegen.check.recipe_checks import recipe_names
from codegen.planning import streaming
from codegen.planning.class_planner import Use, plan_class
from codegen.planning.divisibility import DivisibilityConstraints
from codegen.planning.plan import ConfigField, Division, Plan, Property
from codegen.planning.shared_names import Shared
from codegen.project.train_script import TrainingSpec
from codegen.source.identifiers import LOCAL_RESERVED, Names, class_name, identifier
from codegen.source.source_writer import Nodes
from codegen.writing.layer_sources import library
from codegen.writing.module_writer import write_module
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Model, PortRef
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr, arithmetic, literal
from nodes.core.graphs.recipe import LanguageModelling, Recipe
from nodes.core.shapes.dim import AnyDim, Dim, code, hyper, show

_WIDEST = 80
"""Columns of the line that draws a model in its docstring."""

ALIASES = {
    streaming.CACHE: (
        "tuple[Tensor, Tensor]",
        "The keys and values of one attention, each (B, H, S, D); S grows with every call.",
    ),
    streaming.STATE: (
        "tuple[Tensor, Tensor]",
        "The hidden and cell state of a recurrent layer, each (layers, B, hidden).",
    ),
}


class NotCompiled(ValueError):
    """The model has errors.

    Attributes:
        report: what the check found.
    """

    def __init__(self, report: Report) -> None:
        super().__init__("\n".join(map(str, report.errors)))
        self.report = report


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model's code.

    Attributes:
        source: the model file.
        lines: the nodes of each of its lines.
        training_spec: what a training script must know; None for a model without a recipe.
        report: what the check found, which is no error.
    """

    source: str
    lines: tuple[Nodes, ...]
    training_spec: TrainingSpec | None
    report: Report


def compile_model(model: Model, memory: CheckCache | None = None) -> Compiled:
    """Check a model and write its source.

    Args:
        model: the model.
        memory: what earlier checks found, to be quick about what stays the same.

    Raises:
        NotCompiled: the check found errors.
    """
    with gc_paused():
        return _compile(model, memory)


def _compile(model: Model, memory: CheckCache | None) -> Compiled:
    report = check(model, memory)
    if not report.ok or report.main is None:
        raise NotCompiled(report)
    plan = make_plan(model, report.main, memory)
    file = write_module(plan)
    return Compiled(file.source, file.lines, _trainee(model, report.main, plan), report)


def _trainee(model: Model, main: CheckedGraph, plan: Plan) -> TrainingSpec | None:
    if model.recipe is None:
        return None
    input_nodes = [main.spec(PortRef(name, "output")) for name in main.graph.input_nodes]
    inputs = {Kind.TOKENS: "tokens", Kind.LENGTHS: "lengths", Kind.MASK: "mask"}
    return TrainingSpec(
        title=model.name,
        class_name=plan.classes[-1].name,
        recipe=_with_fields(model.recipe, plan.fields),
        streaming=bool(plan.streamed),
        carried=plan.streamed or "past",
        inputs=tuple(inputs[spec.kind] for spec in input_nodes if spec.kind in inputs),
        hyperparameters=tuple(one.name for one in plan.config),
    )


def _with_fields(recipe: Recipe, fields: Mapping[str, str]) -> Recipe:
    """Let a recipe name the fields of the ``Config`` instead of the hyperparameters."""
    named = {place: fields[name] for place, name in recipe.named.items()}
    return recipe.model_copy(update=named)


def streamed_as(model: Model, main: CheckedGraph) -> str:
    """Tell how a language model is fed piece by piece: by its "past", its "state", or "" not."""
    output_nodes = frozenset(main.graph.output_nodes)
    if not isinstance(model.recipe, LanguageModelling) or not streaming.streams(main, output_nodes):
        return ""
    memory = streaming.memory(main, output_nodes)
    if memory is None or (memory.path is None and streaming.has_positions(main, output_nodes)):
        return ""
    return "state" if streaming.CACHE not in memory.annotation else "past"


def make_plan(model: Model, main: CheckedGraph, memory: CheckCache | None = None) -> Plan:
    """Decide all names, their order and the structure of the generated file."""
    allocator = Names(LOCAL_RESERVED)
    fields = {name: allocator.take(identifier(name)) for name in model.hyperparameters}
    names = Names(LOCAL_RESERVED | ALIASES.keys() | library().keys(), "Block", "")
    quotients = DivisibilityConstraints(model.sizes, frozenset(fields.values()) | LOCAL_RESERVED)
    shared = Shared(fields, streamed_as(model, main), names, quotients)
    if memory is not None:
        shared.written = memory.written
    use = Use(main, frozenset(main.graph.output_nodes), main=True)
    plan_class(use, class_name(model.name), "", shared)
    plan = Plan(
        model.name, fields=fields, initialization=model.initialization, streamed=shared.streamed
    )
    plan.functions, plan.classes = shared.functions, shared.classes
    for size in sorted(_sizes(main), key=str):
        quotients.meet(size)
    _divisions(plan, shared)
    plan.config = _config(model, shared)
    plan.spec = _flow(model, main)
    text = " ".join(one.annotation for plan_ in plan.classes for one in plan_.parameters)
    plan.aliases = [(name, *ALIASES[name]) for name in ALIASES if name in text]
    return plan


def _config(model: Model, shared: Shared) -> list[ConfigField]:
    kept = shared.used_fields | recipe_names(model.recipe)
    return [
        ConfigField(shared.fields[name], type(one.value).__name__, literal(one.value), one.doc)
        for name, one in model.hyperparameters.items()
        if name in kept
    ]


def _divisions(plan: Plan, shared: Shared) -> None:
    """Let the ``Config`` see to the exact divisions, and name those that people name."""

    def write(size: AnyDim) -> Expr:
        return arithmetic(code(size, lambda name, free: f"self.{shared.config(name)}")[0])

    quotients = shared.quotients
    plan.divisions = [
        Division(write(whole), write(part))
        for whole, part in quotients.divisions
        if not _follows(whole, part, quotients.divisions)
    ]
    plan.properties = [
        Property(name, write(hyper(whole)) // write(hyper(part)))
        for name, (whole, part) in quotients.named.items()
        if name in shared.used_quotients
    ]


def _follows(whole: AnyDim, part: AnyDim, others: Iterable[tuple[AnyDim, AnyDim]]) -> bool:
    """Tell whether a division is exact because one by a multiple of the part is."""
    wider = [other for one, other in others if one == whole and other != part]
    return any(isinstance(other // part, int) and other // part * part == other for other in wider)


def _sizes(main: CheckedGraph) -> set[Dim]:
    """Collect every size in a model."""
    waiting, seen, sizes = [main], set(), set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name in one.order:
            found = one.found[name]
            sizes.update(found.inferred.dims.sizes.values())
            for spec in found.inferred.outputs.values():
                sizes.update(spec.shape)
            if found.inner is not None:
                waiting.append(found.inner)
    return {size for size in sizes if isinstance(size, Dim)}


def _flow(model: Model, main: CheckedGraph) -> str:
    """Draw the way from the first input to the first output in one line."""
    name = next(iter(main.graph.output_nodes))
    way = []
    while name:
        node = main.graph.nodes[name]
        if node.category is not Category.MERGE:
            repeat = getattr(node, "repeat", 1)
            way.append(name if repeat == 1 else f"{name} x {show(repeat)}")
        sources = main.sources[name]
        name = next(iter(sources.values())).node if sources else ""
    line = " -> ".join(reversed(way))
    return textwrap.fill(line, _WIDEST, subsequent_indent="    ", break_long_words=False)
