"""The file format as a JSON Schema, for editors that complete and check files.

It is generated from the node classes and the recipes.  What it cannot express, such as that the
ports of an edge exist, `nodes.core.files.model_file.loads` checks.
"""

from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nodes.core.files.canvas_entries import FARTHEST
from nodes.core.files.model_reader import FORMER_COMMENTS, INITIALIZATIONS, RECIPES, VERSION
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.node import manual
from nodes.core.shapes.expression import NAME

Schema = dict[str, Any]

_NAME = r"^[^./\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}$"
_PORT = r"^[^./]{1,200}\..+$"

_TEXT: Schema = {"type": "string"}
_NOTES: Schema = {
    "description": "a text, or a list of its lines",
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
}
_VALUE: Schema = {"type": ["integer", "number", "boolean", "string"]}
_COORDINATE: Schema = {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST}
_POINT: Schema = {"type": "array", "items": _COORDINATE, "minItems": 2, "maxItems": 2}
_SIZE: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": FARTHEST}
_BOX: Schema = {
    "type": "array",
    "prefixItems": [_COORDINATE, _COORDINATE, _SIZE, _SIZE],
    "minItems": 4,
    "maxItems": 4,
}


def schema() -> Schema:
    """Return the JSON Schema, draft 2020-12, of files."""
    nodes = node_types()
    types: list[type[BaseModel]] = [*nodes.values(), *RECIPES.values()]
    inputs: list[tuple[type[BaseModel], Literal["validation"]]]
    inputs = [(type_, "validation") for type_ in types]
    definitions = models_json_schema(inputs, ref_template="#/$defs/{model}")[1]["$defs"]
    for name, node_type in nodes.items():
        definitions[name] |= _tagged(definitions[name], "type", name)
        definitions[name]["description"] = manual(node_type)
    for kind, recipe in RECIPES.items():
        definitions[recipe.__name__] |= _tagged(definitions[recipe.__name__], "kind", kind)
    unknown = {"properties": {"type": {**_TEXT, "not": {"enum": list(nodes)}}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wireformer model",
        **_model(),
        "$defs": {
            **definitions,
            "node": {"oneOf": [*map(_ref, nodes), {**unknown, "required": ["type"]}]},
            "recipe": {"oneOf": [_ref(recipe.__name__) for recipe in RECIPES.values()]},
        },
    }


def _model() -> Schema:
    value = {"anyOf": [_VALUE, _object(["value"], value=_VALUE, doc=_TEXT)]}
    graph = {
        "nodes": _named(_NAME, _ref("node")),
        "edges": _named(_PORT, {**_TEXT, "pattern": _PORT}),
        "bypassed": {"type": "array", "items": _TEXT, "uniqueItems": True},
    }
    comment = _object(["box"], text=_NOTES, box=_BOX, frame={"type": "boolean"})
    comments = _named("", _named(_NAME, comment))
    model = _object(
        ["wireformer"],
        wireformer={"const": VERSION},
        name={**_TEXT, "minLength": 1, "maxLength": 200},
        notes=_NOTES,
        hyperparameters=_named(f"^{NAME.pattern}$", value),
        initialization={"enum": list(INITIALIZATIONS)},
        recipe={"anyOf": [_ref("recipe"), {"type": "null"}]},
        blocks=_named(_NAME, _object([], notes=_NOTES, **graph)),
        **graph,
        layout=_named("", _named(_NAME, _POINT)),
        comments=comments,
        **{FORMER_COMMENTS: {**comments, "deprecated": True}},
    )
    return {**model, "not": {"required": ["comments", FORMER_COMMENTS]}}


def _object(required: list[str], **properties: Schema) -> Schema:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _named(pattern: str, value: Schema) -> Schema:
    names = {"propertyNames": {"pattern": pattern}} if pattern else {}
    return {"type": "object", **names, "additionalProperties": value}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _tagged(definition: Schema, tag: str, name: str) -> Schema:
    """Return a definition with the entry that selects it."""
    return {
        "properties": {tag: {}} | definition.get("properties", {}) | {tag: {"const": name}},
        "required": [tag, *definition.get("required", [])],
    }
