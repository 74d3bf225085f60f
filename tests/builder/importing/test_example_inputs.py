"""Examples of inputs are parsed, and those that no input node takes are refused."""

import pytest

from builder.importing.exchange.request import ExampleInput, NotImported
from nodes.io.feature_input import FeatureInput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("ids: B T", TokenInput()),
        ("source: B S int", TokenInput(length="S")),
        ("x: B T 16", FeatureInput(features=16)),
        ("x: T B 16 float", FeatureInput(features=16)),
        ("mask: B T bool", MaskInput()),
        ("lengths: B", LengthInput()),
    ],
)
def test_an_example_gives_an_input_node(text, node):
    assert ExampleInput.parse(text).node() == node


@pytest.mark.parametrize("text", ["", "x", "x:", "x: ", "x: B T 0", "x: 16", "x: T", "x: B T C"])
def test_another_text_is_refused(text):
    with pytest.raises(NotImported, match=r"^--example-input"):
        ExampleInput.parse(text)


def test_the_sizes_of_a_time_first_input_are_reordered():
    assert ExampleInput.parse("x: T B 16").order == (1, 0, 2)
