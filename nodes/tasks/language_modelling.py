"""Language modelling: predict each next character of a text."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import File, Length, Name, Recipe, ScriptPart


class LanguageModelling(Recipe):
    """Predict each next character of a text; the last part of the text is for validation."""

    kind: Literal["language-modelling"] = "language-modelling"
    data: File = Field("python-reference.txt", description="a text file, UTF-8")
    seq_len: Length = Field(64, description="characters per sequence")
    vocabulary: Name = Field("vocab_size", description="hyperparameter: number of characters")
    context: Name | None = Field(
        None, description="hyperparameter that bounds seq_len; null: no bound"
    )

    rank = 1
    data_sizes: ClassVar[Mapping[str, int]] = {"vocabulary": 256}
    bounded_by: ClassVar[Mapping[str, str]] = {"seq_len": "context"}
    input_kind = Kind.TOKENS
    input_node = "TokenInput"
    token_size = "vocabulary"
    output_shape = "B T vocabulary"
    generates = True
    length = "seq_len"
    script_parts = (
        ScriptPart("text"),
        ScriptPart("language"),
        ScriptPart("trigrams"),
        ScriptPart("checkpoints"),
        ScriptPart("training"),
        ScriptPart("sampling"),
        ScriptPart("generate_streaming", when="streaming"),
        ScriptPart("generate_whole", when="whole"),
        ScriptPart("length", when="bounded"),
    )
    script_summary = """
        {title}: a language model of characters.

            characters -> {model} -> logits of each next character

        Train    python train.py train --steps {steps}
        Resume   python train.py train --steps {more} --resume
        Sample   python train.py sample --prompt "The " --temperature 0.7
        """
