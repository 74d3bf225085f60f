"""Training scripts are readable and self-contained, whatever the names of a model are."""

import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.project.train_script import train_script
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.training_specs import (
    BIGRAM,
    CLASSIFIER,
    FORECASTER,
    GPT,
    LSTM,
    TRAINING_SPECS,
    run,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARTS = ROOT / "codegen" / "project" / "training"
EVERY_SPEC = pytest.mark.parametrize("name", TRAINING_SPECS)

UNBOUNDED = LanguageModelling()
SPELLINGS = {
    "transformer without a bound": replace(GPT, recipe=UNBOUNDED),
    "language model that is read whole": replace(
        BIGRAM, recipe=UNBOUNDED, hyperparameters=("vocab_size",)
    ),
    "classifier of tokens alone": replace(CLASSIFIER, inputs=("tokens",)),
    "classifier with lengths": replace(CLASSIFIER, inputs=("tokens", "lengths")),
    "classifier with a mask": replace(CLASSIFIER, inputs=("tokens", "mask")),
    "forecaster of changes": replace(FORECASTER, recipe=Forecasting(differences=True)),
    "forecaster of named columns": replace(
        FORECASTER, recipe=Forecasting(columns=('a "b"', "\u00e9"), targets=("\u00e9",))
    ),
    "one letter": replace(GPT, class_name="A"),
    "a long class name": replace(GPT, class_name="L" + "o" * 30 + "g"),
    "a class called like a part of the script": replace(FORECASTER, class_name="Data"),
    "a class called like an import": replace(GPT, class_name="Field"),
    "a class called like the parts call it": replace(CLASSIFIER, class_name="Model"),
    "a class that sorts behind Config": replace(LSTM, class_name="Decoder"),
    "long names": replace(
        GPT,
        recipe=LanguageModelling(vocabulary="v" * 64, context="c" * 64, data="d" * 100),
        hyperparameters=("v" * 64, "c" * 64),
    ),
    "no title": replace(GPT, title=" "),
    "a title that is code": replace(GPT, title='"""\nimport os\n\\'),
    "a title that is a codec": replace(GPT, title="coding: utf-7 %(prog)s {0} {title}"),
    "a title in many scripts": replace(GPT, title="\u202e\u0645\ud800" * 100),
}


def test_scripts_are_what_ruff_would_have_written(tmp_path):
    for i, training_spec in enumerate([*TRAINING_SPECS.values(), *SPELLINGS.values()]):
        (tmp_path / f"train{i}.py").write_text(train_script(training_spec))
    (tmp_path / "model.py").touch()
    for command in (["format", "--diff"], ["check"]):
        for folder in (tmp_path, tmp_path.parent):  # the model is found, or not
            done = run(folder, "-m", "ruff", *command, "--isolated", "-q", tmp_path)
            assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("training_spec", SPELLINGS.values(), ids=SPELLINGS)
def test_no_text_of_a_model_becomes_code(training_spec):
    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node):
            return ast.Constant(0) if isinstance(node.value, str) else node

    def skeleton(title: str, data: str) -> str:
        recipe = training_spec.recipe.model_copy(update={"data": data})
        source = train_script(replace(training_spec, title=title, recipe=recipe))
        assert source.isascii()
        assert ast.dump(ast.parse(source.encode())) == ast.dump(ast.parse(source))
        return ast.dump(Blank().visit(ast.parse(source)))

    assert skeleton(training_spec.title, '"; import os #') == skeleton("x", "x")


@EVERY_SPEC
def test_a_script_imports_only_torch_and_the_model(name):
    tree = ast.parse(train_script(TRAINING_SPECS[name]))
    found = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found - sys.stdlib_module_names == {"model", "torch", "tqdm", "safetensors"}


@EVERY_SPEC
def test_a_script_has_nothing_that_is_never_used(name):
    tree = ast.parse(train_script(TRAINING_SPECS[name]))
    defined = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name != "main"
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert defined <= used


def test_every_marked_line_is_in_some_script():
    read = [path.read_text(encoding="utf-8") for path in PARTS.glob("*[a-z].py")]
    marked = set(re.findall(r"^(.+)  # when ", "".join(read), re.MULTILINE))
    assert marked
    scripts = [train_script(one) for one in [*TRAINING_SPECS.values(), *SPELLINGS.values()]]
    assert marked - {line for script in scripts for line in script.splitlines()} == set()


def test_a_script_is_the_same_in_every_process():
    program = (
        "from codegen.project.train_script import train_script; "
        "from tests.codegen.training_specs import TRAINING_SPECS; "
        "print(*map(train_script, TRAINING_SPECS.values()))"
    )
    output = set()
    for seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
        output.add(done.stdout)
    assert len(output) == 1


def test_a_hyperparameter_that_is_missing_is_named():
    with pytest.raises(ValueError) as refusal:
        train_script(replace(GPT, hyperparameters=("vocab_size",)))
    assert str(refusal.value) == (
        "recipe.context: expected the name of a hyperparameter of the model, got context. "
        "Add it to the model, or name another."
    )
