"""The training recipe against the graph: what goes in, what comes out, what the data decides."""

from collections.abc import Iterator

from codegen.check.infer import Checked
from codegen.check.problem import Address, Problem, Severity
from codegen.check.remedy import SetHyperparameter
from nodes.core.dim import free, hyper, show
from nodes.core.graph import Model
from nodes.core.node import Flow, Kind
from nodes.core.recipe import Forecasting, LanguageModelling, Recipe
from nodes.core.shape import Shape, show_shape

TYPICAL = {"vocabulary": 256, "classes": 2, "features": 1, "outputs": 1}


def recipe_names(recipe: Recipe | None) -> frozenset[str]:
    """Name the hyperparameters that a recipe speaks of."""
    if recipe is None:
        return frozenset()
    context = getattr(recipe, "context", None)
    return frozenset(recipe.sizes.values()) | ({context} if context else frozenset())


def recipe_problems(model: Model, main: Checked) -> Iterator[Problem]:
    """Find what keeps the model from being trained as its recipe says."""
    recipe = model.recipe
    missing = False
    for role, name in recipe.sizes.items():
        if name not in model.sizes:
            missing = True
            text = f"the data decides the {role}, but there is no hyperparameter {name}"
            mend = (SetHyperparameter(name, TYPICAL[role]),)
            yield Problem(Severity.ERROR, Address(parameter="recipe"), text, mend)
    context = getattr(recipe, "context", None)
    if context and context not in model.sizes:
        yield _wrong(f"it names the hyperparameter {context} as the context, but there is none")
    elif context and recipe.seq_len > model.sizes[context]:
        longest = model.sizes[context]
        yield _wrong(f"sequences of {recipe.seq_len} do not fit into the {context} of {longest}")
    if not missing:
        yield from _inputs(model, main)
        yield from _outputs(model, main)


def _wrong(text: str) -> Problem:
    return Problem(Severity.ERROR, Address(parameter="recipe"), text)


def _inputs(model: Model, main: Checked) -> Iterator[Problem]:
    """See that exactly what the data gives goes in."""
    flows = _flows(main, main.graph.entrances)
    wanted = Kind.FEATURES if isinstance(model.recipe, Forecasting) else Kind.TOKENS
    here = [name for name, flow in flows.items() if flow.kind is wanted]
    if len(here) != 1:
        yield _wrong(f"one input of {wanted.value} is expected, but there are {len(here)}")
    beside = () if model.recipe.kind != "sequence-classification" else (Kind.LENGTHS, Kind.MASK)
    for name, flow in flows.items():
        if flow.kind is not wanted and flow.kind not in beside:
            text = f"the data for {model.recipe.kind} gives no {flow.kind.value}"
            yield Problem(Severity.ERROR, Address(node=name), text)
    if isinstance(model.recipe, Forecasting):
        features = hyper(model.recipe.features)
        for name in here:
            yield from _fits(name, flows[name], (free("B"), free("T"), features), "goes in")


def _outputs(model: Model, main: Checked) -> Iterator[Problem]:
    """See that exactly what the loss takes comes out."""
    recipe, results = model.recipe, main.results
    if len(main.graph.exits) != 1:
        yield _wrong(f"one output is expected, but there are {len(main.graph.exits)}")
        return
    for name, flow in results.items():
        yield from _fits(name, flow, _wanted(recipe), "comes out")
        if isinstance(recipe, LanguageModelling):
            yield from _vocabulary(model, main)


def _wanted(recipe: Recipe) -> Shape:
    """Tell the shape that the loss takes."""
    if isinstance(recipe, LanguageModelling):
        return free("B"), free("T"), hyper(recipe.vocabulary)
    if isinstance(recipe, Forecasting):
        return free("B"), hyper(recipe.outputs)
    return free("B"), hyper(recipe.classes)


def _fits(name: str, flow: Flow, wanted: Shape, way: str) -> Iterator[Problem]:
    if flow.shape != wanted:
        text = f"{show_shape(wanted)} {way} by the recipe, but {show_shape(flow.shape)} does here"
        yield Problem(Severity.ERROR, Address(node=name), text)


def _vocabulary(model: Model, main: Checked) -> Iterator[Problem]:
    """See that every embedding of tokens has as many rows as the data has characters."""
    for name in main.order:
        node = main.graph.nodes[name]
        rows = getattr(node, "num_embeddings", None)
        source = main.sources[name].get("input")
        if rows is None or source is None or source.node not in main.graph.entrances:
            continue
        if rows != hyper(model.recipe.vocabulary):
            text = f"{model.recipe.vocabulary} rows are expected for the tokens, not {show(rows)}"
            yield Problem(Severity.ERROR, Address(node=name, parameter="num_embeddings"), text)


def _flows(main: Checked, names: object) -> dict[str, Flow]:
    return {
        name: next(iter(main.found[name].inferred.outputs.values()))
        for name in names
        if name in main.order
    }
