"""What ``__init__`` of a class stores: layers, numbers that ``forward`` reads, tied weights."""

from collections.abc import Callable

from codegen.check.problem import Location
from codegen.planning.plan import Attribute
from codegen.planning.shared_names import Shared
from codegen.source.identifiers import MODULE_RESERVED, Names, identifier
from nodes.core.graphs.emit_context import Argument, write_argument
from nodes.core.graphs.python_expression import Expr, expr, name
from nodes.core.shapes.dim import Dim


class Attributes:
    """The attributes of one class in the making.

    Attributes:
        numbers: the numbers that ``forward`` reads.
        layers: the modules, in the order of the nodes.
    """

    def __init__(self, shared: Shared, main: bool, free: Callable[[str], str]) -> None:
        self.shared, self.main, self._free = shared, main, free
        self.numbers: list[Attribute] = []
        self.layers: list[Attribute] = []
        self._names = Names(MODULE_RESERVED, "layer")
        self._kept: dict[str, str] = {}
        self._layer_of: dict[str, str] = {}

    def layer(self, node: str) -> str:
        """Name the attribute that holds a node's module."""
        if node not in self._layer_of:
            self._layer_of[node] = self._names.take(identifier(node))
        return self._layer_of[node]

    def add_layer(self, node: str, module: Expr, at: Location) -> None:
        """Store a node's module."""
        self.layers.append(Attribute(self.layer(node), module, (at,)))

    def in_init(self, symbol: str, free: bool) -> str:
        """Name a size as ``__init__`` reads it."""
        return f"config.{self.shared.config(symbol)}"

    def in_forward(self, symbol: str, free: bool) -> str:
        """Name a size as ``forward`` reads it; a hyperparameter is stored for that."""
        if free:
            self.shared.touched.add("*size")
            return self._free(symbol)
        own = self.shared.config(symbol)
        if self.main:
            return f"self.config.{own}"
        self.shared.touched.add("*number")
        if symbol not in self._kept:
            self._kept[symbol] = self._names.take(own)
            self.numbers.append(Attribute(self._kept[symbol], name(f"config.{own}")))
        return f"self.{self._kept[symbol]}"

    def keep(self, wish: str, value: Argument) -> Expr:
        """Store a parameter's value, once, and write how ``forward`` reads it."""
        self.shared.touched.add("*number")
        written = self.expression(value, self.in_init)
        key = f"{wish} = {written.text}"
        if key not in self._kept:
            self._kept[key] = self._names.take(wish)
            self.numbers.append(Attribute(self._kept[key], written))
        return name(f"self.{self._kept[key]}")

    def expression(self, value: Argument, symbol: Callable[[str, bool], str]) -> Expr:
        """Write a parameter's value."""
        return expr(write_argument(value, symbol, self.shared.quotients.shorten))

    def tie(self, node: str, other: str, nodes: tuple[Location, ...]) -> Attribute | None:
        """Let a node's module share the weight of another's."""
        if other not in self._layer_of or node not in self._layer_of:
            return None
        weight = name(f"self.{self._layer_of[other]}.weight")
        return Attribute(f"{self._layer_of[node]}.weight", weight, nodes)


def is_free(size: object, symbol: str) -> bool:
    """Tell whether a size is just the free size of a name."""
    return isinstance(size, Dim) and size.frees == {symbol} and str(size) == symbol
