"""The example graphs, found by name."""

import json

import pytest

from builder.storage.example_files import UnknownExampleError, example_names, example_path


def test_there_is_a_gpt():
    assert "gpt" in example_names()


def test_every_example_is_valid_json():
    for name in example_names():
        assert json.loads(example_path(name).read_text(encoding="utf-8"))


def test_a_misspelt_name_is_answered_with_the_closest_one():
    with pytest.raises(
        UnknownExampleError,
        match=r"^expected the name of an example, got 'gtp'\. Did you mean gpt\?$",
    ):
        example_path("gtp")


@pytest.mark.parametrize("name", ["", ".", "../pyproject", "gpt.json", "g*"])
def test_a_path_is_not_a_name(name):
    with pytest.raises(UnknownExampleError):
        example_path(name)
