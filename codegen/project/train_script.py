"""The training script of a generated model: ``train.py``, which stands beside its ``model.py``.

It needs torch and the model alone, and holds only what this model needs. `codegen.project.training`
has the parts, as they are read; here it is decided which of them are taken, and under what names.
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

from codegen.source.source_writer import SourceWriter
from nodes.core.graphs.python_expression import literal, name
from nodes.core.graphs.recipe import (
    Forecasting,
    LanguageModelling,
    Recipe,
    SequenceClassification,
)

Import = tuple[str, str]
"""A module, and a name in it; ``""`` for the module itself."""

_PARTS = {
    "language-modelling": "text language trigrams checkpoints training sampling",
    "sequence-classification": "labels classification checkpoints training classify",
    "forecasting": "series forecasting checkpoints training forecast",
}
_SUMMARY = {
    "language-modelling": """
        {title}: learns a text, one character after another.

            characters -> {model} -> scores of each next character

        Train    python train.py train --steps {steps}
        Go on    python train.py train --steps {more} --resume
        Sample   python train.py sample --prompt "The " --temperature 0.7
        """,
    "sequence-classification": """
        {title}: learns to tell the labels of texts.

            characters -> {model} -> scores of each label

        Train    python train.py train --steps {steps}
        Go on    python train.py train --steps {more} --resume
        Predict  python train.py predict --text "some words" --best 1
        """,
    "forecasting": """
        {title}: learns what comes next in a table of numbers.

            the last rows -> {model} -> the next row

        Train    python train.py train --steps {steps}
        Go on    python train.py train --steps {more} --resume
        Predict  python train.py predict
        """,
}
_RUN_SETTINGS = """\
out: str = "out"  # the folder of the checkpoints
minutes: float = 0.0  # the training ends after so many; 0: no limit
resume: bool = False  # go on from the last checkpoint
compile: bool = False  # torch.compile
device: str = "cuda" if torch.cuda.is_available() else "cpu"
"""
_MARKED = re.compile(r"^(.*?)  # when (.+)\n", re.MULTILINE)
_LONGEST_TITLE = 60

_INPUTS = {"tokens": "tokens", "lengths": "real.sum(dim=1)", "mask": "real"}
"""What the script gives a classifier, by what the model takes."""


@dataclass(frozen=True)
class TrainingSpec:
    """What a training script must know about the model it trains.

    Attributes:
        title: what the model is called.
        class_name: its class in ``model.py``.
        recipe: how it is trained.
        streaming: ``forward`` takes and returns what it remembers.
        carried: what it calls that: keys and values are "past", a recurrent state is "state".
        inputs: what ``forward`` of a classifier takes, in order: "tokens", "lengths", "mask".
        hyperparameters: the fields of its ``Config``.
    """

    title: str
    class_name: str
    recipe: Recipe
    streaming: bool = False
    carried: Literal["past", "state"] = "past"
    inputs: tuple[str, ...] = ("tokens",)
    hyperparameters: tuple[str, ...] = ()


def train_script(training_spec: TrainingSpec) -> str:
    """Write the source of ``train.py``.

    Raises:
        ValueError: the recipe names a hyperparameter that the model does not have.
    """
    _refuse_unknown(training_spec)
    (needed, bar), *parts = [_part(part) for part in _chosen(training_spec)]
    program = _adapted("\n\n".join(body for _, body in parts), training_spec)
    # A class that is called like something in the script goes by another name there.
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
    # In a block of its own the model is in order, wherever isort puts it.
    for line in ["", *bar.splitlines(), "", *_model_lines(class_name), "", ""]:
        writer.line(line)
    _write_settings(writer, training_spec.recipe)
    return f"{writer.source()}\n\n{program}"


def _refuse_unknown(training_spec: TrainingSpec) -> None:
    for place, wanted in training_spec.recipe.named.items():
        if wanted not in training_spec.hyperparameters:
            raise ValueError(
                f"recipe.{place}: the name of a hyperparameter is expected, but the model has no "
                f"{wanted}. Add it to the model, or name another."
            )


def _chosen(training_spec: TrainingSpec) -> list[str]:
    """Name the parts that a script consists of, in order."""
    parts = ["bar", "reading", *_PARTS[training_spec.recipe.kind].split()]
    if isinstance(training_spec.recipe, LanguageModelling):
        parts.append("generate_streaming" if training_spec.streaming else "generate_whole")
        if training_spec.recipe.context:
            parts.append("length")
    return [*parts, "command_line"]


@cache
def _part(part: str) -> tuple[frozenset[Import], str]:
    """Read a part: what it imports from elsewhere, and what follows its imports."""
    source = (resources.files("codegen.project.training") / f"{part}.py").read_text(
        encoding="utf-8"
    )
    imports: set[Import] = set()
    end = 0
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import):
            imports |= {(_alias(found), "") for found in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            imports |= {(statement.module or "", _alias(found)) for found in statement.names}
        else:
            break
        end = statement.end_lineno or 0
    body = "".join(source.splitlines(keepends=True)[end:]).strip("\n") + "\n"
    return frozenset(one for one in imports if one[0] not in ("model", "train")), body


def _alias(found: ast.alias) -> str:
    return f"{found.name} as {found.asname}" if found.asname else found.name


def _import_lines(imports: frozenset[Import]) -> Iterator[str]:
    """Write imports in the order of isort: the standard library, then torch."""
    modules: dict[str, set[str]] = defaultdict(set)
    for module, member in imports | {("dataclasses", "dataclass"), ("torch", "")}:
        modules[module].add(member)
    foreign = {module for module in modules if module.split(".")[0] == "torch"}
    yield from _section({module: modules[module] for module in modules.keys() - foreign})
    yield ""
    yield from _section({module: modules[module] for module in foreign})


def _section(modules: dict[str, set[str]]) -> Iterator[str]:
    yield from (f"import {module}" for module in sorted(modules) if "" in modules[module])
    for module in sorted(modules):
        if members := modules[module] - {""}:
            yield f"from {module} import {_listed(members)}"


def _names(source: str) -> set[str]:
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def _model_lines(class_name: str) -> list[str]:
    listed = _listed({"Config", class_name})
    if " as " in class_name:
        return [f"from model import {member}" for member in listed.split(", ")]
    return [f"from model import {listed}"]


def _listed(members: set[str]) -> str:
    """List names as isort does: constants, classes, functions."""
    rank = {member: (not _is_constant(member), not member[0].isupper()) for member in members}
    return ", ".join(sorted(members, key=lambda member: (rank[member], member.lower())))


def _is_constant(member: str) -> bool:
    return len(member) > 1 and member.isupper()


def _summary(training_spec: TrainingSpec) -> str:
    recipe = training_spec.recipe
    title = textwrap.shorten(training_spec.title, _LONGEST_TITLE, placeholder="...") or "Model"
    return textwrap.dedent(_SUMMARY[recipe.kind]).format(
        title=title.replace("%(", "% ("),  # which argparse would read
        model=training_spec.class_name,
        steps=recipe.steps,
        more=2 * recipe.steps,
    )


def _write_settings(writer: SourceWriter, recipe: Recipe) -> None:
    """Write the recipe as a dataclass, and which hyperparameters the data decides."""
    fields, general = type(recipe).model_fields, type(recipe).__base__.model_fields
    left_out = {*recipe.sizes, "kind", "context", "differences"}
    order = [*(field for field in fields if field not in general), *general]
    writer.line(f"# {' settings':->84}")
    writer.line("@dataclass")
    with writer.block("class TrainConfig:"):
        for field in (field for field in order if field not in left_out):
            value = getattr(recipe, field)
            kind = "tuple[str, ...]" if isinstance(value, tuple) else type(value).__name__
            writer.statement(f"{field}: {kind}", literal(value), fields[field].description or "")
        for line in _RUN_SETTINGS.splitlines():
            writer.line(line)
    writer.blank(2)
    writer.line("# What the data decides: hyperparameters, each the length of a field of Codec.")
    with writer.block("SIZES = {"):
        for field, hyperparameter in recipe.sizes.items():
            writer.line(f'"{hyperparameter}": "{field}",')
    writer.line("}")


def _adapted(program: str, training_spec: TrainingSpec) -> str:
    """Keep the marked lines that hold for a trainee, and use its names."""
    facts = _facts(training_spec)

    def kept(line: re.Match[str]) -> str:
        return f"{line[1]}\n" if facts & set(line[2].split(", ")) else ""

    program = _MARKED.sub(kept, program)
    given = ", ".join(_INPUTS[one] for one in training_spec.inputs)
    program = program.replace("model(tokens, real.sum(dim=1), real)", f"model({given})")
    if training_spec.carried == "state":
        program = re.sub(r"\bpast\b", "state", program)
    context = getattr(training_spec.recipe, "context", None)
    return program.replace("config.context", f"config.{context}") if context else program


def _facts(training_spec: TrainingSpec) -> set[str]:
    """Tell which marks of lines hold."""
    match training_spec.recipe:
        case LanguageModelling(context=context):
            reading = "streaming" if training_spec.streaming else "whole"
            facts = {"language", reading, "bounded" if context else "unbounded"}
            return facts | {"recurrent"} if training_spec.carried == "state" else facts
        case SequenceClassification():
            return {"labels"} if set(training_spec.inputs) <= {"tokens"} else {"labels", "padded"}
        case Forecasting(differences=differences):
            return {"tables", "differences" if differences else "values"}
