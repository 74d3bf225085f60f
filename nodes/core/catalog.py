"""Every type of node there is: what the files of the package ``nodes`` declare."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType, ModuleType

import nodes
from nodes.core.graph import Block
from nodes.core.node import Category, Node


@lru_cache(maxsize=1)
def node_types() -> Mapping[str, type[Node]]:
    """Find every node class by its name, in the order of the palette."""
    found = {"Block": Block}
    for file in pkgutil.iter_modules(nodes.__path__):
        if not file.ispkg:
            for node_type in _declared(importlib.import_module(f"nodes.{file.name}")):
                name = node_type.__name__
                if name in found:
                    raise TypeError(f"there are two node types called {name}")
                found[name] = node_type
    order = list(Category)
    ranked = sorted(found.items(), key=lambda item: order.index(item[1].category))
    return MappingProxyType(dict(ranked))


def _declared(module: ModuleType) -> Iterator[type[Node]]:
    """List the node classes of a file, without the bases that they share."""
    for name, value in vars(module).items():
        is_node = isinstance(value, type) and issubclass(value, Node)
        if is_node and value.__module__ == module.__name__ and not name.startswith("_"):
            yield value
