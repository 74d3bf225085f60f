"""The JSON Schema of the file format, checked by an independent validator."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.catalog import node_types

ROOT = Path(__file__).parents[2]

VALID: dict[str, Any] = {
    "wireformer": 1,
    "name": "small",
    "notes": ["notes", "of two lines"],
    "hyperparameters": {"d": 8, "p": 0.5, "n": {"value": 2, "doc": "layers"}},
    "initialization": "normal",
    "recipe": {"kind": "forecasting", "columns": ["wind"], "differences": True},
    "blocks": {
        "Layer": {
            "notes": "of the block",
            "nodes": {"x": {"type": "BlockInput"}, "y": {"type": "GraphOutput"}},
            "edges": {"y.input": "x.output"},
            "bypassed": [],
        }
    },
    "nodes": {
        "in": {"type": "FeatureInput", "features": "2 * d"},
        "drop": {"type": "Dropout", "p": "p"},
        "layers": {"type": "Block", "block": "Layer", "repeat": "n"},
        "new": {"type": "NotInstalled", "anything": [1, None]},
    },
    "edges": {"drop.input": "in.output", "layers.x": "drop.output", "new.any.0": "layers.y"},
    "bypassed": ["drop"],
    "layout": {"": {"in": [0, 1.5]}, "Layer": {"x": [0, 0]}},
    "comments": {"": {"why": {"text": ["to", "see"], "box": [0, 0, 10, 10.5], "frame": True}}},
}
WRONG = {
    "an unknown entry": ("nodse", {}),
    "a newer version": ("wireformer", 2),
    "an empty name": ("name", ""),
    "notes that are a number": ("notes", 1),
    "a hyperparameter that is null": ("hyperparameters", {"d": None}),
    "a hyperparameter with a hyphen": ("hyperparameters", {"d-model": 1}),
    "an initialization of one's own": ("initialization", "random"),
    "an unknown kind of recipe": ("recipe", {"kind": "guessing"}),
    "a recipe without a kind": ("recipe", {"steps": 5}),
    "a recipe's number out of bounds": ("recipe", {"kind": "forecasting", "steps": 0}),
    "an unknown entry of a block": ("blocks", {"Layer": {"wires": {}}}),
    "a name with a dot": ("nodes", {"a.b": {"type": "Dropout"}}),
    "a node without a type": ("nodes", {"a": {"p": 0.5}}),
    "no name of a choice": ("nodes", {"a": {"type": "GELU", "approximate": "no name"}}),
    "an unknown parameter": ("nodes", {"a": {"type": "Dropout", "pp": 0.5}}),
    "a size below its bound": ("nodes", {"a": {"type": "FeatureInput", "features": 0}}),
    "a missing parameter": ("nodes", {"a": {"type": "Block"}}),
    "a source without a port": ("edges", {"drop.input": "in"}),
    "a bypassed node that is a number": ("bypassed", [1]),
    "a node that is bypassed twice": ("bypassed", ["drop", "drop"]),
    "a comment without a box": ("comments", {"": {"why": {"text": "to see"}}}),
    "comments under both names": ("remarks", {}),
    "a comment of no width": ("comments", {"": {"why": {"box": [0, 0, 0, 10]}}}),
    "an unknown entry of a comment": ("comments", {"": {"why": {"box": [0, 0, 1, 1], "color": 1}}}),
    "a position of three": ("layout", {"": {"in": [0, 0, 0]}}),
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def test_the_schema_is_valid():
    Draft202012Validator.check_schema(schema())


def test_the_schema_is_json():
    assert json.loads(json.dumps(schema())) == schema()


def test_the_valid_file_is_valid(validator):
    loads(json.dumps(VALID).encode())
    validator.validate(VALID)


def test_the_former_name_of_comments_is_valid_and_deprecated(validator):
    former = {key: value for key, value in VALID.items() if key != "comments"}
    validator.validate({**former, "remarks": VALID["comments"]})
    assert schema()["properties"]["remarks"] == {
        **schema()["properties"]["comments"],
        "deprecated": True,
    }


def test_what_is_written_is_valid(validator):
    validator.validate(json.loads(dumps(loads(json.dumps(VALID).encode()))))


@pytest.mark.parametrize(("entry", "value"), WRONG.values(), ids=WRONG)
def test_what_the_loader_refuses_is_invalid(validator, entry, value):
    assert not validator.is_valid({**deepcopy(VALID), entry: value})


def test_every_node_type_and_its_parameters_are_described():
    definitions = schema()["$defs"]
    for name, node_type in node_types().items():
        assert [*definitions[name]["properties"]] == ["type", *node_type.model_fields]


def test_every_default_is_valid(validator):
    for name, node_type in node_types().items():
        fields = node_type.model_fields.items()
        written = {key: field.default for key, field in fields if not field.is_required()}
        required = {key: "x" for key, field in fields if field.is_required()}
        node = json.loads(json.dumps({"type": name, **written, **required}))
        validator.validate({"wireformer": 1, "nodes": {"a": node}})


def test_every_example_is_valid(validator):
    for path in sorted((ROOT / "examples").glob("*.json")):
        validator.validate(json.loads(path.read_bytes()))
