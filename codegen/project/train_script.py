"""The training script of a generated model: ``train.py``, which lies beside its ``model.py``.

It imports torch and the model only, and contains only what this model needs. Its text is that of
the files in `codegen.project.training`. Which of them it consists of, and which of their marked
lines it keeps, follows from the recipe and from the properties of the model in `TrainingSpec`.
"""

import ast
import re
import textwrap
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from typing import Literal

from codegen.check.recipe_checks import no_script
from codegen.source.source_writer import SourceWriter
from nodes.core.graphs.python_expression import Value, literal, name
from nodes.core.graphs.recipe import Recipe, TrainingSettings

MODEL = "model.py"
"""The file of the model, which the script imports."""

Import = tuple[str, str]
"""A module, and a name in it; ``""`` for the module itself."""

_RUN_SETTINGS = """\
out: str = "out"  # folder of the checkpoints
minutes: float = 0.0  # time limit of the training; 0: none
resume: bool = False  # continue from the last checkpoint
init: str = ""  # a safetensors file of the weights to start from
safetensors: bool = False  # write the best weights to model.safetensors, too
compile: bool = False  # torch.compile
device: str = "cuda" if torch.cuda.is_available() else "cpu"
"""
_RUN_LIMITS = {"minutes": ">= 0"}
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_MARKED = re.compile(r"^(.*?)  # when (.+)\n", re.MULTILINE)
_LONGEST_TITLE = 60

_ARGUMENTS = {"tokens": "tokens", "lengths": "real.sum(dim=1)", "mask": "real"}
"""The arguments of a model of padded sequences, by the inputs of its ``forward``."""


@dataclass(frozen=True)
class TrainingSpec:
    """The properties of a model that its training script depends on.

    Attributes:
        title: the name of the model.
        class_name: its class in ``model.py``.
        recipe: the task and its settings; it names fields of ``Config``.
        streaming: ``forward`` takes and returns keys and values, or a hidden state.
        state_argument: the name of that argument: "past" for keys and values, "state" for a
            hidden state.
        inputs: the inputs of ``forward`` that sequences and their padding decide, in order:
            "tokens", "lengths", "mask".
        hyperparameters: the fields of ``Config``.
    """

    title: str
    class_name: str
    recipe: Recipe
    streaming: bool = False
    state_argument: Literal["past", "state"] = "past"
    inputs: tuple[str, ...] = ("tokens",)
    hyperparameters: tuple[str, ...] = ()


def train_script(training_spec: TrainingSpec) -> str:
    """Write the source of ``train.py``.

    Raises:
        ValueError: the task has no training script, or names a part that does not exist, or the
            recipe names a hyperparameter that the model does not have.
    """
    recipe = training_spec.recipe
    _require_hyperparameters(training_spec)
    marks = _marks(training_spec)
    (needed, bar), *parts = [_part(part, recipe) for part in _part_names(recipe, marks)]
    program = _specialized("\n\n".join(body for _, body in parts), marks, training_spec)
    # A class whose name is used in the script is imported under another name.
    class_name = name(training_spec.class_name).text
    if class_name in _names(bar + program) - {"Model"}:
        class_name += " as Model"
    else:
        program = re.sub(r"\bModel\b", class_name, program)
    writer = SourceWriter()
    writer.docstring(_summary(training_spec))
    writer.blank()
    for line in _import_lines(needed.union(*(imports for imports, _ in parts))):
        writer.line(line)
    # In a block of its own, the import of the model is sorted wherever isort would put it.
    for line in ["", *bar.splitlines(), "", *_model_lines(class_name), "", ""]:
        writer.line(line)
    _write_settings(writer, recipe)
    return f"{writer.source()}\n\n{program}"


