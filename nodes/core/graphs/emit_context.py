"""One node at its place: all that a node's code rules may ask about its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Union

from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.python_expression import Expr, Value, arithmetic, call, expr, name, tuple_of
from nodes.core.shapes.dim import AnyDim, Dim, Symbol, code
from nodes.core.shapes.shape import Bindings, Shape

Argument = Union[Expr, Value, Dim, Ref, tuple["Argument", ...]]  # noqa: UP007 (names itself)
"""What the code rules of a node pass to a call."""


def write_argument(
    value: Argument, symbol: Symbol, shorten: Callable[[AnyDim], AnyDim]
) -> Expr | Value:
    """Turn sizes and references to hyperparameters into expressions, in tuples too.

    Args:
        value: the argument.
        symbol: how a hyperparameter is written.
        shorten: replaces a size by one that is written shorter.
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
    """One node at its place in a class that is being generated.

    Attributes:
        dims: the sizes bound by the shape rule.
        shapes: the shape that arrives at each connected input, and leaves each output.
        connected: the input ports that something arrives at.
        used: the output ports that something reads.
        layer: how ``forward`` reaches this node's module, such as ``self.encoder``.
        symbol: how a hyperparameter is written here: ``config.width``, ``self.width``.
        functions: the functions of ``codegen.layers`` that the code calls; grows as it does.
        start: the position of the first time step, where the model is fed piece by piece.
        past: what a node that remembers is given of its past, where it is fed piece by piece.
        keep: stores a number on the module, and gives the expression that reads it.
        shorten: writes a size by a name that people have for it.
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
        """Turn sizes and references to hyperparameters into expressions, in tuples too."""
        return write_argument(value, self.symbol, self.shorten)

    def expression(self, value: Argument) -> Expr:
        """Write a parameter's value as an expression."""
        return expr(self.write(value))

    def size(self, word: str) -> AnyDim:
        """Look up what a word of the node's patterns stands for."""
        return self.dims[word]

    def call(self, function: str | Expr, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call whose arguments may be expressions, sizes, references and plain values."""
        listed = [self.write(arg) for arg in args]
        named = {key: self.write(value) for key, value in kwargs.items()}
        return call(function, *listed, **named)

    def method(self, owner: Expr, method: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of ``owner``'s method, arguments as in `call`."""
        return self.call(owner.attr(method), *args, **kwargs)

    def library(self, function: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of a function or class that ``codegen.layers`` holds the source of."""
        self.functions.add(function)
        return self.call(function, *args, **kwargs)
