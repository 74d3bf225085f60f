"""Sequence classification: predict the label of a text."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import File, Length, Name, Recipe, ScriptPart


class SequenceClassification(Recipe):
    """Predict the label of a text; the rows for validation are drawn at random."""

    kind: Literal["sequence-classification"] = "sequence-classification"
    data: File = Field("languages.csv", description="a CSV file with columns text and label")
    seq_len: Length = Field(64, description="characters per text; longer texts are truncated")
    vocabulary: Name = Field("vocab_size", description="hyperparameter: number of characters")
    classes: Name = Field("num_classes", description="hyperparameter: number of labels")

    rank = 2
    data_sizes: ClassVar[Mapping[str, int]] = {"vocabulary": 256, "classes": 2}
    input_kind = Kind.TOKENS
    input_node = "TokenInput"
    optional_inputs = (Kind.LENGTHS, Kind.MASK)
    token_size = "vocabulary"
    output_shape = "B classes"
    length = "seq_len"
    padding_id = 0
    script_parts = (
        ScriptPart("table"),
        ScriptPart("labelled_rows"),
        ScriptPart("labels"),
        ScriptPart("classification"),
        ScriptPart("checkpoints"),
        ScriptPart("training"),
        ScriptPart("classify"),
    )
    script_summary = """
        {title}: a classifier of texts.

            characters -> {model} -> logits of each label

        Train    python train.py train --steps {steps}
        Resume   python train.py train --steps {more} --resume
        Predict  python train.py predict --text "some words" --best 1
        """
