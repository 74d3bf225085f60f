"""The options of a training script have the bounds of its recipe, and errors are one sentence."""

import math
import sys
from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError

from codegen.project.train_script import train_script
from nodes.core.graphs.recipe import TrainingSettings
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.loaded_script import load_script
from tests.codegen.training_specs import GPT, TRAINING_SPECS, project

SPECS = ("gpt", "classifier", "forecaster")
NUMBERS = (
    *(-1, 0, 1, 2, 10, 11, 999_999, 10**6, 10**6 + 1, 10**9, 10**9 + 1, 2**31 - 1, 2**31),
    *(-1e-9, 1e-9, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 1e6, 1e7, math.inf, -math.inf, math.nan),
)


@pytest.fixture(scope="module", name="scripts")
def load_scripts(tmp_path_factory):
    return {
        name: load_script(TRAINING_SPECS[name], name, tmp_path_factory.mktemp(name))
        for name in SPECS
    }


@pytest.fixture(name="run")
def run_script(scripts, tmp_path, monkeypatch, capsys):
    """Run the command line of a script in a folder with data; return what it printed."""

    def run(name, *arguments, script=None):
        monkeypatch.chdir(project(tmp_path, name))
        monkeypatch.setattr(sys, "argv", ["train.py", *map(str, arguments)])
        stopped = ""
        try:
            (script or scripts[name]).main()
        except SystemExit as error:
            stopped = str(error)
        return stopped, *capsys.readouterr()

    return run


def accepts(recipe, field, value):
    """Return whether a recipe may have a value, with the other rate out of the way."""
    rates = {"learning_rate": {"min_learning_rate": 0.0}, "min_learning_rate": {"learning_rate": 1}}
    data = recipe.model_dump() | rates.get(field, {}) | {field: value}
    try:
        type(recipe).model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", SPECS)
def test_a_script_accepts_the_numbers_that_the_recipe_accepts(name, scripts):
    script, recipe = scripts[name], TRAINING_SPECS[name].recipe
    fields = [
        field for field in type(recipe).model_fields if type(getattr(recipe, field)) in (int, float)
    ]
    assert {*TrainingSettings.model_fields} <= {*fields}
    for field in fields:
        kind = type(getattr(recipe, field))
        for value in (v for v in NUMBERS if isinstance(v, kind)):
            cfg = script.TrainConfig(learning_rate=1.0, min_learning_rate=0.0)
            setattr(cfg, field, value)
            try:
                script.check_limits(cfg)
                accepted = True
            except SystemExit as refusal:
                assert str(refusal).startswith(f"{field}: expected ")
                accepted = False
            assert accepted == accepts(recipe, field, value), (field, value)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("gpt", ["--eval-every", "0"], "eval_every: expected >= 1, <= 1_000_000_000, got 0. "),
        ("gpt", ["--learning-rate", "-1"], "learning_rate: expected > 0, <= 1, got -1.0. "),
        ("gpt", ["--learning-rate", "nan"], "learning_rate: expected > 0, <= 1, got nan. "),
        ("gpt", ["--learning-rate", "1e-5"], "min_learning_rate: expected >= 0, <= 1, <= learn"),
        ("gpt", ["--steps", "0"], "steps: expected >= 1, <= 1_000_000_000, got 0. Change --steps."),
        ("gpt", ["--batch-size", "-3"], "batch_size: expected >= 1, "),
        ("gpt", ["--minutes", "-1"], "minutes: expected >= 0, got -1.0. Change --minutes."),
        ("gpt", ["--seed", str(2**63)], "seed: expected >= 0, < 2_147_483_648, got 9"),
        ("gpt", ["--validation-fraction", "1.5"], "validation_fraction: expected > 0, < 1, "),
        ("gpt", ["--dropout", "2"], "model: "),
        ("gpt", ["--d-model", "-8"], "model: "),
        ("gpt", ["--device", "abacus"], "device: expected one such as cpu, got 'abacus'. "),
        ("gpt", ["--device", "cpu:x"], "device: expected one such as cpu, got 'cpu:x'. "),
        ("gpt", ["--out", "text.txt"], "out: expected a folder to write to, got: "),
        ("gpt", ["--out", "text.txt/below"], "out: expected a folder to write to, got: "),
        ("gpt", ["--data", "."], "data: expected a readable file, got '.' (Is a directory). "),
        ("gpt", ["--resume"], "out/last.pt: expected a checkpoint, got no file. "),
        ("forecaster", ["--window", "0"], "window: expected >= 1, <= 1_000_000, got 0. "),
        ("forecaster", ["--window", "-3"], "window: expected >= 1, <= 1_000_000, got -3. "),
        ("forecaster", ["--hidden-size", "0"], "model: "),
        ("classifier", ["--seq-len", "0"], "seq_len: expected >= 1, <= 1_000_000, got 0. "),
        ("classifier", ["--width", "-1"], "model: "),
    ],
)
def test_an_option_out_of_bounds_is_refused_in_one_sentence(name, options, message, run):
    stopped, printed, _ = run(name, "train", *options)
    assert stopped.startswith(message)
    assert "\n" not in stopped.strip()
    assert "step " not in printed


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("gpt", ["sample", "--temperature", "-1"], "temperature: expected >= 0, got -1.0. "),
        ("gpt", ["sample", "--temperature", "nan"], "temperature: expected >= 0, got nan. "),
        ("gpt", ["sample", "--max-new-tokens", "-1"], "max_new_tokens: expected >= 0, got -1. "),
        ("gpt", ["sample", "--top-k", "-1"], "top_k: expected >= 0, got -1. "),
        ("gpt", ["sample", "--seed", "-1"], "seed: expected >= 0, < 2_147_483_648, got -1. "),
        ("gpt", ["sample", "--checkpoint", "text.txt"], "text.txt: expected a checkpoint, got an"),
        ("gpt", ["sample", "--checkpoint", "."], ".: expected a checkpoint, got another file. "),
        ("classifier", ["predict", "--best", "0"], "best: expected >= 1, got 0. "),
        ("forecaster", ["predict", "--device", "?"], "device: expected one such as cpu, got '?'. "),
    ],
)
def test_other_commands_have_bounds_too(name, arguments, message, run):
    stopped, _, _ = run(name, *arguments)
    assert stopped.startswith(message)


