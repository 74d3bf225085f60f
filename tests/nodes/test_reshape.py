"""The code of `Reshape`, and the patterns that it refuses."""

import pytest

from codegen.harness.one_node import DrawnCase, compile_node
from nodes.core.graphs.node import ParameterError
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import free
from nodes.core.shapes.shape import Shape
from nodes.reshape.reshape import Reshape

B, T = free("B"), free("T")


def returned(text: str, shape: Shape) -> str:
    """Return the expression that the generated code of a Reshape returns."""
    specs = {"input": TensorSpec(shape, Kind.FEATURES)}
    source = compile_node(DrawnCase(Reshape(pattern=text), specs, {}, {}), ("output",)).source
    return source.rpartition("return ")[2].partition("  #")[0].strip()


@pytest.mark.parametrize(
    ("text", "shape", "code"),
    [
        ("B C -> B 1 C", (B, 3), "to_input.unsqueeze(1)"),
        ("B C -> B 1 1 C", (B, 3), "to_input[:, None, None]"),
        ("B T C -> B T C 1", (B, T, 3), "to_input.unsqueeze(-1)"),
        ("B T C -> 1 B T 1 C", (B, T, 3), "to_input[None, :, :, None]"),
        ("B 1 C -> B C", (B, 1, 3), "to_input.squeeze(1)"),
        ("B 1 1 C -> B C", (B, 1, 1, 3), "to_input.squeeze((1, 2))"),
        ("... 1 -> ...", (B, T, 1), "to_input.squeeze(2)"),
        ("B 1 C -> C 1 B", (B, 1, 3), "to_input.permute(2, 1, 0)"),
        ("B 1 C -> C B", (B, 1, 3), "to_input.squeeze(1).permute(1, 0)"),
        ("B (1 C) -> B C", (B, 3), "to_input"),
        ("B 1 (size C) -> B size C", (B, 1, 6), "to_input.squeeze(1).unflatten(1, (2, -1))"),
        ("B T C -> (B T) 1 C", (B, T, 3), "to_input.flatten(0, 1).unsqueeze(1)"),
    ],
)
def test_a_dimension_of_1_is_added_or_dropped_in_readable_code(
    text: str, shape: Shape, code: str
) -> None:
    assert returned(text, shape) == code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("B C", "expected an arrow -> in the pattern, got 'B C'"),
        ("B C -> B D", "expected the same words on both sides of ->, got 'B C' and 'B D'"),
        ("B C -> B 2 C", "expected the same words on both sides of ->, got 'B C' and 'B 2 C'"),
        ("B B -> B B", "expected each word once on a side of ->, got 'B B'"),
        ("... C -> C", "expected ... on both sides of -> or on neither, got '... C' and 'C'"),
        (
            "B (C D) -> B C D",
            "expected at most one word of unknown size in brackets, got C and D",
        ),
    ],
)
def test_a_pattern_that_cannot_be_followed_is_refused(text: str, message: str) -> None:
    assert list(Reshape(pattern=text).parameter_errors()) == [ParameterError("pattern", message)]
