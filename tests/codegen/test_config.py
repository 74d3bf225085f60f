"""The ``Config`` of generated code checks what the check of the model does, and no more."""

from dataclasses import fields, replace
from random import Random

import pytest

from codegen.check import check
from codegen.compile import compile_model
from codegen.source.identifiers import identifier
from nodes.attention.split_heads import SplitHeads
from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.core.graphs.graph import Block, Hyperparameter, Model
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.feature_input import FeatureInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.split import Split
from nodes.normalization.layer_norm import LayerNorm
from nodes.recurrent.lstm import LSTM
from nodes.reshape.reshape import Reshape
from nodes.reshape.select import Select
from nodes.reshape.slice import Slice
from nodes.transformer.feed_forward import FeedForward
from tests.codegen.drawing import block, branches, chain, connect, put, value, with_blocks
from tests.codegen.running import run_source
from tests.random_graphs import random_model


def checks(model: Model) -> list[str]:
    """Return the conditions under which the Config of a model raises."""
    source = compile_model(model).source
    body = source[source.index("class Config:") :].partition("\n\n\n")[0]
    lines = [line.strip() for line in body.splitlines()]
    return [line[3:-1] for line in lines if line.startswith("if ")]


def wide(*nodes, **hyperparameters: float) -> Model:
    """Build a chain from an input of the width d."""
    return chain(*nodes, start=FeatureInput(features="d"), **hyperparameters)


HEAD = Embedding(num_embeddings="v", embedding_dim="d")
TIED = chain(HEAD, Linear(out_features=8, tie="a"), start=TokenInput(), v=8, d=4)

UNUSED = wide(Linear(), d=6, h=3)

POSITIVE = "type(value) is not int or value < 1"
CONFIGS = {
    "no hyperparameter": (chain(Linear()), []),
    "a size": (chain(Linear(out_features="n"), n=3), ["type(self.n) is not int or self.n < 1"]),
    "sizes": (chain(Linear(out_features="n"), Linear(out_features="m"), n=3, m=4), [POSITIVE]),
    "a probability": (
        chain(Dropout(p="p"), p=0.5),
        ["type(self.p) not in (int, float) or not 0 <= self.p < 1"],
    ),
    "a number above zero": (
        chain(LayerNorm(eps="e"), e=1e-5),
        ["type(self.e) not in (int, float) or not 0 < self.e < math.inf"],
    ),
    "any number": (
        chain(Affine(shift="s"), s=1),
        ["type(self.s) not in (int, float) or not math.isfinite(self.s)"],
    ),
    "sizes and a probability": (
        chain(Linear(out_features="n"), Linear(out_features="m"), Dropout(p="p"), n=3, m=4, p=0.5),
        [
            "type(value) not in (int, field.type)",
            "field.type is int and value < 1",
            "not 0 <= self.p < 1",
        ],
    ),
    "a sum of a size": (
        chain(Linear(out_features="n - 4"), n=6),
        ["type(self.n) is not int or self.n < 5"],
    ),
    "a multiple of a size": (
        chain(Linear(out_features="3 * n - 1"), n=6),
        ["type(self.n) is not int or self.n < 1"],
    ),
    "a difference of sizes": (
        chain(Linear(out_features="n - m"), n=6, m=2),
        ["type(value) is not int", "self.n <= self.m"],
    ),
    "a size from above": (
        chain(Linear(out_features="7 - n"), n=6),
        ["type(self.n) is not int or self.n > 6"],
    ),
    "a quotient rounded down": (
        chain(Linear(out_features="n // m"), n=6, m=2),
        ["type(value) is not int", "self.m < 1", "self.n // self.m < 1"],
    ),
    "a split": (
        wide(SplitHeads(num_heads="h"), d=8, h=2),
        [POSITIVE, "self.d % self.h"],
    ),
    "a split of a split": (
        wide(Split(), SplitHeads(num_heads="h"), d=8, h=2),
        [POSITIVE, "self.d % (2 * self.h)"],
    ),
    "a split of a sum by a sum": (
        wide(SplitHeads(num_heads="h + 1"), d=8, h=3),
        ["type(value) is not int", "self.d < 1", "self.h < 0", "self.d % (self.h + 1)"],
    ),
    "a split of a multiple of a run's size": (
        wide(
            Reshape(pattern="B T C -> B (T C)"),
            Reshape(pattern="B (size C) -> B size C", size="h"),
            d=8,
            h=2,
        ),
        [POSITIVE, "self.d % self.h"],
    ),
    "sizes that are equal by value": (
        branches(Linear(out_features="n"), Linear(out_features="m"), Add(), n=4, m=4),
        [POSITIVE, "self.n != self.m"],
    ),
    "tied sizes that are equal by value": (TIED, [POSITIVE, "self.v != 8"]),
    "a chain of copies": (
        replace(
            with_blocks(Block(block="B", repeat=2), B=block(Linear(out_features="n"))),
            hyperparameters={"n": Hyperparameter(64)},
        ),
        ["type(self.n) is not int or self.n < 1", "self.n != 64"],
    ),
    "a node that is not part of the code": (
        connect(put(UNUSED, "unused", SplitHeads(num_heads="h")), "a.output", "unused.input"),
        ["type(self.d) is not int or self.d < 1", "self.d % 3"],
    ),
    "rules between parameters": (
        chain(LSTM(hidden_size="n", proj_size="m"), n=6, m=2),
        [POSITIVE, "self.n <= self.m"],
    ),
    "a window": (
        chain(MaxPool1d(kernel_size="k", padding="p"), k=4, p=2),
        ["type(value) is not int", "self.k < 1", "self.p < 0", "self.k < 2 * self.p"],
    ),
    "a part": (
        wide(Split(size="m"), d=6, m=2),
        [POSITIVE, "self.d <= self.m"],
    ),
    "an index from both ends": (
        wide(Select(dim=2, index="i"), d=6, i=-2),
        ["type(value) is not int", "self.d < 1", "self.d + self.i < 0", "self.d <= self.i"],
    ),
    "a stop": (
        wide(Slice(dim=2, stop="n"), Linear(), d=6, n=4),
        [POSITIVE, "self.d < self.n"],
    ),
    "a length that is rounded": (
        chain(
            Reshape(pattern="B T (size C) -> B (T size) C", size="2 * n"),
            Conv1d(out_channels=4, kernel_size=1, stride=3),
            Reshape(pattern="B (T size) C -> B T (size C)", size=2),
            start=FeatureInput(features=6),
            n=3,
        ),
        ["type(self.n) is not int or self.n < 1", "self.n != 3"],
    ),
    "a number of a number": (
        wide(Affine(scale="0.001 * r"), Linear(), d=6, r=2),
        [
            "type(self.d) is not int or self.d < 1",
            "type(self.r) not in (int, float) or not math.isfinite(self.r)",
        ],
    ),
    "a number of sizes": (
        wide(Affine(scale="d ** -0.5 / (2 * h)"), SplitHeads(num_heads="h"), d=6, h=2),
        [POSITIVE, "self.d % self.h"],
    ),
    "a number that overflows": (
        chain(Affine(scale="r * r"), r=2),
        [
            "type(self.r) not in (int, float) or not math.isfinite(self.r)",
            "not math.isfinite(self.r * self.r)",
        ],
    ),
    "a number that may not exist": (
        chain(Affine(scale="r ** -0.5"), r=2),
        [
            "type(self.r) not in (int, float) or not math.isfinite(self.r)",
            "self.r == 0",
            "isinstance(self.r**-0.5, complex)",
            "not math.isfinite(self.r**-0.5)",
        ],
    ),
    "a divisor": (
        chain(Dropout(p="1 / (r - 1)"), r=3),
        [
            "type(self.r) not in (int, float) or not math.isfinite(self.r)",
            "(self.r - 1) == 0",
            "not 0 <= 1 / (self.r - 1) < 1",
        ],
    ),
    "a power of what may be zero": (
        chain(Affine(scale="a ** b"), a=3, b=2),
        [
            "type(self.a) not in (int, float) or not math.isfinite(self.a)",
            "type(self.b) not in (int, float) or not math.isfinite(self.b)",
            "self.a == 0 > self.b",
            "isinstance(self.a**self.b, complex)",
            "not math.isfinite(self.a**self.b)",
        ],
    ),
    "a number of a node that is not part of the code": (
        connect(put(UNUSED, "unused", Dropout(p="1 / h / d")), "a.output", "unused.input"),
        ["type(self.d) is not int or self.d < 1"],
    ),
    "what follows from the bounds": (
        wide(FeedForward(), d=6),
        ["type(self.d) is not int or self.d < 1"],
    ),
}


