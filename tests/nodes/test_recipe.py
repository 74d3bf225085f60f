"""Recipes are data: bounded, frozen, and unable to name what lies outside."""

import json

import pytest
from pydantic import TypeAdapter, ValidationError

from nodes.core.graphs.recipe import (
    Forecasting,
    LanguageModelling,
    Recipe,
    SequenceClassification,
)

RECIPE = TypeAdapter(Recipe)
EVERY_KIND = pytest.mark.parametrize(
    "recipe", [LanguageModelling(), SequenceClassification(), Forecasting()], ids=lambda r: r.kind
)


def refusal(**fields: object) -> str:
    with pytest.raises(ValidationError) as refused:
        RECIPE.validate_python({"kind": "forecasting", **fields})
    return refused.value.errors()[0]["msg"]


@EVERY_KIND
def test_a_recipe_survives_its_file(recipe):
    kept = json.loads(json.dumps(RECIPE.dump_python(recipe, mode="json")))
    assert RECIPE.validate_python(kept) == recipe


@EVERY_KIND
def test_only_the_kind_must_be_said(recipe):
    assert RECIPE.validate_python({"kind": recipe.kind}) == recipe


@EVERY_KIND
def test_a_recipe_does_not_change(recipe):
    with pytest.raises(ValidationError):
        recipe.steps = 2


@EVERY_KIND
def test_every_field_is_described(recipe):
    fields = type(recipe).model_fields
    assert [name for name in fields if name != "kind" and not fields[name].description] == []


def test_columns_survive_as_a_list():
    recipe = RECIPE.validate_python({"kind": "forecasting", "columns": ["a", "b"]})
    assert recipe.columns == ("a", "b")
    assert RECIPE.dump_python(recipe, mode="json", exclude_defaults=True) == {"columns": ["a", "b"]}


@pytest.mark.parametrize(
    "field", ["steps", "batch_size", "window", "warmup_steps", "eval_every", "seed"]
)
@pytest.mark.parametrize("value", [True, 1.0, "1", None, -1, 10**4299, [1]])
def test_a_whole_number_is_nothing_else(field, value):
    assert refusal(**{field: value})


@pytest.mark.parametrize(
    "field",
    ["learning_rate", "min_learning_rate", "weight_decay", "grad_clip", "validation_fraction"],
)
@pytest.mark.parametrize("value", [True, "0.1", None, -1.0, 1e999, float("nan"), [0.1]])
def test_a_number_is_finite_and_nothing_else(field, value):
    assert refusal(**{field: value})


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../x", "a/../../x", "/etc/passwd", "C:x", "C:\\x", "..\\x"),
        *("a\nb", "a\0b", "\ud800", "\u202egpj.csv", "x" * 101, 1, None),
    ],
)
def test_data_lies_in_the_folder(path):
    assert refusal(data=path)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a\n", "1a", "\u00e9", "a" * 65, "a-b", 1])
def test_a_hyperparameter_has_a_plain_name(name):
    assert refusal(features=name)


def test_what_is_not_known_is_refused():
    assert refusal(__class__="x") == "Extra inputs are not permitted"


def test_the_lowest_rate_is_not_above_the_highest():
    assert refusal(learning_rate=0.1, min_learning_rate=0.2) == (
        "Value error, min_learning_rate: at most learning_rate, 0.1, is expected, not 0.2. "
        "Lower it, or raise learning_rate."
    )


def test_a_target_is_among_the_columns():
    assert refusal(columns=["a"], targets=["b"]) == (
        "Value error, targets: names among columns are expected, not 'b'. "
        "Add it to columns, or predict another."
    )


def test_sizes_have_hyperparameters_of_their_own():
    assert refusal(features="n", outputs="n") == (
        "Value error, outputs: another hyperparameter than that of features, n, is expected. "
        "Name another."
    )


def test_a_recipe_names_the_hyperparameters_it_needs():
    assert LanguageModelling(context="length").named == {
        "vocabulary": "vocab_size",
        "context": "length",
    }
