"""The catalog of node types: the classes that the files of the package ``nodes`` declare."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import nodes
from nodes.core.graphs.graph import Block
from nodes.core.graphs.node import Category, Node


@lru_cache(maxsize=1)
def node_types() -> Mapping[str, type[Node]]:
    """Return every node class by its name, in the order of the palette.

    Raises:
        TypeError: two classes have one name.
    """
    types: dict[str, type[Node]] = {"Block": Block}
    for node_type in _declared():
        if types.setdefault(node_type.__name__, node_type) is not node_type:
            raise TypeError(f"there are two node types called {node_type.__name__}")
    categories = list(Category)
    ranked = sorted(types.items(), key=lambda item: categories.index(item[1].category))
    return MappingProxyType(dict(ranked))


def _declared() -> Iterator[type[Node]]:
    """Yield the node classes of each file, without private base classes."""
    files = [file.name for file in pkgutil.iter_modules(nodes.__path__) if not file.ispkg]
    for module in [importlib.import_module(f"nodes.{file}") for file in files]:
        for name, value in vars(module).items():
            is_own = isinstance(value, type) and value.__module__ == module.__name__
            if is_own and issubclass(value, Node) and not name.startswith("_"):
                yield value
