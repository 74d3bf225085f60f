"""What ``__init__`` of a class stores: layers, numbers that ``forward`` reads, tied weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen.check.problem import Address
from codegen.names import MODULE_RESERVED, Names, identifier
from codegen.plan import Attribute, ClassPlan
from codegen.quotients import Quotients
from codegen.written import Written
from nodes.core.code import Expr, name
from nodes.core.dim import Dim
from nodes.core.site import Site


@dataclass(slots=True)
class Shared:
    """What all classes of one model share.

    Attributes:
        fields: the name of each hyperparameter's field in the ``Config``.
        streamed: "past" or "state", if the model is fed piece by piece; else "".
        names: the names that are taken at the top of the file.
        quotients: the sizes that are properties of the ``Config``.
        functions: what is taken from the library.
        used_fields: the hyperparameters that the code reads.
        used_quotients: the quotients that it reads.
        classes: the classes planned so far, each after those inside it.
        made: the class of each use of a graph.
        touched: what the expression that is being written takes along: hyperparameters, and with
            a star what is more than that.
        written: what nodes wrote before.
    """

    fields: Mapping[str, str]
    streamed: str
    names: Names
    quotients: Quotients
    functions: set[str] = field(default_factory=set)
    used_fields: set[str] = field(default_factory=set)
    used_quotients: set[str] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    made: dict[object, ClassPlan] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    written: Written = field(default_factory=Written)

    def take(self, functions: set[str]) -> None:
        """Take functions from the library."""
        if functions:
            self.touched.add("*library")
            self.functions |= functions

    def config(self, hyperparameter: str) -> str:
        """Name the field of a hyperparameter or a quotient, and remember that it is used."""
        if hyperparameter in self.quotients.named:
            self.touched.add("*quotient")
            self.used_fields.update(self.quotients.named[hyperparameter])
            self.used_quotients.add(hyperparameter)
            return hyperparameter
        self.touched.add(hyperparameter)
        self.used_fields.add(hyperparameter)
        return self.fields[hyperparameter]


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

    def add_layer(self, node: str, module: Expr, at: Address) -> None:
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

    def keep(self, wish: str, value: object) -> Expr:
        """Store a parameter's value, once, and write how ``forward`` reads it."""
        self.shared.touched.add("*number")
        written = self.expression(value, self.in_init)
        key = f"{wish} = {written.text}"
        if key not in self._kept:
            self._kept[key] = self._names.take(wish)
            self.numbers.append(Attribute(self._kept[key], written))
        return name(f"self.{self._kept[key]}")

    def expression(self, value: object, symbol: Callable[[str, bool], str]) -> Expr:
        """Write a parameter's value."""
        shorten = self.shared.quotients.shorten
        nothing = frozenset()
        site = Site({}, {}, nothing, nothing, name("self"), symbol, shorten=shorten)
        return site.expression(value)

    def tie(self, node: str, other: str, nodes: tuple[Address, ...]) -> Attribute | None:
        """Let a node's module share the weight of another's."""
        if other not in self._layer_of or node not in self._layer_of:
            return None
        weight = name(f"self.{self._layer_of[other]}.weight")
        return Attribute(f"{self._layer_of[node]}.weight", weight, nodes)


def is_free(size: object, symbol: str) -> bool:
    """Tell whether a size is just the free size of a name."""
    return isinstance(size, Dim) and size.frees == {symbol} and str(size) == symbol