def _require_hyperparameters(training_spec: TrainingSpec) -> None:
    for field, hyperparameter in training_spec.recipe.hyperparameters.items():
        if hyperparameter not in training_spec.hyperparameters:
            raise ValueError(
                f"recipe.{field}: expected the name of a hyperparameter of the model, got "
                f"{hyperparameter}. Add it to the model, or name another."
            )


def _marks(training_spec: TrainingSpec) -> frozenset[str]:
    """List the marks that hold for a model and its recipe."""
    recipe = training_spec.recipe
    marks = {
        "streaming" if training_spec.streaming else "whole",
        "bounded" if recipe.bounds else "unbounded",
        "sampling" if recipe.generates else "prediction",
    }
    if training_spec.state_argument == "state":
        marks.add("recurrent")
    if not set(training_spec.inputs) <= {"tokens"}:
        marks.add("padded")
    if any(isinstance(value, tuple) for value in _options(recipe).values()):
        marks.add("lists")
    for field, (true, false) in recipe.script_variants.items():
        marks.add(true if getattr(recipe, field) else false)
    return frozenset(marks)


def _part_names(recipe: Recipe, marks: frozenset[str]) -> list[str]:
    """List the parts that a script consists of, in order."""
    if not recipe.script_parts:
        raise ValueError(f"recipe: {no_script(recipe)}.")
    own = [part.name for part in recipe.script_parts if part.when in {"", *marks}]
    return ["bar", "reading", *own, "initial_weights", "command_line"]


def _part(part: str, recipe: Recipe) -> tuple[frozenset[Import], str]:
    try:
        return _read_part(part)
    except FileNotFoundError as error:
        raise ValueError(
            f"{recipe.kind}: expected a part of training scripts, got {ascii(part)}. Write "
            f"codegen/project/training/{part}.py, or name another in script_parts."
        ) from error


