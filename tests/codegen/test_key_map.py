"""Key maps name, split and transpose the weights of reference implementations."""

import json

import numpy as np
import pytest
from torch import nn

from codegen.compile import compile_model
from codegen.weights.key_map import KeyMap, KeyMapError
from examples.architectures import ARCHITECTURES
from examples.noted_models import FOLDER
from tests.codegen.running import instantiate


def key_map(**weights: object) -> KeyMap:
    return KeyMap.loads(json.dumps({"reference": "a.Model", "weights": weights}))


def converted(entry: object, weight: np.ndarray, **sizes: int) -> np.ndarray:
    return key_map(w=entry).convert(["w"], {"theirs": weight}, sizes)["w"]


def test_a_name_is_the_weight_as_it_is():
    weight = np.arange(6.0).reshape(2, 3)
    assert converted("theirs", weight) is weight


def test_a_weight_is_transposed_before_a_part_of_it_is_taken():
    weight = np.arange(12.0).reshape(2, 6)
    entry = {"name": "theirs", "transpose": True, "part": [1, 3]}
    assert (converted(entry, weight) == weight.T[2:4]).all()
    assert (converted({"name": "theirs", "part": [1, 2], "dim": 1}, weight) == weight[:, 3:]).all()


def test_parts_that_are_fused_head_by_head_are_taken_from_each_head():
    weight = np.arange(24.0).reshape(12, 2)  # 2 heads of 2 rows: q, q, k, k, v, v, q, ...
    keys = converted({"name": "theirs", "heads": "num_heads", "of": 1}, weight, num_heads=2)
    assert (keys == weight[[2, 3, 8, 9]]).all()


def test_a_number_is_added():
    assert (converted({"name": "theirs", "add": 1}, np.zeros(3)) == 1).all()


def test_layers_are_numbered_as_the_reference_numbers_them():
    known = key_map(**{"layers.{}.w": "h.{}.w", "pairs.{}.b.w": "h.{n*2+1}.w"})
    assert known.find("layers.3.w")[1] == "h.3.w"
    assert known.find("pairs.3.b.w")[1] == "h.7.w"
    assert known.find("other") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected an object with reference and weights"),
        ("{", "expected an object with reference and weights"),
        (
            '{"reference": "x", "weights": {"w": 3}}',
            "w: expected a name or an object with a name",
        ),
        ('{"reference": "x", "weights": {"w": {"name": "y", "flip": 1}}}', "w: expected a name"),
    ],
)
def test_what_is_no_key_map_is_refused(text, message):
    with pytest.raises(KeyMapError, match=message.split(":")[0]) as error:
        KeyMap.loads(text)
    assert message in str(error.value)


def test_a_weight_without_a_source_is_named():
    with pytest.raises(KeyMapError, match="w: expected theirs in the reference's weights"):
        key_map(w="theirs").convert(["w"], {}, {})
    with pytest.raises(KeyMapError, match="v: expected an entry of the key map"):
        key_map(w="theirs").convert(["v"], {}, {})


@pytest.mark.parametrize("example", ARCHITECTURES, ids=lambda example: example.__name__)
def test_the_key_map_of_an_example_names_each_of_its_weights_once(example):
    path = FOLDER / "weights" / f"{example.__name__}.json"
    known = KeyMap.loads(path.read_text(encoding="utf-8"))
    network: nn.Module = instantiate(compile_model(example()).source)
    entries = {name: known.find(name) for name in network.state_dict()}
    assert [name for name, found in entries.items() if found is None] == []
    used = {id(found[0]) for found in entries.values()}
    assert [name for name, entry in known.entries.items() if id(entry) not in used] == []


def test_a_dimension_of_1_is_left_out():
    weight = np.arange(6.0).reshape(1, 2, 3)
    assert (converted({"name": "theirs", "squeeze": 0}, weight) == weight[0]).all()
