"""Node types and training tasks: those of the folders of ``nodes``, and the custom nodes.

Custom nodes are added by whoever has loaded them (`builder.custom`); nothing is loaded here.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import TypeVar

from nodes.core.graphs.graph import Block
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.recipe import Recipe

_Declared = TypeVar("_Declared")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class CustomSource:
    """What a file or a package of custom nodes adds.

    Attributes:
        origin: the path of the file, or the name and the version of the package.
        types: the node types.
        layers: the source of the functions and classes that their code calls.
    """

    origin: str
    types: tuple[type[Node], ...]
    layers: str = ""


_SOURCES: dict[str, CustomSource] = {}
_UNAVAILABLE: dict[str, str] = {}
_CLEAR: list[Callable[[], None]] = []


def follows_catalogue(function: Callable[[], _Result]) -> Callable[[], _Result]:
    """Compute a value once, and again after custom nodes were added or removed."""
    cached = lru_cache(maxsize=1)(function)
    _CLEAR.append(cached.cache_clear)
    return cached


@follows_catalogue
def node_types() -> Mapping[str, type[Node]]:
    """Return every node class by its name, in the order of the palette: by category and name.

    Raises:
        TypeError: two classes have one name.
    """
    types = dict(built_in_types())
    for source in _SOURCES.values():
        types.update({node_type.__name__: node_type for node_type in source.types})
    categories = list(Category)
    ranked = sorted(types.items(), key=lambda item: (categories.index(item[1].category), item[0]))
    return MappingProxyType(dict(ranked))


@lru_cache(maxsize=1)
def built_in_types() -> Mapping[str, type[Node]]:
    """Return the node classes of the program by name.

    Raises:
        TypeError: two classes have one name.
    """
    types: dict[str, type[Node]] = {"Block": Block}
    for node_type in _in_package("nodes", Node):
        if types.setdefault(node_type.__name__, node_type) is not node_type:
            raise TypeError(f"there are two node types called {node_type.__name__}")
    return MappingProxyType(types)


def custom_sources() -> Mapping[str, CustomSource]:
    """Return the sources of the custom nodes by origin, in the order in which they were added."""
    return MappingProxyType(_SOURCES)


def add_source(source: CustomSource) -> None:
    """Add custom nodes, in place of those of the same origin.

    Raises:
        ValueError: a name is that of another node type.
    """
    others = {
        name: other.origin
        for other in _SOURCES.values()
        if other.origin != source.origin
        for name in [node_type.__name__ for node_type in other.types]
    }
    others |= dict.fromkeys(built_in_types(), "")
    for node_type in source.types:
        owner = others.get(node_type.__name__)
        if owner is not None:
            whose = f"is one of {owner}" if owner else "is a built-in one"
            raise ValueError(
                f"expected a new name of a node, got {node_type.__name__}, which {whose}; "
                "rename the class"
            )
    _SOURCES[source.origin] = source
    _changed()


def remove_source(origin: str) -> None:
    """Remove the custom nodes of an origin, if there are any."""
    if _SOURCES.pop(origin, None) is not None:
        _changed()


def unavailable_types() -> Mapping[str, str]:
    """Return where a node type that is not loaded is available, and what to do, by its name."""
    return MappingProxyType(_UNAVAILABLE)


def set_unavailable(types: Mapping[str, str]) -> None:
    """Replace what `unavailable_types` returns."""
    _UNAVAILABLE.clear()
    _UNAVAILABLE.update(types)


def _changed() -> None:
    for clear in _CLEAR:
        clear()


@lru_cache(maxsize=1)
def task_types() -> Mapping[str, type[Recipe]]:
    """Find the class of every training task by its kind, in the order of their ranks.

    Raises:
        TypeError: two tasks have one kind.
    """
    found: dict[str, type[Recipe]] = {}
    for task in sorted(_in_package("nodes.tasks", Recipe), key=lambda task: task.rank):
        if found.setdefault(task.model_fields["kind"].default, task) is not task:
            raise TypeError(f"there are two tasks called {task.model_fields['kind'].default}")
    return MappingProxyType(found)


def _in_package(package: str, base: type[_Declared]) -> Iterator[type[_Declared]]:
    """List the classes that the files of a package declare, without the bases that they share."""
    folders = importlib.import_module(package).__path__
    files = [f.name for f in pkgutil.walk_packages(folders, f"{package}.") if not f.ispkg]
    for file in files:
        if not file.startswith("nodes.core."):
            yield from declared(importlib.import_module(file), base)


def declared(module: ModuleType, base: type[_Declared]) -> Iterator[type[_Declared]]:
    """List the classes that a file declares, without the bases that others share."""
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, base) and not vars(value).get("is_base", False):
            yield value
