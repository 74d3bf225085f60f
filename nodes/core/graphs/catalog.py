"""Node types and training tasks, which the files of the folders of ``nodes`` declare."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from nodes.core.graphs.graph import Block
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.recipe import Recipe

_Declared = TypeVar("_Declared")


@lru_cache(maxsize=1)
def node_types() -> Mapping[str, type[Node]]:
    """Return every node class by its name, in the order of the palette: by category and name.

    Raises:
        TypeError: two classes have one name.
    """
    types: dict[str, type[Node]] = {"Block": Block}
    for node_type in _declared("nodes", Node):
        if types.setdefault(node_type.__name__, node_type) is not node_type:
            raise TypeError(f"there are two node types called {node_type.__name__}")
    categories = list(Category)
    ranked = sorted(types.items(), key=lambda item: (categories.index(item[1].category), item[0]))
    return MappingProxyType(dict(ranked))


@lru_cache(maxsize=1)
def task_types() -> Mapping[str, type[Recipe]]:
    """Find the class of every training task by its kind, in the order of their ranks.

    Raises:
        TypeError: two tasks have one kind.
    """
    found: dict[str, type[Recipe]] = {}
    for task in sorted(_declared("nodes.tasks", Recipe), key=lambda task: task.rank):
        if found.setdefault(task.model_fields["kind"].default, task) is not task:
            raise TypeError(f"there are two tasks called {task.model_fields['kind'].default}")
    return MappingProxyType(found)


def _declared(package: str, base: type[_Declared]) -> Iterator[type[_Declared]]:
    """List the classes that the files of a package declare, without the bases that they share."""
    folders = importlib.import_module(package).__path__
    files = [f.name for f in pkgutil.walk_packages(folders, f"{package}.") if not f.ispkg]
    for module in [importlib.import_module(f) for f in files if not f.startswith("nodes.core.")]:
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, base) and not vars(value).get("is_base", False):
                yield value
