"""Recipes are data: bounded, frozen, and unable to name what lies outside."""

import json
import sys
from collections.abc import Mapping
from typing import ClassVar, Literal

import pytest
from pydantic import ValidationError

from nodes import tasks
from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.catalog import task_types
from nodes.core.graphs.graph import Model
from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import Bound, File, Recipe
from nodes.core.shapes.dim import free, hyper
from nodes.tasks.forecasting import Forecasting
from nodes.tasks.language_modelling import LanguageModelling
from nodes.tasks.sequence_classification import SequenceClassification

EVERY_TASK = pytest.mark.parametrize(
    "recipe", [LanguageModelling(), SequenceClassification(), Forecasting()], ids=lambda r: r.kind
)


def refusal(**fields: object) -> str:
    with pytest.raises(ValidationError) as refused:
        Forecasting.model_validate(fields)
    return refused.value.errors()[0]["msg"]


def test_every_task_is_found_in_its_order():
    first = [LanguageModelling, SequenceClassification, Forecasting]
    assert [*task_types().values()][:3] == first
    assert [*task_types()][:3] == ["language-modelling", "sequence-classification", "forecasting"]


@EVERY_TASK
def test_a_recipe_survives_its_file(recipe):
    changed = recipe.model_copy(update={"steps": 7, "data": "other.txt"})
    for one in (recipe, changed):
        assert loads(dumps(Model(recipe=one))).recipe == one


@EVERY_TASK
def test_a_file_must_only_name_the_task(recipe):
    assert loads(json.dumps({"wireformer": 1, "recipe": {"kind": recipe.kind}}).encode()) == Model(
        recipe=recipe
    )


@EVERY_TASK
def test_the_schema_has_the_settings_of_every_task(recipe):
    definition = schema()["$defs"][type(recipe).__name__]
    assert {*definition["properties"]} == {*type(recipe).model_fields}
    assert definition["required"] == ["kind"]


@EVERY_TASK
def test_a_recipe_does_not_change(recipe):
    with pytest.raises(ValidationError):
        recipe.steps = 2


@EVERY_TASK
def test_every_field_is_described(recipe):
    fields = type(recipe).model_fields
    assert [name for name in fields if name != "kind" and not fields[name].description] == []


def test_columns_are_saved_as_a_list():
    recipe = Forecasting.model_validate({"columns": ["a", "b"]})
    assert recipe.columns == ("a", "b")
    assert recipe.model_dump(mode="json", exclude_defaults=True) == {"columns": ["a", "b"]}


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


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a\n", "1a", "e\u0301", "a" * 65, "a-b", 1])
def test_a_hyperparameter_has_a_plain_name(name):
    assert refusal(features=name)


def test_an_unknown_field_is_refused():
    assert refusal(__class__="x") == "Extra inputs are not permitted"


def test_the_lowest_rate_is_not_above_the_highest():
    assert refusal(learning_rate=0.1, min_learning_rate=0.2) == (
        "Value error, min_learning_rate: expected at most learning_rate, 0.1, got 0.2. "
        "Lower it, or raise learning_rate."
    )


def test_a_target_is_among_the_columns():
    assert refusal(columns=["a"], targets=["b"]) == (
        "Value error, targets: expected names among columns, got 'b'. "
        "Add it to columns, or remove it from targets."
    )


def test_a_path_out_of_the_folder_is_refused_with_a_reason():
    assert refusal(data="../x") == (
        "Value error, expected a file in or below the folder of the script, got '../x'. "
        "Write its path with / between folders, and without .. or a drive."
    )


def test_text_that_cannot_be_printed_is_refused_with_a_reason():
    assert refusal(data="a\nb") == (
        "Value error, expected printable text, got 'a\\nb'. Remove the other characters."
    )


def test_sizes_have_hyperparameters_of_their_own():
    assert refusal(features="n", outputs="n") == (
        "Value error, outputs: expected another hyperparameter than that of features, "
        "got n for both. Name another."
    )


def test_a_recipe_names_the_hyperparameters_it_needs():
    assert LanguageModelling(context="length").hyperparameters == {
        "vocabulary": "vocab_size",
        "context": "length",
    }


def test_a_setting_is_bounded_by_a_hyperparameter_that_is_named():
    assert LanguageModelling().bounds == ()
    assert LanguageModelling(context="length").bounds == (Bound("seq_len", 64, "length"),)


def test_words_of_a_declared_shape_are_sizes_of_the_data():
    recipe = Forecasting(features="columns")
    assert recipe.shape("B T features 2") == (free("B"), free("T"), hyper("columns"), 2)


@EVERY_TASK
def test_an_overview_says_task_data_and_settings(recipe):
    title = recipe.kind.replace("-", " ")
    assert recipe.overview == (
        f"trained for {title} on {recipe.data}",
        "1,000 steps of 32 sequences",
        "learning rate 0.002, weight decay 0.1",
    )


def test_a_task_without_a_required_declaration_cannot_be_defined():
    with pytest.raises(TypeError) as refused:

        class Silent(Recipe):
            kind: Literal["silent"] = "silent"
            data: File = "silence.txt"
            input_kind = Kind.TOKENS
            input_node = "TokenInput"

    assert str(refused.value) == "Silent: expected a declaration of output_shape"


def test_a_declaration_names_fields_of_its_task():
    with pytest.raises(TypeError) as refused:

        class Misspelled(LanguageModelling):
            script_variants: ClassVar[Mapping[str, tuple[str, str]]] = {"contxt": ("a", "b")}

    assert str(refused.value) == "Misspelled: expected names of fields, got contxt"


def test_the_token_size_is_a_size_of_the_data():
    with pytest.raises(TypeError) as refused:

        class Misspelled(LanguageModelling):
            token_size = "context"

    assert str(refused.value) == "Misspelled: expected token_size among vocabulary, got context"


@pytest.mark.parametrize("shape", ["B ... vocabulary", "..."])
def test_a_declared_shape_has_a_fixed_rank(shape):
    with pytest.raises(TypeError) as refused:

        class Ragged(LanguageModelling):
            output_shape = shape

    assert str(refused.value) == f"Ragged: expected a shape of fixed rank, got {shape}"


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ("", "Mute: expected a declaration of script_summary"),
        (
            "{title} of {author}",
            "Mute: expected fields model, more, steps, title in script_summary, got author",
        ),
    ],
)
def test_a_script_has_a_summary_of_known_fields(summary, message):
    with pytest.raises(TypeError) as refused:

        class Mute(LanguageModelling):
            script_summary = summary

    assert str(refused.value) == message


def test_two_tasks_of_one_kind_are_refused(tmp_path, monkeypatch):
    (tmp_path / "again.py").write_text(
        "from nodes.tasks.forecasting import Forecasting\n\n\nclass Again(Forecasting):\n    pass\n"
    )
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    task_types.cache_clear()
    with pytest.raises(TypeError) as refused:
        task_types()
    monkeypatch.delitem(sys.modules, "nodes.tasks.again")
    assert str(refused.value) == "there are two tasks called forecasting"
