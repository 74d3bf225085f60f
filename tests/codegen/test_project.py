"""Training scripts: as if written by hand, and they train, resume, sample and predict."""

import ast
import csv
import itertools
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from codegen.project import Trainee, train_script
from nodes.core.recipe import Forecasting, LanguageModelling, SequenceClassification

MODELS = Path(__file__).parent / "models"
QUICK = {"batch_size": 8, "eval_every": 4, "warmup_steps": 0}

GPT = Trainee(
    title="a small gpt",
    class_name="GPT",
    recipe=LanguageModelling(data="text.txt", seq_len=16, context="context", **QUICK),
    streaming=True,
    hyperparameters=("vocab_size", "context", "d_model", "seed", "dropout"),
)
LSTM = Trainee(
    title="char lstm",
    class_name="CharLSTM",
    recipe=LanguageModelling(data="text.txt", seq_len=16, **QUICK),
    streaming=True,
    carried="state",
    hyperparameters=("vocab_size", "hidden"),
)
BIGRAM = Trainee(
    title="bigram",
    class_name="Bigram",
    recipe=LanguageModelling(
        data="text.txt", seq_len=8, vocabulary="symbols", context="block_size", **QUICK
    ),
    hyperparameters=("symbols", "block_size"),
)
CLASSIFIER = Trainee(
    title="languages",
    class_name="Classifier",
    recipe=SequenceClassification(data="texts.csv", seq_len=12, **QUICK),
    inputs=("lengths", "mask"),
    hyperparameters=("vocab_size", "num_classes", "width"),
)
FORECASTER = Trainee(
    title="waves",
    class_name="Forecaster",
    recipe=Forecasting(data="waves.csv", window=8, targets=("sine",), **QUICK),
    hyperparameters=("num_features", "num_targets", "hidden_size"),
)
TRAINEES = {
    "gpt": GPT,
    "lstm": LSTM,
    "bigram": BIGRAM,
    "classifier": CLASSIFIER,
    "forecaster": FORECASTER,
}
EVERY_TRAINEE = pytest.mark.parametrize("name", TRAINEES)
