"""The training recipe against the graph: what goes in, what comes out, what the data decides."""

from collections.abc import Iterator

from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location, Problem, Severity
from codegen.check.remedy import (
    AddNode,
    Insert,
    Remedy,
    RemoveNode,
    SetHyperparameter,
    SetParameter,
)
from nodes.core.graphs.graph import MAIN, Model, PortRef
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.graphs.recipe import Forecasting, LanguageModelling, Recipe
from nodes.core.shapes.dim import free, hyper, show
from nodes.core.shapes.shape import Shape, show_shape

TYPICAL = {"vocabulary": 256, "classes": 2, "features": 1, "outputs": 1}


def recipe_names(recipe: Recipe | None) -> frozenset[str]:
    """Name the hyperparameters that a recipe speaks of."""
    return frozenset(recipe.named.values()) if recipe is not None else frozenset()


def recipe_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Find what keeps the model from being trained as its recipe says."""
    recipe = model.recipe
    missing = False
    for role, name in recipe.sizes.items():
        if name not in model.sizes:
            missing = True
            text = f"the data decides the {role}: a whole-number hyperparameter {name} is expected"
            yield _wrong(f"{text}, but there is none", SetHyperparameter(name, TYPICAL[role]))
    context = getattr(recipe, "context", None)
    if context and context not in model.sizes:
        text = f"{context} bounds the length: a whole-number hyperparameter {context} is expected"
        yield _wrong(f"{text}, but there is none", SetHyperparameter(context, recipe.seq_len))
    elif context and recipe.seq_len > model.sizes[context]:
        text = f"a seq_len of at most {context} = {model.sizes[context]} is expected"
        mend = SetHyperparameter(context, recipe.seq_len)
        yield _wrong(f"{text}, not {recipe.seq_len}", mend)
    if not missing:
        yield from _inputs(model, main)
        yield from _outputs(model, main)


def _wrong(text: str, *remedies: Remedy) -> Problem:
    return Problem(Severity.ERROR, Location(parameter="recipe"), text, remedies)


def _inputs(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """See that exactly what the data gives goes in."""
    specs = _flows(main, main.graph.input_nodes)
    wanted = Kind.FEATURES if isinstance(model.recipe, Forecasting) else Kind.TOKENS
    here = [name for name, node in main.graph.input_nodes.items() if node.outputs[0].kind is wanted]
    if len(here) != 1 and main.graph.input_nodes:
        new = AddNode(MAIN, "FeatureInput" if wanted is Kind.FEATURES else "TokenInput")
        mends = [RemoveNode(MAIN, name) for name in here[1:]] or [new]
        yield _wrong(f"one input of {wanted.value} is expected, but there are {len(here)}", *mends)
    beside = () if model.recipe.kind != "sequence-classification" else (Kind.LENGTHS, Kind.MASK)
    for name, spec in specs.items():
        if spec.kind is not wanted and spec.kind not in beside:
            text = f"the data for {model.recipe.kind} gives no {spec.kind.value}"
            mend = (RemoveNode(MAIN, name),)
            yield Problem(Severity.ERROR, Location(node=name), text, mend)
    if isinstance(model.recipe, Forecasting):
        features = hyper(model.recipe.features)
        wanted_shape = free("B"), free("T"), features
        for name in specs.keys() & here:
            mend = SetParameter(MAIN, name, "features", features)
            yield from _fits(name, specs[name], wanted_shape, mend)


def _outputs(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """See that exactly what the loss takes comes out."""
    recipe, results = model.recipe, main.results
    if len(main.graph.output_nodes) > 1:
        mends = [RemoveNode(MAIN, name) for name in [*main.graph.output_nodes][1:]]
        yield _wrong(
            f"one output is expected, but there are {len(main.graph.output_nodes)}", *mends
        )
        return
    wanted = _wanted(recipe)
    for name, spec in results.items():
        yield from _fits(name, spec, wanted, *_mend_output(name, spec.shape, wanted))
    if not isinstance(recipe, Forecasting):
        yield from _vocabulary(model, main)


def _mend_output(name: str, shape: Shape, wanted: Shape) -> Iterator[Remedy]:
    """Propose to pick one step, or to change the last size."""
    target = PortRef(name, "input")
    if len(shape) == 3 and len(wanted) == 2:
        yield Insert(MAIN, target, "LastStep")
    elif shape[:-1] == wanted[:-1]:
        yield Insert(MAIN, target, "Linear", (("out_features", wanted[-1]),))


def _wanted(recipe: Recipe) -> Shape:
    """Tell the shape that the loss takes."""
    if isinstance(recipe, LanguageModelling):
        return free("B"), free("T"), hyper(recipe.vocabulary)
    if isinstance(recipe, Forecasting):
        return free("B"), hyper(recipe.outputs)
    return free("B"), hyper(recipe.classes)


def _fits(name: str, spec: TensorSpec, wanted: Shape, *remedies: Remedy) -> Iterator[Problem]:
    if spec.shape != wanted:
        text = f"the recipe expects {show_shape(wanted)} here, not {show_shape(spec.shape)}"
        yield Problem(Severity.ERROR, Location(node=name), text, remedies)


def _vocabulary(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """See that every embedding of tokens has as many rows as the data has characters."""
    for name in main.order:
        node = main.graph.nodes[name]
        rows = getattr(node, "num_embeddings", None)
        source = main.sources[name].get("input")
        if rows is None or source is None or source.node not in main.graph.input_nodes:
            continue
        known = hyper(model.recipe.vocabulary)
        if rows != known:
            text = f"{show(known)} is expected, as the data decides, not {show(rows)}"
            where = Location(node=name, parameter="num_embeddings")
            mend = (SetParameter(MAIN, name, "num_embeddings", known),)
            yield Problem(Severity.ERROR, where, text, mend)


def _flows(main: CheckedGraph, names: object) -> dict[str, TensorSpec]:
    return {
        name: next(iter(main.found[name].inferred.outputs.values()))
        for name in names
        if name in main.order
    }
