"""How a model is trained: the settings that a file keeps and a training script starts from.

The fields that say ``hyperparameter`` name the one that is set to a size of the data.
"""

from itertools import combinations
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _inside(path: str) -> str:
    """Refuse a path that leads out of the folder, on any system."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or not parts or "\\" in path or ":" in path:
        raise ValueError(
            f"a file in or below the folder of the script is expected, not {ascii(path)}. "
            "Write its path with / between folders, and without .. or a drive."
        )
    return path


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"printable text is expected, not {ascii(text)}. Leave the rest out.")
    return text


Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
File = Annotated[Text, AfterValidator(_inside)]
Columns = Annotated[tuple[Text, ...], Field(strict=False, max_length=1000)]
Count = Annotated[int, Field(ge=1, le=10**9)]
Length = Annotated[int, Field(ge=1, le=10**6)]
Rate = Annotated[float, Field(gt=0, le=1)]


class _Recipe(BaseModel):
    """What every kind of training has."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    steps: Count = Field(1000, description="updates of the weights")
    batch_size: Length = Field(32, description="sequences per update")
    learning_rate: Rate = Field(2e-3, description="the highest, after the warm-up")
    min_learning_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        1e-4, description="the last, at the end of a cosine"
    )
    warmup_steps: Annotated[int, Field(ge=0, le=10**9)] = Field(
        50, description="steps of linear rise"
    )
    weight_decay: Annotated[float, Field(ge=0, le=10)] = Field(0.1, description="on matrices only")
    grad_clip: Annotated[float, Field(gt=0, le=1e6)] = Field(
        1.0, description="largest norm of the gradient"
    )
    eval_every: Count = Field(100, description="steps from one evaluation to the next")
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1, description="part of the data that is kept from training"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(0, description="of weights and batches")

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.min_learning_rate > self.learning_rate:
            raise ValueError(
                f"min_learning_rate: at most learning_rate, {self.learning_rate:g}, is expected, "
                f"not {self.min_learning_rate:g}. Lower it, or raise learning_rate."
            )
        return self

    @model_validator(mode="after")
    def _differ(self) -> Self:
        for field, other in combinations(self.named, 2):
            if self.named[field] == self.named[other]:
                raise ValueError(
                    f"{other}: another hyperparameter than that of {field}, {self.named[field]}, "
                    "is expected. Name another."
                )
        return self

    @property
    def sizes(self) -> dict[str, str]:
        """The hyperparameters that the data decides, by the field that names each."""
        return {}

    @property
    def named(self) -> dict[str, str]:
        """All hyperparameters that the model must have, by the field that names each."""
        return self.sizes


class LanguageModelling(_Recipe):
    """Predict each next character of a text; the last part of the text is for validation."""

    kind: Literal["language-modelling"] = "language-modelling"
    data: File = Field("python-reference.txt", description="a text file, UTF-8")
    seq_len: Length = Field(64, description="characters per sequence")
    vocabulary: Name = Field("vocab_size", description="hyperparameter: number of characters")
    context: Name | None = Field(
        None, description="hyperparameter that bounds the length; none if it has no bound"
    )

    @property
    def sizes(self) -> dict[str, str]:
        """The hyperparameters that the data decides, by the field that names each."""
        return {"vocabulary": self.vocabulary}

    @property
    def named(self) -> dict[str, str]:
        """All hyperparameters that the model must have, by the field that names each."""
        return {**self.sizes, **({"context": self.context} if self.context else {})}


class SequenceClassification(_Recipe):
    """Tell the label of a text; the rows for validation are drawn at random."""

    kind: Literal["sequence-classification"] = "sequence-classification"
    data: File = Field("languages.csv", description="a CSV file with columns text and label")
    seq_len: Length = Field(64, description="characters of a text that are read")
    vocabulary: Name = Field("vocab_size", description="hyperparameter: number of characters")
    classes: Name = Field("num_classes", description="hyperparameter: number of labels")

    @property
    def sizes(self) -> dict[str, str]:
        """The hyperparameters that the data decides, by the field that names each."""
        return {"vocabulary": self.vocabulary, "classes": self.classes}


class Forecasting(_Recipe):
    """Predict the next row of a table of numbers; the last rows are for validation."""

    kind: Literal["forecasting"] = "forecasting"
    data: File = Field("seattle-weather.csv", description="a CSV file, one row per time step")
    window: Length = Field(30, description="rows that a prediction looks back on")
    columns: Columns = Field((), description="what is looked at; none named: all numbers")
    targets: Columns = Field((), description="what is predicted; none named: all columns")
    differences: bool = Field(False, description="look at and predict changes, not values")
    features: Name = Field("num_features", description="hyperparameter: number of columns")
    outputs: Name = Field("num_targets", description="hyperparameter: number of targets")

    @model_validator(mode="after")
    def _targets_are_seen(self) -> Self:
        unseen = [name for name in self.targets if self.columns and name not in self.columns]
        if unseen:
            raise ValueError(
                f"targets: names among columns are expected, not {ascii(unseen[0])}. "
                "Add it to columns, or predict another."
            )
        return self

    @property
    def sizes(self) -> dict[str, str]:
        """The hyperparameters that the data decides, by the field that names each."""
        return {"features": self.features, "outputs": self.outputs}


Recipe = Annotated[
    LanguageModelling | SequenceClassification | Forecasting, Field(discriminator="kind")
]
