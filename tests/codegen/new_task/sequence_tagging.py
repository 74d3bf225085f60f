"""A task of the tests: a tag for every character, trained by the parts of language modelling."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from nodes.core.graphs.port import Kind
from nodes.core.graphs.recipe import File, Length, Name, Recipe, ScriptPart


class SequenceTagging(Recipe):
    """Predict a tag for every character of a text."""

    kind: Literal["sequence-tagging"] = "sequence-tagging"
    data: File = Field("tags.txt", description="a text file, UTF-8")
    seq_len: Length = Field(64, description="characters per sequence")
    symbols: Name = Field("vocab_size", description="hyperparameter: number of characters")
    tags: Name = Field("num_tags", description="hyperparameter: number of tags")
    nested: bool = Field(False, description="tags lie inside one another")

    data_sizes: ClassVar[Mapping[str, int]] = {"symbols": 256, "tags": 2}
    input_kind = Kind.TOKENS
    input_node = "TokenInput"
    optional_inputs = (Kind.MASK,)
    token_size = "symbols"
    output_shape = "B T tags"
    script_variants: ClassVar[Mapping[str, tuple[str, str]]] = {"nested": ("nested", "flat")}
    script_parts = (
        ScriptPart("text"),
        ScriptPart("language"),
        ScriptPart("trigrams"),
        ScriptPart("checkpoints"),
        ScriptPart("training"),
        ScriptPart("classify", when="flat"),
    )
    script_summary = "{title}: tags with {model} for {steps} steps, or {more}."


class SequenceLabelling(Recipe):
    """A task whose training script has not been written."""

    kind: Literal["sequence-labelling"] = "sequence-labelling"
    data: File = Field("labels.txt", description="a text file, UTF-8")

    input_kind = Kind.FEATURES
    input_node = "FeatureInput"
    output_shape = "B T 3"
