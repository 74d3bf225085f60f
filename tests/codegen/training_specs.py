"""Hand-written models with their training specs, and folders to train them in."""

import csv
import math
import os
import random
import subprocess
import sys
from pathlib import Path

from codegen.project.train_script import TrainingSpec, train_script
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from nodes.tasks.sequence_classification import SequenceClassification

MODELS = Path(__file__).parent / "models"
QUICK = {"batch_size": 8, "eval_every": 4, "warmup_steps": 0}

GPT = TrainingSpec(
    title="a small gpt",
    class_name="GPT",
    recipe=LanguageModelling(data="text.txt", seq_len=16, context="context", **QUICK),
    streaming=True,
    hyperparameters=("vocab_size", "context", "d_model", "seed", "dropout"),
)
LSTM = TrainingSpec(
    title="char lstm",
    class_name="CharLSTM",
    recipe=LanguageModelling(data="text.txt", seq_len=16, **QUICK),
    streaming=True,
    state_argument="state",
    hyperparameters=("vocab_size", "hidden"),
)
BIGRAM = TrainingSpec(
    title="bigram",
    class_name="Bigram",
    recipe=LanguageModelling(
        data="text.txt", seq_len=8, vocabulary="symbols", context="block_size", **QUICK
    ),
    hyperparameters=("symbols", "block_size"),
)
CLASSIFIER = TrainingSpec(
    title="languages",
    class_name="Classifier",
    recipe=SequenceClassification(data="texts.csv", seq_len=12, **QUICK),
    inputs=("tokens", "lengths", "mask"),
    hyperparameters=("vocab_size", "num_classes", "width"),
)
FORECASTER = TrainingSpec(
    title="waves",
    class_name="Forecaster",
    recipe=Forecasting(data="waves.csv", window=8, targets=("sine",), **QUICK),
    hyperparameters=("num_features", "num_targets", "hidden_size"),
)
TRAINING_SPECS = {
    "gpt": GPT,
    "lstm": LSTM,
    "bigram": BIGRAM,
    "classifier": CLASSIFIER,
    "forecaster": FORECASTER,
}


def project(folder: Path, name: str) -> Path:
    """Write a model, its training script and data into a folder."""
    (folder / "model.py").write_text((MODELS / f"{name}.py").read_text())
    (folder / "train.py").write_text(train_script(TRAINING_SPECS[name]))
    draw = random.Random(0)
    words = ["ab", "abba", "cab", "cabal"]
    (folder / "text.txt").write_text(" ".join(draw.choices(words, k=300)))
    with (folder / "texts.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        for i in range(80):
            kind = "vowels" if i % 2 else "consonants"
            letters = "aeiouy" if i % 2 else "bcdfgy"
            table.writerow(["".join(draw.choices(letters, k=1 + i % 9)), kind])
    with (folder / "waves.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["day", "sine", "cosine"])
        for i in range(200):
            table.writerow([f"day {i}", 100 + 10 * math.sin(i / 2), 3 * math.cos(i / 2)])
    return folder


def run(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def output_of(folder: Path, *command: object) -> str:
    """Run a script that must succeed, and return what it printed."""
    done = run(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
