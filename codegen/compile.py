"""The compiler: a `Model` is checked, planned and written as the source of a PyTorch module.

`Model` -> `check` -> `CheckedGraph` -> `make_plan` -> `Plan` -> `write_module` -> `Compiled`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from codegen.check import CheckCache, Report, check
from codegen.check.check import fault_problem
from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.encoder_part import encoder_part
from codegen.check.graph_use import GraphUse
from codegen.check.streamable_graph import generates, growing_sequence, is_streamable
from codegen.planning import streaming
from codegen.planning.argument_aliases import ArgumentAliases
from codegen.planning.checked_access import output_spec
from codegen.planning.class_use import ClassUse
from codegen.planning.config_plan import plan_config
from codegen.planning.dataflow import dataflow
from codegen.planning.model_planner import plan_model
from codegen.planning.model_scope import ModelScope
from codegen.planning.named_quotients import NamedQuotients
from codegen.planning.plan import (
    Plan,
    StateArgument,
)
from codegen.planning.plan_reuse import LastPlan
from codegen.planning.size_notation import SizeNotation
from codegen.project.train_script import TrainingSpec
from codegen.source.identifiers import (
    LOCAL_RESERVED,
    Namespace,
    identifier,
)
from codegen.source.layer_sources import layer_names
from codegen.source.source_writer import SourceMap
from codegen.writing.module_writer import write_module
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Model, PortRef
from nodes.core.graphs.node_guard import NodeFault
from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import Recipe

TYPE_ALIASES = {
    streaming.CACHE: (
        "tuple[Tensor, Tensor]",
        "Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.",
    ),
    streaming.MASKED_CACHE: (
        "tuple[Tensor, Tensor, Tensor]",
        "Cached keys and values of a layer, each (B, H, S, D), and their mask (B, S).",
    ),
    streaming.MEMORY_CACHE: (
        "tuple[Tensor, Tensor]",
        "Keys and values of the memory of a layer, each (B, H, S, D), the same at every call.",
    ),
    streaming.STATE: (
        "tuple[Tensor, Tensor]",
        "Hidden state and cell state of an LSTM, each (num_layers, B, hidden_size).",
    ),
    "Rope": (
        "tuple[Tensor, Tensor]",
        "Cosines and sines of rotary positions, each (T, D) for D rotated channels.",
    ),
}


class NotCompiled(ValueError):
    """The model has errors.

    Attributes:
        report: the result of the check.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return "\n".join(map(str, self.report.errors))


@dataclass(frozen=True, slots=True)
class Compiled:
    """The generated code of a model.

    Attributes:
        source: the source of the model file.
        lines: the source map: the nodes of each line.
        training_spec: what a training script depends on; None for a model without a recipe.
        report: the result of the check: warnings and hints.
    """

    source: str
    lines: SourceMap
    training_spec: TrainingSpec | None
    report: Report


def compile_model(model: Model, cache: CheckCache | None = None) -> Compiled:
    """Compile a model to the source of a PyTorch module.

    Args:
        model: the model.
        cache: the results of earlier checks; what is unchanged is not checked again.

    Raises:
        NotCompiled: the check found errors.

    Example:
        >>> from nodes.core.graphs.graph_builder import GraphBuilder
        >>> from nodes.io.feature_input import FeatureInput
        >>> from nodes.io.graph_output import GraphOutput
        >>> from nodes.linear.linear import Linear
        >>> builder = GraphBuilder()
        >>> x = builder.add("x", FeatureInput(features=8))
        >>> proj = builder.add("proj", Linear(out_features=4), x)
        >>> y = builder.add("y", GraphOutput(), proj)
        >>> source = compile_model(Model("Projection", builder.build())).source
        >>> print(source[source.index("class Projection") :])
        class Projection(nn.Module):
            def __init__(self, config: Config) -> None:
                super().__init__()
                self.config = config
                self.proj = nn.Linear(8, 4)
        <BLANKLINE>
            def forward(self, x: Tensor) -> Tensor:
                \"\"\"x (B, T, 8) -> y (B, T, 4)\"\"\"
                return self.proj(x)
        <BLANKLINE>
    """
    with gc_paused():
        return _compile(model, cache)


def _compile(model: Model, cache: CheckCache | None) -> Compiled:
    report = check(model, cache)
    if not report.ok or report.main is None:
        raise NotCompiled(report)
    try:
        plan = make_plan(model, report.main, cache)
    except NodeFault as fault:
        problem = fault_problem(model, fault)
        raise NotCompiled(replace(report, problems=(problem, *report.problems))) from fault
    file = write_module(plan)
    return Compiled(file.source, file.lines, _training_spec(model, report.main, plan), report)


