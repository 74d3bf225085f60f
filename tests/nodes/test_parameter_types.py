"""What each type of parameter takes, refuses and writes."""

from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from nodes.core.graphs.parameter_types import (
    Choice,
    Count,
    Fraction,
    NonNegative,
    Positive,
    Probability,
    Real,
    Ref,
    Scale,
    Size,
    Whole,
    as_int,
)
from nodes.core.shapes.dim import hyper
from nodes.core.shapes.size_limits import LARGEST

Mode = Choice[Literal["none", "tanh"]]
A_NUMBER = {"type": "number"}
AN_EXPRESSION = {"type": "string", "description": "an expression"}
A_HYPERPARAMETER = {"type": "string", "description": "an expression"}


def whole(least: int) -> dict[str, object]:
    return {"anyOf": [{"type": "integer", "minimum": least, "maximum": LARGEST}, AN_EXPRESSION]}


@pytest.mark.parametrize(
    ("type_", "value", "read", "written"),
    [
        (Size, 1, 1, 1),
        (Size, LARGEST, LARGEST, LARGEST),
        (Size, "2 * d", 2 * hyper("d"), "2 * d"),
        (Size, hyper("d"), hyper("d"), "d"),
        (Count, 0, 0, 0),
        (Whole, -LARGEST, -LARGEST, -LARGEST),
        (Real, -1, -1.0, -1.0),
        (Real, "p", Ref("p"), "p"),
        (Real, Ref("p"), Ref("p"), "p"),
        (Positive, 1e-9, 1e-9, 1e-9),
        (NonNegative, 0, 0.0, 0.0),
        (Probability, 0, 0.0, 0.0),
        (Fraction, 1, 1.0, 1.0),
        (Scale, "sqrt", "sqrt", "sqrt"),
        (Scale, 2, 2.0, 2.0),
        (Mode, "tanh", "tanh", "tanh"),
        (Mode, "mode", Ref("mode"), "mode"),
        (Mode, Ref("mode"), Ref("mode"), "mode"),
    ],
)
def test_a_value_is_read_and_written(type_, value, read, written):
    adapter = TypeAdapter(type_)
    result = adapter.validate_python(value)
    assert (type(result), result) == (type(read), read)
    assert adapter.dump_python(result) == written


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        (Size, 0, "expected a whole number of at least 1, got 0"),
        (Size, LARGEST + 1, f"expected a whole number of at most {LARGEST}, got {LARGEST + 1}"),
        (Size, 1.0, "expected a whole number or an expression, got 1.0"),
        (Size, True, "expected a whole number or an expression, got True"),
        (Count, -1, "expected a whole number of at least 0, got -1"),
        (Real, float("inf"), "expected a number of any size, got inf"),
        (Real, None, "expected a number of any size, got None"),
        (Real, True, "expected a number of any size, got True"),
        (Real, "a b", "expected an operator or the end, got 'b' in 'a b'"),
        (Positive, 0, "expected a number above 0, got 0"),
        (NonNegative, -1, "expected a number from 0 on, got -1"),
        (Probability, 1, "expected a number from 0 to below 1, got 1"),
        (Fraction, 1.5, "expected a number from 0 to 1, got 1.5"),
        (Fraction, -0.5, "expected a number from 0 to 1, got -0.5"),
        (Mode, "a b", "expected none or tanh, got 'a b'"),
        (Mode, 1, "expected none or tanh, got 1"),
        (Mode, "a " * 20, "expected none or tanh, got 'a a a a a a a a a a a a a a a a a a a a..."),
        (Mode, "a " * 19, "expected none or tanh, got 'a a a a a a a a a a a a a a a a a a a '"),
    ],
)
def test_a_value_is_refused_in_full(type_, value, message):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(type_).validate_python(value)
    assert caught.value.errors()[0]["msg"] == f"Value error, {message}"


@pytest.mark.parametrize(
    ("type_", "schema"),
    [
        (Size, whole(1)),
        (Count, whole(0)),
        (Whole, whole(-LARGEST)),
        (Real, {"anyOf": [A_NUMBER, A_HYPERPARAMETER]}),
        (
            Mode,
            {
                "anyOf": [
                    {"enum": ["none", "tanh"]},
                    {
                        "type": "string",
                        "pattern": "^(?:[A-Za-z_]|[^\\x00-\\x7f])"
                        "(?:[A-Za-z0-9_]|[^\\x00-\\x7f]){0,63}$",
                    },
                ]
            },
        ),
    ],
)
def test_a_type_is_described_in_json_schema(type_, schema):
    assert TypeAdapter(type_).json_schema() == schema


def test_a_size_that_depends_on_names_is_no_number():
    assert as_int(3) == 3
    with pytest.raises(TypeError, match=r"^expected a number, got d$"):
        as_int(hyper("d"))
