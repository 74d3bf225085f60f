"""The layers that ``torch.nn`` lacks: their source text, found by name, never imported."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class of the library.

    Attributes:
        name: its name.
        text: its source, as it will stand in the generated file.
        uses: every name that it mentions.
    """

    name: str
    text: str
    uses: frozenset[str]


@lru_cache(maxsize=1)
def library() -> dict[str, Definition]:
    """Read the definitions of all files of ``codegen.layers``, in order."""
    folder = files("codegen") / "layers"
    found: dict[str, Definition] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            text = file.read_text(encoding="utf-8")
            found.update((one.name, one) for one in _definitions(text))
    return found


def definitions(names: Iterable[str]) -> list[Definition]:
    """Pick definitions and all that they use, each after what it uses."""
    known = library()
    picked: dict[str, Definition] = {}

    def pick(name: str) -> None:
        if name not in picked:
            for other in sorted(known[name].uses & known.keys() - {name}):
                pick(other)
            picked[name] = known[name]

    for name in sorted(names):
        pick(name)
    return list(picked.values())


def _definitions(text: str) -> list[Definition]:
    lines = text.splitlines()
    found = []
    for one in ast.parse(text).body:
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            first = min([one.lineno, *(d.lineno for d in one.decorator_list)])
            source = "\n".join(lines[first - 1 : one.end_lineno])
            uses = frozenset(n.id for n in ast.walk(one) if isinstance(n, ast.Name))
            found.append(Definition(one.name, source, uses))
    return found