@cache
def _read_part(part: str) -> tuple[frozenset[Import], str]:
    """Read the imports of a part, without those from the script itself, and the text after them."""
    file = resources.files("codegen.project.training") / f"{part}.py"
    source = file.read_text(encoding="utf-8")
    imports: set[Import] = set()
    end = 0
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import):
            imports |= {(_imported(alias), "") for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            imports |= {(statement.module or "", _imported(alias)) for alias in statement.names}
        else:
            break
        end = statement.end_lineno or 0
    body = "".join(source.splitlines(keepends=True)[end:]).strip("\n") + "\n"
    return frozenset(item for item in imports if item[0] not in ("model", "train")), body


def _imported(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _import_lines(imports: frozenset[Import]) -> Iterator[str]:
    """Write imports in the order of isort: the standard library, then torch."""
    modules: dict[str, set[str]] = defaultdict(set)
    settings = {("dataclasses", "dataclass"), ("typing", "ClassVar"), ("torch", "")}
    for module, member in imports | settings:
        modules[module].add(member)
    foreign = {module for module in modules if module.split(".")[0] == "torch"}
    yield from _section({module: modules[module] for module in modules.keys() - foreign})
    yield ""
    yield from _section({module: modules[module] for module in foreign})


def _section(modules: dict[str, set[str]]) -> Iterator[str]:
    yield from (f"import {module}" for module in sorted(modules) if "" in modules[module])
    for module in sorted(modules):
        if members := modules[module] - {""}:
            yield f"from {module} import {_sorted_names(members)}"


def _names(source: str) -> set[str]:
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def _model_lines(class_name: str) -> list[str]:
    imported = _sorted_names({"Config", class_name})
    if " as " in class_name:
        return [f"from model import {member}" for member in imported.split(", ")]
    return [f"from model import {imported}"]


def _sorted_names(members: set[str]) -> str:
    """Sort names as isort does: constants, classes, functions."""
    rank = {member: (not _is_constant(member), not member[0].isupper()) for member in members}
    return ", ".join(sorted(members, key=lambda member: (rank[member], member.lower())))


def _is_constant(member: str) -> bool:
    return len(member) > 1 and member.isupper()


def _summary(training_spec: TrainingSpec) -> str:
    recipe = training_spec.recipe
    title = textwrap.shorten(training_spec.title, _LONGEST_TITLE, placeholder="...") or "Model"
    return textwrap.dedent(recipe.script_summary).format(
        title=title.replace("%(", "% ("),  # argparse would take it for a placeholder
        model=training_spec.class_name,
        steps=recipe.steps,
        more=2 * recipe.steps,
    )


def _options(recipe: Recipe) -> dict[str, Value]:
    """Collect the settings that are options of the script, those of the task first."""
    shared = TrainingSettings.model_fields
    fixed = {"kind", *recipe.data_sizes, *recipe.bounded_by.values(), *recipe.script_variants}
    own = [field for field in type(recipe).model_fields if field not in {*shared, *fixed}]
    options: dict[str, Value] = {field: getattr(recipe, field) for field in (*own, *shared)}
    for field, value in options.items():
        if not isinstance(value, bool | int | float | str | tuple):
            raise ValueError(
                f"{recipe.kind}.{field}: expected a number, a text or a list as an option of "
                f"the training script, got {ascii(value)}. Add the field to script_variants."
            )
    return options


def _limits(recipe: Recipe) -> dict[str, str]:
    """Write the bounds of the settings that are numbers, as the script reads them."""
    fields = type(recipe).model_fields
    limits = {}
    for field in _options(recipe):
        bounds = [
            f"{sign} {_number(getattr(constraint, key))}"
            for constraint in fields[field].metadata
            for key, sign in _SIGNS.items()
            if hasattr(constraint, key)
        ]
        bounds += [f"<= {recipe.at_most[field]}"] if field in recipe.at_most else []
        if bounds:
            limits[field] = ", ".join(bounds)
    return limits


def _number(bound: float) -> str:
    return f"{int(bound):_}" if bound == int(bound) else repr(bound)


def _write_settings(writer: SourceWriter, recipe: Recipe) -> None:
    """Write the recipe as a dataclass, and the hyperparameters that are sizes of the data."""
    fields = type(recipe).model_fields
    writer.line(f"# {' settings':->84}")
    writer.line("@dataclass")
    with writer.block("class TrainConfig:"):
        for field, value in _options(recipe).items():
            annotation = "tuple[str, ...]" if isinstance(value, tuple) else type(value).__name__
            writer.statement(
                f"{field}: {annotation}", literal(value), fields[field].description or ""
            )
        for line in _RUN_SETTINGS.splitlines():
            writer.line(line)
        writer.blank()
        with writer.block("limits: ClassVar[dict[str, str]] = {"):
            for field, limits in {**_limits(recipe), **_RUN_LIMITS}.items():
                writer.line(f'"{field}": "{limits}",')
        writer.line("}")
    writer.blank(2)
    writer.line("# Hyperparameters set from the data: each the length of a field of Codec.")
    with writer.block("SIZES = {"):
        for field, hyperparameter in recipe.sizes.items():
            writer.line(f'"{hyperparameter}": "{field}",')
    writer.line("}")


def _specialized(program: str, marks: frozenset[str], training_spec: TrainingSpec) -> str:
    """Keep the marked lines whose marks hold, and use the names of the model."""

    def keep(line: re.Match[str]) -> str:
        return f"{line[1]}\n" if marks & set(line[2].split(", ")) else ""

    program = _MARKED.sub(keep, program)
    arguments = ", ".join(_ARGUMENTS[key] for key in training_spec.inputs)
    program = program.replace("model(tokens, real.sum(dim=1), real)", f"model({arguments})")
    if training_spec.state_argument == "state":
        program = re.sub(r"\bpast\b", "state", program)
    recipe = training_spec.recipe
    for field in recipe.bounded_by.values():
        hyperparameter = recipe.hyperparameters.get(field, field)
        program = program.replace(f"config.{field}", f"config.{hyperparameter}")
    return program
