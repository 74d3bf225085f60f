"""What one may begin from: the examples, and the files that were open before."""

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
"""The order in which examples are shown; others follow."""


@dataclass(frozen=True, slots=True)
class Example:
    """A model to begin from.

    Attributes:
        name: of its file.
        title: what people call it.
        summary: a sentence about it.
        model: the model itself.
    """

    name: str
    title: str
    summary: str
    model: Model


def example_order() -> list[str]:
    """List the examples, those first that most begin from."""
    place = {name: at for at, name in enumerate(FIRST)}
    return sorted(example_names(), key=lambda name: (place.get(name, len(place)), name))


def read_example(name: str) -> Example | None:
    """Read an example; None if its file is damaged."""
    try:
        model, _ = load(example_path(name))
    except FileError:
        return None
    return Example(name, split_words(model.name), first_sentence(model.notes), model)


def split_words(name: str) -> str:
    """Write a class name as words: ``PriceLSTM`` is "Price LSTM"."""
    written = ""
    for at, letter in enumerate(name):
        before, after = name[at - 1 : at], name[at + 1 : at + 2]
        starts = letter.isupper() and (before.islower() or (before.isupper() and after.islower()))
        written += f" {letter}" if starts and written and not written.endswith("Bi") else letter
    return written


def first_sentence(notes: str) -> str:
    """Tell what notes say first, without what stands in brackets: the references."""
    line, depth, kept = notes.partition("\n")[0], 0, ""
    for letter in line:
        depth += letter == "("
        kept += letter if not depth else ""
        depth -= letter == ")" and depth > 0
    plain = " ".join(kept.split())
    return plain.replace(" .", ".").replace(" :", ":").replace(" ,", ",")


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A file that was open before."""

    path: Path

    @property
    def title(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def folder(self) -> str:
        """Where it lies, from the home folder on where it lies there."""
        home, folder = Path.home(), self.path.parent
        return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def recent_files(paths: Iterable[str]) -> list[RecentFile]:
    """List the files that were open before and are still there."""
    found = (Path(one) for one in paths)
    return [RecentFile(path) for path in found if _is_there(path)]


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
