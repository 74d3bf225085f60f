"""Problems of a training recipe against the graph: inputs, output, and sizes of the data."""

from collections.abc import Iterator

from codegen.check.checked_graph import CheckedGraph
from codegen.check.model_remedies import SetHyperparameter, SetRecipe
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Insert, Remedy, RemoveNode, SetParameter
from nodes.core.graphs.graph import MAIN, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import InputMismatch
from nodes.core.graphs.port import TensorSpec
from nodes.core.graphs.recipe import Recipe
from nodes.core.graphs.similar_names import closest, did_you_mean
from nodes.core.shapes.dim import AnyDim, hyper, show, substitute
from nodes.core.shapes.shape import Shape, SpreadMismatch, show_shape
from nodes.io.sequence_input import SequenceInput

MOST_NAMES = 8
"""The most hyperparameters that are proposed for one field."""


def recipe_names(recipe: Recipe | None) -> frozenset[str]:
    """List the hyperparameters that a recipe names."""
    return frozenset(recipe.hyperparameters.values()) if recipe is not None else frozenset()


def recipe_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Check that the model can be trained as its recipe says."""
    recipe = model.recipe
    if recipe is None:
        return
    if not recipe.script_parts:
        yield _error(no_script(recipe))
    missing = [field for field, name in recipe.sizes.items() if name not in model.sizes]
    for field in missing:
        name = recipe.sizes[field]
        text = f"expected a whole-number hyperparameter {name} for the {field} of the data"
        similar = closest(name, model.sizes)
        addition = SetHyperparameter(name, recipe.data_sizes[field])
        fixes: list[Remedy] = [*_other_names(recipe, field, similar, model), addition]
        yield _error(f"{text}, got none{did_you_mean(similar)}", *fixes)
    yield from _bounds(recipe, model)
    if not missing:
        yield from _inputs(recipe, model, main)
        yield from _outputs(recipe, main)


def no_script(recipe: Recipe) -> str:
    """State that the task of a recipe has no training script."""
    return f"expected a task that has a training script, got {recipe.kind}"


def _error(text: str, *remedies: Remedy) -> Problem:
    return Problem(Severity.ERROR, Location(parameter="recipe"), text, remedies)


def _node_error(name: str, text: str, *remedies: Remedy) -> Problem:
    return Problem(Severity.ERROR, Location(node=name), text, remedies)


def _other_names(recipe: Recipe, field: str, similar: str, model: Model) -> Iterator[SetRecipe]:
    """Propose hyperparameters: of a similar name, the usual one, and for a size of the data any."""
    usual = type(recipe).model_fields[field].default
    names = [similar, usual, *(model.sizes if field in recipe.data_sizes else ())]
    known = [name for name in dict.fromkeys(names) if name in model.sizes]
    yield from (SetRecipe(field, name) for name in known[:MOST_NAMES])


def _bounds(recipe: Recipe, model: Model) -> Iterator[Problem]:
    """Check that each bounded setting is at most its hyperparameter."""
    for bound in recipe.bounds:
        name, fix = bound.hyperparameter, SetHyperparameter(bound.hyperparameter, bound.value)
        limit = model.sizes.get(name)
        if limit is None:
            text = f"expected a whole-number hyperparameter {name} as the bound of {bound.setting}"
            similar = closest(name, model.sizes)
            field = recipe.bounded_by[bound.setting]
            others = _other_names(recipe, field, similar, model)
            yield _error(f"{text}, got none{did_you_mean(similar)}", *others, fix)
        elif bound.value > limit:
            text = f"expected a {bound.setting} of at most {name} = {limit}, got {bound.value}"
            yield _error(text, SetRecipe(bound.setting, limit), fix)


def _inputs(recipe: Recipe, model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Check that the inputs are what the data feeds."""
    graph, kind = main.graph, recipe.input_kind
    fed = [name for name, node in graph.input_nodes.items() if node.ports()[1][0].kind is kind]
    if len(fed) != 1 and graph.input_nodes:
        surplus = [RemoveNode(MAIN, name) for name in reversed(fed)] if len(fed) > 1 else []
        yield _error(f"expected one input of {kind.value}, got {len(fed)}", *surplus)
    specs = _input_specs(main)
    kinds = kind, *recipe.optional_inputs
    for name, spec in specs.items():
        if spec.kind not in kinds:
            listed = " or ".join(kind.value for kind in kinds)
            text = f"expected {listed} as input for {recipe.title}, got {spec.kind.value}"
            yield _node_error(name, text, RemoveNode(MAIN, name))
    if not recipe.input_shape:
        return
    for name in [name for name in fed if name in specs]:
        parameters = type(graph.nodes[name]).model_fields
        sizes = {key: hyper(size) for key, size in recipe.sizes.items() if key in parameters}
        fixes = [SetParameter(MAIN, name, key, size) for key, size in sizes.items()]
        expected, actual = recipe.shape(recipe.input_shape), specs[name].shape
        node = graph.nodes[name]
        if isinstance(node, SequenceInput) and node.steps is not None and recipe.length:
            yield from _fixed_length(recipe, model, name, node.steps)
            expected = (expected[0], node.steps, *expected[2:])
        if actual != expected:
            yield _node_error(name, _difference(recipe, expected, actual), *fixes)


