"""The source text of `codegen.layers`, the layers that ``torch.nn`` lacks; it is never imported.

Names of functions and classes -> their definitions, in an order in which each can be executed. The
layers of custom nodes are among them.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nodes.core.graphs.catalog import custom_sources, follows_catalogue


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class of the library.

    Attributes:
        name: its name.
        text: its source, which is copied into the generated file.
        references: the names that it refers to.
    """

    name: str
    text: str
    references: frozenset[str]


@follows_catalogue
def library() -> dict[str, Definition]:
    """Return the definitions of `codegen.layers`, and those of the custom nodes."""
    found = dict(built_in_layers())
    for definitions_of_source in _custom_layers().values():
        found |= definitions_of_source
    return found


def layer_names(origins: Iterable[str]) -> frozenset[str]:
    """Return the names of the layers that nodes of some origins may call: their own, and ours."""
    custom = _custom_layers()
    own = (custom.get(origin, {}) for origin in origins)
    return frozenset(built_in_layers()).union(*own)


@follows_catalogue
def _custom_layers() -> dict[str, dict[str, Definition]]:
    """Return the definitions of each source of custom nodes, by origin."""
    return {
        origin: {definition.name: definition for definition in parse(source.layers)}
        for origin, source in custom_sources().items()
    }


@lru_cache(maxsize=1)
def built_in_layers() -> dict[str, Definition]:
    """Read the definitions of all files of ``codegen.layers``, in order."""
    folder = files("codegen") / "layers"
    definitions: dict[str, Definition] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            definitions.update((d.name, d) for d in parse(file.read_text(encoding="utf-8")))
    return definitions


def definitions(names: Iterable[str]) -> list[Definition]:
    """Return definitions and all that they refer to, each after those that it refers to."""
    known = library()
    ordered: dict[str, Definition] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for other in sorted(known[name].references & known.keys() - {name}):
                visit(other)
            ordered[name] = known[name]

    for name in sorted(names):
        visit(name)
    return list(ordered.values())


def parse(text: str) -> list[Definition]:
    """Return the functions and classes that a source defines."""
    lines = text.splitlines()
    parsed = []
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            first = min([statement.lineno, *(d.lineno for d in statement.decorator_list)])
            source = "\n".join(lines[first - 1 : statement.end_lineno])
            names = frozenset(n.id for n in ast.walk(statement) if isinstance(n, ast.Name))
            parsed.append(Definition(statement.name, source, names))
    return parsed
