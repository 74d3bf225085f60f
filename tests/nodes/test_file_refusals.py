"""An invalid file is one error that states its location and what to do."""

import json
from functools import partial
from typing import Any

import pytest

from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.catalog import task_types
from tests.nodes.refusals import Steps, read_error, with_change

VALID: dict[str, Any] = {
    "wireformer": 1,
    "name": "small",
    "hyperparameters": {"d": 8, "n": {"value": 2, "doc": "layers"}},
    "initialization": "normal",
    "recipe": {"kind": "language-modelling", "steps": 5},
    "blocks": {
        "Layer": {
            "nodes": {
                "x": {"type": "BlockInput"},
                "sum": {"type": "Add"},
                "y": {"type": "GraphOutput"},
            },
            "edges": {"sum.terms.0": "x.output", "y.input": "sum.output"},
        }
    },
    "nodes": {
        "in": {"type": "TokenInput"},
        "embed": {"type": "Embedding", "num_embeddings": 9, "embedding_dim": "2 * d"},
        "drop": {"type": "Dropout", "p": 0.5},
        "layers": {"type": "Block", "block": "Layer", "repeat": "n"},
        "out": {"type": "GraphOutput"},
    },
    "edges": {
        "embed.input": "in.output",
        "drop.input": "embed.output",
        "layers.x": "drop.output",
        "out.input": "layers.y",
    },
    "layout": {"": {"in": [0, 1.5]}, "Layer": {"x": [0, 0]}},
}

changed = partial(with_change, VALID)


def test_the_valid_file_is_valid():
    assert loads(json.dumps(VALID).encode()).name == "small"


# -- every error is located ----------------------------------------------------------------------

EMBED = ("nodes", "embed")
REFUSED: dict[str, tuple[Steps, object, str]] = {
    "an unknown entry": (("nodse",), {}, "unknown entry; did you mean nodes?"),
    "a hidden entry": (("__class__",), {}, "unknown entry; remove it"),
    "an unknown entry of a block": (
        ("blocks", "Layer", "wires"),
        {},
        "unknown entry; remove it",
    ),
    "a newer version": (
        ("wireformer",),
        2,
        "expected version 1 of the file format, got 2; update the program to open the file",
    ),
    "a version in quotes": (("wireformer",), "1", "expected a version number, got '1'"),
    "a version that is true": (("wireformer",), True, "expected a version number, got true"),
    "a version below one": (("wireformer",), 0, "expected a version number, got 0"),
    "a name that is a number": (("name",), 5, "expected a text in quotes, got 5"),
    "an empty name": (("name",), "", "expected a name of 1 to 200 characters, got 0"),
    "a long name": (("name",), "a" * 201, "expected a name of 1 to 200 characters, got 201"),
    "a name of two lines": (
        ("name",),
        "a\nb",
        "expected a name without control characters, got '\\n'; remove it",
    ),
    "notes that are a number": (("notes",), 1, "expected a text in quotes, got 1"),
    "nodes in a list": (("nodes",), [], "expected an object in curly brackets, got a list"),
    "a node that is null": (
        ("nodes", "drop"),
        None,
        "expected an object in curly brackets, got nothing (null)",
    ),
    "a node without a type": (
        ("nodes", "drop"),
        {"p": 0.5},
        'expected the type of the node; add "type"',
    ),
    "a type that is a number": (
        ("nodes", "drop", "type"),
        7,
        "expected a text in quotes, got 7",
    ),
    "a list without end": (
        ("nodes", "drop", "p"),
        [{}] * 1001,
        "expected a list of at most 1000, got 1001",
    ),
    "a list in place of a text": (
        ("recipe", "data"),
        ["text.txt"],
        "expected a text, got a list",
    ),
    "an initialization of one's own": (
        ("initialization",),
        "random",
        "expected torch or normal, got 'random'",
    ),
    "a recipe that is a text": (
        ("recipe",),
        "train",
        "expected an object in curly brackets, got 'train'",
    ),
    "an unknown kind of recipe": (
        ("recipe", "kind"),
        ["x"],
        f"expected {' or '.join(task_types())}, got a list",
    ),
    "an unknown entry of a recipe": (
        ("recipe", "step"),
        1,
        "unknown parameter; did you mean steps?",
    ),
    "a recipe's number out of bounds": (
        ("recipe", "steps"),
        0,
        "expected a value greater than or equal to 1, got 0",
    ),
    "a hyperparameter that is null": (
        ("hyperparameters", "d"),
        None,
        "expected a number, true, false or a text, got nothing (null)",
    ),
    "a hyperparameter that is a list": (
        ("hyperparameters", "d"),
        [1],
        "expected a number, true, false or a text, got a list",
    ),
    "a source without a port": (
        ("edges", "drop.input"),
        "embed",
        "expected a port as node.port, got 'embed'",
    ),
    "a source that is a number": (
        ("edges", "drop.input"),
        1,
        "expected a text in quotes, got 1",
    ),
    "a source that is not there": (
        ("edges", "drop.input"),
        "embet.output",
        "unknown node 'embet'; did you mean embed?",
    ),
    "a target that is not there": (
        ("edges", "nowhere.input"),
        "in.output",
        "unknown node 'nowhere'; remove it",
    ),
    "a port that the block has not": (
        ("edges", "layers.y"),
        "in.output",
        "'layers' has no port 'y' on this side; remove the edge",
    ),
    "a position of a node that is not there": (
        ("layout", "", "inn"),
        [0, 0],
        "unknown node; did you mean in?",
    ),
    "positions in a block that is not there": (
        ("layout", "Lay"),
        {},
        "unknown block; did you mean Layer?",
    ),
    "a position of three": (
        ("layout", "", "in"),
        [0, 0, 0],
        "expected a position such as [120, 40], got a list",
    ),
    "a position of texts": (
        ("layout", "", "in"),
        ["0", True],
        "expected a position such as [120, 40], got a list",
    ),
    "a position far out": (
        ("layout", "", "in"),
        [0, 1e300],
        "expected numbers between -1e+09 and 1e+09",
    ),
}