def _fixed_length(recipe: Recipe, model: Model, name: str, steps: AnyDim) -> Iterator[Problem]:
    """Check that an input of a fixed length has that of the data."""
    known, length = substitute(steps, model.sizes), getattr(recipe, recipe.length)
    if known != length:
        text = f"expected {recipe.length} = {length} steps, got {show(steps)}"
        shown = text if known == steps else f"{text} = {show(known)}"
        where = Location(node=name, parameter="steps")
        fixes = (SetRecipe(recipe.length, known), SetParameter(MAIN, name, "steps", length))
        yield Problem(Severity.ERROR, where, shown, fixes)


def _outputs(recipe: Recipe, main: CheckedGraph) -> Iterator[Problem]:
    """Check that the loss takes the output."""
    if others := [*main.graph.output_nodes][1:]:
        fixes = [RemoveNode(MAIN, name) for name in [*main.graph.output_nodes][::-1]]
        yield _error(f"expected one output, got {1 + len(others)}", *fixes)
        return
    expected = recipe.shape(recipe.output_shape)
    for name, spec in main.results.items():
        if spec.shape != expected:
            text = _difference(recipe, expected, spec.shape)
            where = Location(node=name, port="input")
            cause = InputMismatch("input", SpreadMismatch(text, expected, spec.shape, None))
            steps = len(spec.shape) == 3 and len(expected) == 2
            last = (Insert(MAIN, PortRef(name, "input"), "LastStep"),) if steps else ()
            yield Problem(Severity.ERROR, where, text, last, cause)
    if recipe.token_size:
        yield from _embeddings(recipe.sizes[recipe.token_size], main)


def _difference(recipe: Recipe, expected: Shape, actual: Shape) -> str:
    return f"expected {show_shape(expected)} for {recipe.title}, got {show_shape(actual)}"


def _embeddings(hyperparameter: str, main: CheckedGraph) -> Iterator[Problem]:
    """Check that every embedding of an input has as many rows as the data has token ids."""
    expected = hyper(hyperparameter)
    for name in main.order:
        rows = getattr(main.graph.nodes[name], "num_embeddings", None)
        source = main.sources[name].get("input")
        if rows is None or source is None or source.node not in main.graph.input_nodes:
            continue
        if rows != expected:
            text = f"expected {show(expected)}, set from the data, got {show(rows)}"
            where = Location(node=name, parameter="num_embeddings")
            fix = SetParameter(MAIN, name, "num_embeddings", expected)
            yield Problem(Severity.ERROR, where, text, (fix,))


def _input_specs(main: CheckedGraph) -> dict[str, TensorSpec]:
    """Collect what the input nodes feed, without those whose problems leave it unknown."""
    inferred = {name: main.nodes[name].inferred for name in main.order}
    return {
        name: next(iter(known.outputs.values()))
        for name in main.graph.input_nodes
        if (known := inferred.get(name)) is not None
    }
