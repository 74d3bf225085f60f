"""What the code rules of a node know about the class that its code becomes part of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Union

from nodes.core.graphs.number_expression import NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.port import Input
from nodes.core.graphs.python_expression import (
    Expr,
    Value,
    as_expr,
    call,
    name,
    parse_arithmetic,
    tuple_of,
)
from nodes.core.shapes.dim import AnyDim, Dim, Symbol, code
from nodes.core.shapes.shape import Bindings, Shape

Argument = Union[Expr, Value, Dim, Ref, NumberExpression, tuple["Argument", ...]]  # noqa: UP007 (names itself)
"""An argument of a call, as the code rules of a node write it."""


SizeWriter = Callable[[Dim, Symbol], Expr]
"""Writes a size as an expression of what the symbol returns for each name."""


def write_size(size: Dim, symbol: Symbol) -> Expr:
    """Write a size as a sum of products."""
    return parse_arithmetic(code(size, symbol)[0])


def lower_argument(value: Argument, symbol: Symbol, write: SizeWriter) -> Expr | Value:
    """Lower sizes and references to hyperparameters to expressions, in tuples too.

    Args:
        value: the argument.
        symbol: returns the source of a hyperparameter or a free size.
        write: writes a size.
    """
    if isinstance(value, Dim):
        return write(value, symbol)
    if isinstance(value, Ref):
        return name(symbol(value.name, False))
    if isinstance(value, NumberExpression):
        return value.code(symbol)
    if isinstance(value, tuple):
        return tuple_of(*[lower_argument(item, symbol, write) for item in value])
    return value


def arguments(ports: Iterable[Input], sources: Mapping[str, Expr]) -> dict[str, object]:
    """Map each input port to its expression: None if unconnected, a tuple if variadic."""
    found: dict[str, object] = {}
    for port in ports:
        stem = f"{port.name}."
        if port.variadic:
            found[port.name] = tuple(e for key, e in sources.items() if key.startswith(stem))
        else:
            found[port.name] = sources.get(port.name)
    return found


@dataclass(slots=True)
class EmitContext:
    """The context in which one node emits code.

    Attributes:
        dims: the sizes bound by the shape rule.
        shapes: the shape of each connected input and of each output.
        connected: the input ports that have a source.
        used: the output ports that are read.
        layer: the expression of this node's module in ``forward``, such as ``self.encoder``.
        symbol: returns the name of a hyperparameter or a free size here, such as ``config.width``
            or ``self.width``; the second argument says that it is a free size.
        functions: the functions of ``codegen.layers`` that the code calls; filled by
            `library_call`.
        start: the position of the first time step, in a model with a cache.
        cached_state: the state, or the keys and values, of the steps before, in a model with a
            cache.
        shared: the value that the model computes once for this node and others.
        store: stores a number as an attribute of the module and returns the expression that reads
            it.
        write: writes a size, as the user wrote it or by named quotients such as ``head_dim``.
        padding_idx: the row of its weight that stays zero, as the weight is that of an embedding
            with this padding id.
    """

    dims: Bindings
    shapes: dict[str, Shape]
    connected: frozenset[str]
    used: frozenset[str]
    layer: Expr
    symbol: Symbol
    store: Callable[[str, Argument], Expr]
    functions: set[str] = field(default_factory=set)
    start: Expr | None = None
    cached_state: Expr | None = None
    shared: Expr | None = None
    write: SizeWriter = write_size
    padding_idx: AnyDim | None = None

    @property
    def streams(self) -> bool:
        """Whether a node that `carries_state` returns its new state."""
        return self.cached_state is not None

    def lower(self, value: Argument) -> Expr | Value:
        """Lower sizes and references to hyperparameters to expressions, in tuples too."""
        return lower_argument(value, self.symbol, self.write)

    def expression(self, value: Argument) -> Expr:
        """Write a parameter's value as an expression."""
        return as_expr(self.lower(value))

    def size(self, word: str) -> AnyDim:
        """Return the size bound to a word of the node's patterns."""
        return self.dims[word]

    def call(self, function: str | Expr, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call whose arguments may be expressions, sizes, references and plain values."""
        listed = [self.lower(arg) for arg in args]
        named = {key: self.lower(value) for key, value in kwargs.items()}
        return call(function, *listed, **named)

    def method(self, owner: Expr, method: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of a method of ``owner``; arguments as in `call`."""
        return self.call(owner.attr(method), *args, **kwargs)

    def library_call(self, function: str, *args: Argument, **kwargs: Argument) -> Expr:
        """Write a call of a function or class whose source is in ``codegen.layers``.

        A custom node calls those of its own file too.
        """
        self.functions.add(function)
        return self.call(function, *args, **kwargs)
