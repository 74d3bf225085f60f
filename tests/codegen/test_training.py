"""Training scripts train, resume, sample and predict."""

import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from codegen.project.train_script import train_script
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.training_specs import (
    FORECASTER,
    GPT,
    QUICK,
    TRAINING_SPECS,
    output_of,
    project,
    run,
)

pytestmark = pytest.mark.slow

EVERY_SPEC = pytest.mark.parametrize("name", TRAINING_SPECS)


def last_weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "out" / "last.pt", weights_only=True)["model"]


def validation_losses(output: str) -> list[float]:
    return [float(loss) for loss in re.findall(r"validation (\d+\.\d+)  ", output)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train each model once for all tests of the result."""

    @cache
    def folder(name: str) -> tuple[Path, str]:
        made = project(tmp_path_factory.mktemp(name), name)
        return made, output_of(made, "train.py", "train", "--steps", 40, "--learning-rate", 0.02)

    return folder


@EVERY_SPEC
def test_training_lowers_the_loss(name, trained):
    _, output = trained(name)
    losses = validation_losses(output)
    assert len(losses) == 10
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("gpt", r"validation: \d\.\d+ nats per character .* trigram model has \d\.\d+"),
        ("classifier", r"validation: \d+\.\d% right, .* naive Bayes .*%, most frequent class .*%"),
        ("forecaster", r"validation: off by \d\.\d+ standard .*; the last values are off by .*"),
    ],
)
def test_the_last_line_compares_with_a_baseline(name, pattern, trained):
    assert re.fullmatch(pattern, trained(name)[1].splitlines()[-1])


def test_errors_of_forecasts_are_in_units_of_the_column(trained):
    line = trained("forecaster")[1].splitlines()[-2]
    own, last = re.fullmatch(r"sine: off by (.+); the last value is off by (.+)", line).groups()
    steps = [10 * math.sin(i / 2) - 10 * math.sin((i - 1) / 2) for i in range(180, 200)]
    assert float(last) == pytest.approx(math.hypot(*steps) / math.sqrt(20), rel=1e-3)
    assert float(own) < float(last)


@pytest.mark.parametrize("name", ["gpt", "classifier", "forecaster"])
def test_a_killed_run_that_is_resumed_ends_with_the_same_weights(name, trained, tmp_path):
    whole, _ = trained(name)
    project(tmp_path, name)
    command = ["train.py", "train", "--steps", "40", "--learning-rate", "0.02"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = [sys.executable, *command]
    with subprocess.Popen(
        started, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        for line in child.stdout:
            if line.startswith("step      8"):
                child.kill()
    output = output_of(tmp_path, *command, "--resume")
    assert len(validation_losses(output)) < 10
    expected, found = last_weights(whole), last_weights(tmp_path)
    assert [key for key in expected if not torch.equal(expected[key], found[key])] == []


def test_a_run_starts_from_the_weights_of_another(tmp_path):
    project(tmp_path, "gpt")
    output_of(tmp_path, "train.py", "train", "--steps", 4, "--safetensors")
    file = tmp_path / "out" / "model.safetensors"
    options = ("--steps", 1, "--learning-rate", 1e-9, "--min-learning-rate", 1e-9)
    output_of(tmp_path, "train.py", "train", *options, "--out", "next", "--init", file)
    given = load_file(file)
    found = torch.load(tmp_path / "next" / "model.pt", weights_only=True)["model"]
    assert given.keys() <= found.keys()
    for name, tensor in given.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=1e-6)


def test_weights_of_another_model_are_refused_whole(tmp_path):
    project(tmp_path, "gpt")
    save_file({"embed.weight": torch.zeros(2, 3), "extra": torch.zeros(1)}, tmp_path / "w")
    answer = run(tmp_path, "train.py", "train", "--init", "w")
    lines = answer.stderr.splitlines()
    assert answer.returncode == 1
    assert lines[0] == "init: w is not of this model."
    assert any(line.startswith("embed.weight: expected the shape [") for line in lines)
    assert any(line.endswith(": expected a tensor, got none") for line in lines)
    (tmp_path / "w").write_bytes(b"9" * 100)
    (line,) = run(tmp_path, "train.py", "train", "--init", "w").stderr.splitlines()
    assert line.startswith("init: expected a safetensors file, got: ")
    assert not (tmp_path / "out" / "model.pt").exists()


def test_a_run_ends_when_its_minutes_are_over(tmp_path):
    project(tmp_path, "bigram")
    output = output_of(tmp_path, "train.py", "train", "--steps", 10**6, "--minutes", 0.01)
    assert "nats per character" in output


def test_a_run_needs_no_progress_bar(tmp_path):
    project(tmp_path, "bigram")
    (tmp_path / "tqdm.py").write_text("raise ImportError")
    assert validation_losses(output_of(tmp_path, "train.py", "train", "--steps", 4))


def test_a_hyperparameter_may_be_called_like_a_setting(tmp_path):
    project(tmp_path, "gpt")
    options = ["--steps", 1, "--seed", 2, "--model.seed", 3, "--d-model", 8]
    output_of(tmp_path, "train.py", "train", *options)
    config = torch.load(tmp_path / "out" / "model.pt", weights_only=True)["config"]
    assert (config["seed"], config["d_model"]) == (3, 8)


def test_the_trigram_model_is_smoothed_as_witten_and_bell_do(trained):
    folder, _ = trained("bigram")
    program = (
        "from train import *; data = load_data(TrainConfig()); print(trigram_loss(data), "
        "data.codec.decode(data.train), data.codec.decode(data.validation), sep='|', end='')"
    )
    printed = output_of(folder, "-c", program).splitlines()
    loss, text, validation = printed[-1].split("|")
    symbols = len(set(text)) + 1

    def chance(context: str, following: str) -> float:
        shorter = chance(context[1:], following) if context else 1 / symbols
        seen = [
            text[i + len(context)]
            for i in range(2 - len(context), len(text) - len(context))
            if text.startswith(context, i)
        ]
        if not seen:
            return shorter
        kinds = len(set(seen))
        return (seen.count(following) + kinds * shorter) / (len(seen) + kinds)

    every = text[-1] + validation
    losses = [-math.log(chance(every[i - 2 : i], every[i])) for i in range(2, len(every))]
    assert float(loss) == pytest.approx(sum(losses) / len(losses), rel=1e-9)


@pytest.mark.parametrize(("name", "count"), [("gpt", 12), ("lstm", 40)])
def test_sampling_with_a_cache_gives_the_text_of_sampling_without(name, count, trained):
    folder, _ = trained(name)
    program = (
        "from train import *\n"
        "model, codec = load_model('out/model.pt', 'cpu')\n"
        "tokens = codec.encode('abba')[None]\n"
        "for _ in range(int(sys.argv[1])):\n"
        "    new = model(tokens)[0][:, -1:].argmax(-1)\n"
        "    tokens = torch.cat((tokens, new), 1)\n"
        "print(codec.decode(tokens[0]))\n"
    )
    options = ["--prompt", "abba", "--max-new-tokens", count, "--temperature", 0]
    output = output_of(folder, "train.py", "sample", *options)
    assert output == output_of(folder, "-c", program, count)


@pytest.mark.parametrize("name", ["gpt", "bigram"])
@pytest.mark.parametrize("prompt", ["a", "abba cab " * 4])
def test_sampling_continues_beyond_the_context(name, prompt, trained):
    folder, _ = trained(name)
    options = ["--prompt", prompt, "--max-new-tokens", 50, "--top-k", 3]
    assert len(output_of(folder, "train.py", "sample", *options)) == len(prompt) + 50 + 1


def test_sampling_beyond_the_positions_of_a_model_is_refused_in_one_line(tmp_path):
    project(tmp_path, "gpt")
    unbounded = LanguageModelling(data="text.txt", seq_len=16, **QUICK)
    (tmp_path / "train.py").write_text(train_script(replace(GPT, recipe=unbounded)))
    output_of(tmp_path, "train.py", "train", "--steps", 1)
    done = run(tmp_path, "train.py", "sample", "--prompt", "a", "--max-new-tokens", 50)
    assert done.stderr.startswith("sample: ")
    assert done.stderr.endswith("Lower --max-new-tokens, or shorten --prompt.\n")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 1


def test_a_prompt_may_have_unknown_characters(trained):
    folder, _ = trained("gpt")
    output = output_of(folder, "train.py", "sample", "--prompt", "a\u4e2d", "--max-new-tokens", 1)
    assert output.startswith("a\ufffd")


@pytest.mark.parametrize("text", ["aeiou", "", "\u4e2d\0"])
def test_labels_are_predicted_with_their_probabilities(text, trained):
    folder, _ = trained("classifier")
    text = text.replace("\0", "\x01")  # no argument of a command holds a NUL
    lines = output_of(folder, "train.py", "predict", "--text", text).splitlines()
    assert {line.split()[1] for line in lines} == {"vowels", "consonants"}
    assert sum(float(line.split("%")[0]) for line in lines) == pytest.approx(100, abs=0.2)


def test_the_right_label_is_predicted(trained):
    folder, _ = trained("classifier")
    output = output_of(folder, "train.py", "predict", "--text", "aeiou", "--best", 1)
    assert output.split()[1] == "vowels"


def test_the_next_row_is_predicted_in_units_of_the_column(trained):
    folder, _ = trained("forecaster")
    name, value = output_of(folder, "train.py", "predict").split(": ")
    assert name == "sine"
    assert float(value) == pytest.approx(100 + 10 * math.sin(100), abs=4)


def test_predicted_differences_are_added_to_the_last_row(tmp_path):
    project(tmp_path, "forecaster")
    recipe = Forecasting(data="waves.csv", window=8, differences=True, **QUICK)
    (tmp_path / "train.py").write_text(train_script(replace(FORECASTER, recipe=recipe)))
    output = output_of(tmp_path, "train.py", "train", "--steps", 100, "--learning-rate", 0.02)
    assert re.search(r"sine: off by [0-2]\.\d+; the last value is off by 3\.", output)
    lines = output_of(tmp_path, "train.py", "predict").splitlines()
    assert [line.split(":")[0] for line in lines] == ["sine", "cosine"]
    assert float(lines[0].split()[1]) == pytest.approx(100 + 10 * math.sin(100), abs=2)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "gpt",
            ["train", "--data", "none.txt"],
            "data: expected a readable file, got 'none.txt' (No such file or directory). ",
        ),
        (
            "gpt",
            ["train", "--data", "texts.csv", "--seq-len", "9999"],
            "data: expected more than 10001 characters for training and 2 for validation, got ",
        ),
        (
            "gpt",
            ["train", "--seq-len", "17"],
            "seq_len: expected at most 16, the longest sequence of the model, got 17. Lower ",
        ),
        (
            "gpt",
            ["train", "--resume", "--d-model", "8"],
            "out/last.pt: expected a checkpoint of this model and data, got another. ",
        ),
        (
            "gpt",
            ["sample", "--checkpoint", "none.pt"],
            "none.pt: expected a checkpoint, got no file. ",
        ),
        ("bigram", ["train", "--block-size", "9"], "model: block_size must be even"),
        (
            "classifier",
            ["train", "--data", "waves.csv"],
            "data: expected columns text and label in 'waves.csv', got ['day', 'sine', 'cosine']. ",
        ),
        (
            "forecaster",
            ["train", "--columns", "sine", "day"],
            "data: expected numbers such as -1234.5 in column 'day' of 'waves.csv', got 'day 0' ",
        ),
        (
            "forecaster",
            ["train", "--columns", "cosine"],
            "data: expected different targets among the columns of numbers, ['cosine'], got ",
        ),
        (
            "forecaster",
            ["train", "--window", "500", "--columns", "sine"],
            "data: expected more than 500 rows for training and some for validation, got ",
        ),
    ],
)
def test_an_error_is_one_line(name, options, message, trained):
    done = run(trained(name)[0], "train.py", *options)
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert done.returncode == 1
