"""The emission context: all that the code rules of a node may ask about its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Union

from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.python_expression import Expr, Value, arithmetic, call, expr, name, tuple_of
from nodes.core.shapes.dim import AnyDim, Dim, Symbol, code
from nodes.core.shapes.shape import Bindings, Shape

Argument = Union[Expr, Value, Dim, Ref, tuple["Argument", ...]]  # noqa: UP007 (names itself)
"""An argument of a call, as the code rules of a node write it."""


def write_argument(
    value: Argument, symbol: Symbol, shorten: Callable[[AnyDim], AnyDim]
) -> Expr | Value:
    """Turn sizes and references to hyperparameters into expressions, in tuples too.

    Args:
        value: the argument.
        symbol: writes a hyperparameter.
        shorten: replaces a size by an equal one that has a name.
    """
    if isinstance(value, Dim):
        return arithmetic(code(shorten(value), symbol)[0])
    if isinstance(value, Ref):
        return name(symbol(value.name, False))
    if isinstance(value, tuple):
        return tuple_of(*[write_argument(item, symbol, shorten) for item in value])
    return value


@dataclass(slots=True)
class EmitContext:
    """One node in a class that is being generated.

    Attributes:
        dims: the sizes bound by the shape rule.
        shapes: the shape at each connected input port and each output port.
        connected: the connected input ports.
        used: the output ports that a node reads.
        layer: the expression of this node's module in ``forward``, such as ``self.encoder``.
        symbol: writes a hyperparameter, such as ``config.width`` or ``self.width``.
        keep: stores a value as an attribute of the module; returns the expression that reads it.
        functions: the functions of ``codegen.layers`` that are called so far.
        start: the position of the first time step, where the model streams.
        past: the cached state of the node, where the model streams.
        shorten: replaces a size by an equal one that has a name.
    """

    dims: Bindings
    shapes: dict[str, Shape]
    connected: frozenset[str]
    used: frozenset[str]
    layer: Expr
    symbol: Symbol
    keep: Callable[[str, Argument], Expr]
    functions: set[str] = field(default_factory=set)
    start: Expr | None = None
    past: Expr | None = None
    shorten: Callable[[AnyDim], AnyDim] = lambda size: size

    def write(self, value: Argument) -> Expr | Value:
        """Turn sizes and references into expressions, in tuples too; see `write_argument`."""
        return write_argument(value, self.symbol, self.shorten)

    def expression(self, value: Argument) -> Expr:
        """Write the value of a parameter as an expression."""
        return expr(self.write(value))

    def size(self, word: str) -> AnyDim:
        """Return the size of a word of the node's patterns."""
        return self.dims[word]

    def call(self, function: str | Expr, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call whose arguments may be expressions, sizes, references and plain values."""
        positional = [self.write(arg) for arg in args]
        keywords = {key: self.write(value) for key, value in kwargs.items()}
        return call(function, *positional, **keywords)

    def method(self, owner: Expr, method: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of a method of ``owner``; arguments as in `call`."""
        return self.call(owner.attr(method), *args, **kwargs)

    def library(self, function: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of a function or class of ``codegen.layers``."""
        self.functions.add(function)
        return self.call(function, *args, **kwargs)
