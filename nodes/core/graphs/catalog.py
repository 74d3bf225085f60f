"""Every type of node there is: what the files of the package ``nodes`` declare."""

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
    """Find every node class by its name, in the order of the palette."""
    found: dict[str, type[Node]] = {"Block": Block}
    for node_type in _declared():
        if found.setdefault(node_type.__name__, node_type) is not node_type:
            raise TypeError(f"there are two node types called {node_type.__name__}")
    order = list(Category)
    ranked = sorted(found.items(), key=lambda item: order.index(item[1].category))
    return MappingProxyType(dict(ranked))


def _declared() -> Iterator[type[Node]]:
    """List the node classes of each file, without the bases that they share."""
    files = [file.name for file in pkgutil.iter_modules(nodes.__path__) if not file.ispkg]
    for module in [importlib.import_module(f"nodes.{file}") for file in files]:
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, Node) and not name.startswith("_"):
                yield value
