"""Examples are found by name."""

import json

import pytest

from builder.storage.example_files import UnknownExampleError, example_names, example_path


def test_there_is_a_gpt():
    assert "gpt" in example_names()


def test_every_name_leads_to_a_graph():
    for name in example_names():
        assert json.loads(example_path(name).read_text(encoding="utf-8"))


def test_a_slip_of_the_pen_is_answered_with_the_nearest_name():
    with pytest.raises(
        UnknownExampleError, match=r"^no example is called 'gtp'\. Did you mean gpt\?$"
    ):
        example_path("gtp")


@pytest.mark.parametrize("name", ["", ".", "../pyproject", "gpt.json", "g*"])
def test_a_path_is_not_a_name(name):
    with pytest.raises(UnknownExampleError):
        example_path(name)
