"""The attributes of one class: layers, numbers that ``forward`` reads, tied weights.

Expressions of nodes -> the assignments of ``__init__`` and the names by which ``forward`` reads
them.
"""

from collections.abc import Callable

from codegen.planning.model_scope import ModelScope
from codegen.planning.plan import Attribute
from codegen.source.identifiers import MODULE_RESERVED, Namespace, identifier
from nodes.core.graphs.emit_context import Argument, lower_argument
from nodes.core.graphs.location import Location
from nodes.core.graphs.python_expression import Expr, as_expr, name
from nodes.core.shapes.dim import Dim, Symbol


class ModuleAttributes:
    """The attributes of one class under construction.

    Attributes:
        is_model: the class is the model itself, which stores the whole ``Config``.
        numbers: the numbers that ``forward`` reads.
        layers: the modules, in the order of the nodes.
    """

    def __init__(self, scope: ModelScope, is_model: bool, free_size: Callable[[str], str]) -> None:
        self.is_model = is_model
        self.numbers: list[Attribute] = []
        self.layers: list[Attribute] = []
        self._scope, self._free_size = scope, free_size
        self._names = Namespace(MODULE_RESERVED, "layer")
        self._stored: dict[str, str] = {}
        self._layer_of: dict[str, str] = {}

    def layer(self, node: str) -> str:
        """Return the attribute of a node's module."""
        if node not in self._layer_of:
            self._layer_of[node] = self._names.create(identifier(node))
        return self._layer_of[node]

    def add_layer(self, node: str, module: Expr, at: Location) -> None:
        """Assign a node's module."""
        self.layers.append(Attribute(self.layer(node), module, (at,)))

    def init_symbol(self, symbol: str, is_free: bool) -> str:
        """Return the source by which ``__init__`` reads a hyperparameter."""
        return f"config.{self._scope.config_field(symbol)}"

    def forward_symbol(self, symbol: str, is_free: bool) -> str:
        """Return the source by which ``forward`` reads a size; store it if it needs to be."""
        if is_free:
            self._scope.dependencies.add("*size")
            return self._free_size(symbol)
        field = self._scope.config_field(symbol)
        if self.is_model:
            return f"self.config.{field}"
        self._scope.dependencies.add("*number")
        if symbol not in self._stored:
            self._stored[symbol] = self._names.create(field)
            self.numbers.append(Attribute(self._stored[symbol], name(f"config.{field}")))
        return f"self.{self._stored[symbol]}"

    def store(self, name_hint: str, value: Argument) -> Expr:
        """Store the value of a parameter once; write the expression that reads it."""
        self._scope.dependencies.add("*number")
        stored = self.expression(value, self.init_symbol)
        key = f"{name_hint} = {stored.text}"
        if key not in self._stored:
            self._stored[key] = self._names.create(name_hint)
            self.numbers.append(Attribute(self._stored[key], stored))
        return name(f"self.{self._stored[key]}")

    def expression(self, value: Argument, symbol: Symbol) -> Expr:
        """Write the value of a parameter as an expression."""
        return as_expr(lower_argument(value, symbol, self._scope.notation.write))

    def tie_weight(self, node: str, owner: str, nodes: tuple[Location, ...]) -> Attribute:
        """Tie the weight of a node's module to that of another."""
        weight = name(f"self.{self._layer_of[owner]}.weight")
        return Attribute(f"{self._layer_of[node]}.weight", weight, nodes)


def is_free_symbol(size: object, symbol: str) -> bool:
    """Check whether a size is one free symbol and nothing else."""
    return isinstance(size, Dim) and size.frees == {symbol} and str(size) == symbol