@pytest.mark.parametrize(("path", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_an_invalid_value_is_refused_at_its_pointer(path, value, message):
    assert read_error(changed(path, value)) == ("".join(f"/{step}" for step in path), message)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"1", b'"x"', b"{}", b"\x80\x04.", b"PK\3\4"]
)
def test_what_is_no_model_file_is_refused(data):
    assert read_error(data)[0] == ""


def test_an_unknown_hyperparameter_is_left_to_the_check():
    model = loads(changed(("nodes", "layers", "repeat"), "unknown // 2"))
    assert dumps(loads(dumps(model))) == dumps(model)


# -- names -------------------------------------------------------------------------------------

BAD_NAMES = [
    "",
    "a.b",
    "a/b",
    "../../x",
    "a\n",
    "\0",
    "\x1b]0;x\x07",
    "\x85",
    "\u2028",
    "a" * 201,
    "\ufdfa" * 12,
]
TWINS = [("a", "A"), ("ﬁ", "fi"), ("é", "e\u0301"), ("ß", "SS"), ("\uff11", "1"), ("K", "\u212a")]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
@pytest.mark.parametrize("path", [("nodes",), ("blocks",), ("blocks", "Layer", "nodes")], ids=str)
def test_a_name_that_could_be_misread_is_refused(path, name):
    value = {"type": "Add"} if path[-1] == "nodes" else {}
    place, message = read_error(changed((*path, name), value))
    assert place.startswith("".join(f"/{step}" for step in path))
    assert message.startswith("expected a name ")


@pytest.mark.parametrize("twins", TWINS, ids=ascii)
def test_names_that_look_alike_are_refused(twins):
    top = {"wireformer": 1, "nodes": {name: {"type": "Add"} for name in twins}}
    place, message = read_error(json.dumps(top).encode())
    assert place == f"/nodes/{twins[1]}"
    assert message == (f"expected a name that does not look like {twins[0]!r}; rename one of them")


@pytest.mark.parametrize(
    "name",
    ["", "1d", "d-model", "d\n", "e\u0301", "\uff41", "a\u00d7b", "a.b", "a" * 65],
    ids=ascii,
)
def test_a_hyperparameter_has_the_name_of_a_variable(name):
    message = "expected a name of letters, digits and underscores"
    assert read_error(changed(("hyperparameters", name), 1)) == (
        f"/hyperparameters/{name}",
        message,
    )


# -- numbers -----------------------------------------------------------------------------------

NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9007199254740992", "9" * 4299]
NUMBERS = {
    "a parameter": ("nodes", "drop", "p"),
    "a hyperparameter": ("hyperparameters", "d"),
    "a position": ("layout", "", "in"),
    "an unknown parameter": ("nodes", "new"),
}


@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda number: number[:16])
@pytest.mark.parametrize("path", NUMBERS.values(), ids=NUMBERS)
def test_what_is_not_a_finite_number_is_refused_everywhere(path, number):
    data = changed(path, "NUMBER").replace(b'"NUMBER"', number.encode())
    assert read_error(data)[0] == "".join(f"/{step}" for step in path)