@pytest.mark.parametrize("saved", [{}, {"config": {"gone": 1}, "model": {}, "codec": {}}])
@pytest.mark.parametrize("arguments", [["sample", "--checkpoint"], ["train", "--resume", "--out"]])
def test_the_checkpoint_of_another_model_is_refused(saved, arguments, run, tmp_path):
    torch.save(saved, tmp_path / "last.pt")
    target = "last.pt" if arguments[0] == "sample" else "."
    assert "expected a checkpoint of this model" in run("gpt", *arguments, target)[0]


def test_limits_stand_once_in_the_recipe():
    recipe = LanguageModelling(data="text.txt")
    source = train_script(replace(GPT, recipe=recipe, hyperparameters=("vocab_size",)))
    assert '        "min_learning_rate": ">= 0, <= 1, <= learning_rate",\n' in source
    assert '        "seed": ">= 0, < 2_147_483_648",\n' in source


def test_a_loss_that_is_not_finite_on_validation_is_told(run, tmp_path):
    rows = "".join(f"{i % 7}\n" for i in range(97)) + "9e99\n1\n2\n"
    (tmp_path / "spike.csv").write_text("sine\n" + rows)
    stopped, _, _ = run("forecaster", "train", "--data", "spike.csv", "--steps", 4)
    assert stopped.startswith("step 3: expected a finite loss on the validation split, got inf. ")


def test_text_is_printed_as_it_is(run, tmp_path):
    name, prompt = "\u0442\u0435\u043a\u0441\u0442", "\u0435\u0442\u043e "
    (tmp_path / name).write_text(prompt * 99, encoding="utf-8")
    assert run("gpt", "train", "--data", name, "--steps", 2)[0] == ""
    _, printed, _ = run("gpt", "sample", "--prompt", prompt, "--max-new-tokens", 3)
    assert printed.startswith(prompt)
    stopped, _, _ = run("gpt", "train", "--data", name * 2)
    assert stopped.startswith(f"data: expected a readable file, got '{name * 2}' (")


def test_a_long_interval_shows_progress(run, monkeypatch, scripts):
    clock = iter(range(0, 10**6, 6))
    monkeypatch.setattr(scripts["gpt"].time, "monotonic", lambda: next(clock))
    _, printed, _ = run("gpt", "train", "--steps", 12, "--eval-every", 12)
    assert printed.count("\nstep ") > 2
    assert printed.count("validation ") == 1
