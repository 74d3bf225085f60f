"""Forecasting: predict the next row of a table of numbers."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import Columns, File, Length, Name, Recipe, ScriptPart


class Forecasting(Recipe):
    """Predict the next row of a table of numbers; the last rows are for validation."""

    kind: Literal["forecasting"] = "forecasting"
    data: File = Field("seattle-weather.csv", description="a CSV file, one row per time step")
    window: Length = Field(30, description="rows that a forecast is made from")
    columns: Columns = Field((), description="input columns; empty: all numeric columns")
    targets: Columns = Field((), description="predicted columns; empty: all input columns")
    differences: bool = Field(False, description="model first differences instead of values")
    features: Name = Field("num_features", description="hyperparameter: number of columns")
    outputs: Name = Field("num_targets", description="hyperparameter: number of targets")

    rank = 3
    data_sizes: ClassVar[Mapping[str, int]] = {"features": 1, "outputs": 1}
    input_kind = Kind.FEATURES
    input_node = "FeatureInput"
    input_shape = "B T features"
    output_shape = "B outputs"
    length = "window"
    script_parts = (
        ScriptPart("table"),
        ScriptPart("dates"),
        ScriptPart("series"),
        ScriptPart("regression"),
        ScriptPart("checkpoints"),
        ScriptPart("training"),
        ScriptPart("forecast"),
    )
    script_variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "differences": ("differences", "values")
    }
    script_summary = """
        {title}: a forecaster of the next row of a table.

            the last rows -> {model} -> the next row

        Train    python train.py train --steps {steps}
        Resume   python train.py train --steps {more} --resume
        Predict  python train.py predict
        """

    @model_validator(mode="after")
    def _targets_are_columns(self) -> Self:
        unknown = [name for name in self.targets if self.columns and name not in self.columns]
        if unknown:
            raise ValueError(
                f"targets: expected names among columns, got {repr(unknown[0])}. "
                "Add it to columns, or remove it from targets."
            )
        return self