def _training_spec(model: Model, main: CheckedGraph, plan: Plan) -> TrainingSpec | None:
    if model.recipe is None:
        return None
    specs = [output_spec(main, PortRef(name, "output")) for name in main.graph.input_nodes]
    inputs = {Kind.TOKENS: "tokens", Kind.LENGTHS: "lengths", Kind.MASK: "mask"}
    return TrainingSpec(
        title=model.name,
        class_name=plan.classes[-1].name,
        recipe=_with_fields(model.recipe, plan.fields),
        streaming=bool(plan.state_argument),
        state_argument=plan.state_argument or "past",
        inputs=tuple(inputs[spec.kind] for spec in specs if spec.kind in inputs),
        hyperparameters=tuple(field.name for field in plan.config),
    )


def _with_fields(recipe: Recipe, fields: Mapping[str, str]) -> Recipe:
    """Replace the hyperparameters that a recipe names by the fields of the ``Config``."""
    named = {key: fields[name] for key, name in recipe.hyperparameters.items()}
    return recipe.model_copy(update=named)


def state_argument(model: Model, use: GraphUse) -> StateArgument:
    """Choose the argument of a model for its cached state; "" if the model has no cache.

    Only a model that generates, and whose outputs do not depend on later steps, is given a cache.
    """
    if not (generates(model, use) and is_streamable(use)):
        return ""
    state = streaming.cached_state(use)
    if state is None or (state.path is None and streaming.has_positions(use)):
        return ""
    return "past" if state.path is not None else "state"


def make_plan(model: Model, main: CheckedGraph, cache: CheckCache | None = None) -> Plan:
    """Plan the names, the order and the structure of the generated file."""
    outputs = frozenset(main.graph.output_nodes)
    use = ClassUse(main, outputs, growing_sequence(main), is_model=True)
    if not (argument := state_argument(model, use)):
        use = replace(use, sequence="")
    encoder = frozenset[str]() if model.recipe else encoder_part(use)
    key = model.name, model.hyperparameters, argument, use.sequence, outputs, encoder
    last = cache.plan if cache is not None and isinstance(cache.plan, LastPlan) else None
    scope = last.edited(key, use) if last else None
    if scope is None or last is None:
        scope = _scope(model, use, argument, cache)
        last = LastPlan.of(
            key, dataflow(main, outputs), plan_model(use, model.name, scope, encoder)
        )
        if cache is not None:
            cache.plan = last
    plan = Plan(
        title=model.name,
        dataflow=last.dataflow,
        fields=scope.fields,
        functions=scope.functions,
        classes=scope.classes,
        initialization=model.initialization,
        has_padding=scope.has_padding,
        own_starts=tuple(sorted(scope.own_starts)),
        state_argument=scope.state_argument,
    )
    plan_config(plan, model, main, scope)
    methods = [method for planned in plan.classes for method in planned.methods]
    annotations = [p.annotation for method in methods for p in method.parameters]
    words = {word for annotation in annotations for word in re.findall(r"\w+", annotation)}
    plan.type_aliases = [(name, *TYPE_ALIASES[name]) for name in TYPE_ALIASES if name in words]
    return plan


def _scope(
    model: Model, use: ClassUse, argument: StateArgument, cache: CheckCache | None
) -> ModelScope:
    """Create the scope of the classes of a model."""
    config_names = Namespace(LOCAL_RESERVED)
    fields = {name: config_names.create(identifier(name)) for name in model.hyperparameters}
    known = layer_names(_origins(use.checked))
    names = Namespace(LOCAL_RESERVED | TYPE_ALIASES.keys() | known, "Block", "")
    quotients = NamedQuotients(model.sizes, frozenset(fields.values()) | LOCAL_RESERVED)
    notation = SizeNotation(use.checked, quotients, model.hyperparameters)
    aliases = ArgumentAliases(use.checked)
    scope = ModelScope(fields, argument, use.sequence, names, quotients, notation, known, aliases)
    if cache is not None:
        scope.expressions = cache.expressions
    return scope


def _origins(main: CheckedGraph) -> set[str]:
    """List where the nodes of a model come from."""
    graphs = checked_graphs(main)
    return {type(node).origin for graph in graphs for node in graph.graph.nodes.values()}