@pytest.mark.parametrize(("model", "expected"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_checks_no_more_than_is_needed(model, expected):
    assert [str(problem) for problem in check(model).errors] == []
    assert checks(model) == expected


@pytest.mark.parametrize(("model", "expected"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_takes_the_values_of_the_model_as_they_are(model, expected):
    module = run_source(compile_model(model).source)
    known = {identifier(name): number for name, number in model.values.items()}
    assert all(known[field.name] == field.default for field in fields(module.Config))
    module.Config()


CANDIDATES = (*range(-1, 9), 12, 22, 23, 24, 25, 48, 101, True, 0.5, 0.0, -0.1, float("nan"), "x")


NUMBERS = [model for name, (model, _) in CONFIGS.items() if "number" in name or name == "a divisor"]


def test_the_config_and_the_check_refuse_the_same_values_of_computed_numbers():
    for model in NUMBERS:
        _compare_config_and_check(model, lambda: CANDIDATES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_config_and_the_check_refuse_the_same_values_of_random_models(seed):
    random = Random(seed)
    _compare_config_and_check(random_model(seed), lambda: random.sample(CANDIDATES, 6))


def _compare_config_and_check(model, draw):
    module = run_source(compile_model(model).source)
    spelled = {f"{identifier(name)}_value": name for name in model.hyperparameters}
    spelled |= {identifier(name): name for name in model.hyperparameters}
    for field in fields(module.Config):
        name = spelled[field.name]
        for candidate in draw():
            accepted = check(value(model, name, candidate)).ok
            try:
                module.Config(**{field.name: candidate})
                taken = True
            except ValueError:
                taken = False
            assert (name, candidate, accepted) == (name, candidate, taken)
