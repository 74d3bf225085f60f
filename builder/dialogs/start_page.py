"""The content of the start page: examples and recent files."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from builder.storage.example_files import example_names, example_path
from nodes.core.files.model_file import load
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

FIRST = (
    "char_lstm",
    "gpt",
    "encoder_classifier",
    "price_lstm",
    "bilstm_classifier",
    "char_gru",
    "char_rnn",
    "attention_from_primitives",
    "gpt_llama",
)
"""The examples that are listed first."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example model.

    Attributes:
        name: the stem of its file.
        title: its name in words.
        summary: the first sentence of its notes.
        model: the model itself.
    """

    name: str
    title: str
    summary: str
    model: Model


def example_order() -> list[str]:
    """List the names of the examples in the order of the start page."""
    rank = {name: at for at, name in enumerate(FIRST)}
    return sorted(example_names(), key=lambda name: (rank.get(name, len(rank)), name))


def read_example(name: str) -> Example | None:
    """Load an example; None if its file is invalid."""
    try:
        model, _ = load(example_path(name))
    except FileError:
        return None
    return Example(name, split_words(model.name), first_sentence(model.notes), model)


def split_words(name: str) -> str:
    """Split a class name into words: ``PriceLSTM`` is "Price LSTM"."""
    words = ""
    for at, letter in enumerate(name):
        before, after = name[at - 1 : at], name[at + 1 : at + 2]
        starts = letter.isupper() and (before.islower() or (before.isupper() and after.islower()))
        words += f" {letter}" if starts and words and not words.endswith("Bi") else letter
    return words


def first_sentence(notes: str) -> str:
    """Return the first sentence of notes, without the references in brackets."""
    line, depth, kept = notes.partition("\n")[0], 0, ""
    for letter in line:
        depth += letter == "("
        kept += letter if not depth else ""
        depth -= letter == ")" and depth > 0
    plain = " ".join(kept.split())
    return plain.replace(" .", ".").replace(" :", ":").replace(" ,", ",")


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A recently opened file."""

    path: Path

    @property
    def title(self) -> str:
        """The file name."""
        return self.path.name

    @property
    def folder(self) -> str:
        """The folder, with the home folder as ``~``."""
        home, folder = Path.home(), self.path.parent
        return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def recent_files(paths: Iterable[str]) -> list[RecentFile]:
    """List the recent files that still exist."""
    return [RecentFile(path) for path in map(Path, paths) if os.path.isfile(path)]
