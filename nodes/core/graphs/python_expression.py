"""Python expressions as values.

An `Expr` is source text built by rules: values of the user enter through `literal`, names that the
program chose through `name`, and all else is built from those two.  Brackets are written only where
Python needs them; the text is formatted as by ``ruff format``.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import EllipsisType
from typing import Union

from nodes.core.shapes.size_limits import LARGEST

Value = Union[bool, int, float, str, None, tuple["Value", ...]]  # noqa: UP007 (names itself)
Item = Union["Expr", Value, slice, EllipsisType]
Index = Item | tuple[Item, ...]

Part = tuple[str, "Expr"]

# Precedence of expressions: the rows of Python's table.
BARE, TERNARY, COMPARISON, OR, AND, SUM, PRODUCT, UNARY, POWER, NUMBER, ATOM = range(11)

MOST_IN_A_ROW = 100
"""The largest number of operands in a chain without brackets."""

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_SIMPLE = re.compile(r"-?[0-9.]+(e-?[0-9]+)?|[A-Za-z_][A-Za-z0-9_.]*", re.ASCII)
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"})


def _infix(symbol: str, precedence: int) -> tuple[Callable[..., "Expr"], Callable[..., "Expr"]]:
    """Make the methods of one binary operator: the plain and the reflected one."""

    def forward(left: "Expr", right: "Expr | Value") -> "Expr":
        return _operation(left, symbol, as_expr(right), precedence)

    def reflected(right: "Expr", left: "Expr | Value") -> "Expr":
        return _operation(as_expr(left), symbol, right, precedence)

    return forward, reflected


def _prefix(symbol: str) -> Callable[["Expr"], "Expr"]:
    """Make the method of one unary operator."""

    def applied(operand: "Expr") -> "Expr":
        operand = _bracketed(operand, UNARY)
        parts = ((symbol, operand),)
        return Expr(f"{symbol}{operand.text}", UNARY, operand.depth, None, "", parts)

    return applied


@dataclass(frozen=True, slots=True)
class Expr:
    """A Python expression; two are equal when their text is.

    Attributes:
        text: the source on one line.
        precedence: its precedence, from BARE to ATOM.
        depth: the nesting of calls.
        head: the expression that is called, subscripted, or whose attribute it is.
        brackets: the brackets around the parts, ``"(,)"`` with a comma if one may trail; ``""`` for
            operands; ``".name"`` for an attribute.
        parts: arguments, items or operands, each with its prefix, such as ``"dim="``.
    """

    text: str
    precedence: int = field(default=ATOM, compare=False)
    depth: int = field(default=0, compare=False)
    head: "Expr | None" = field(default=None, compare=False, repr=False)
    brackets: str = field(default="", compare=False, repr=False)
    parts: tuple[Part, ...] = field(default=(), compare=False, repr=False)

    __iter__ = None  # otherwise Python would iterate over subscripts without end

    __add__, __radd__ = _infix("+", SUM)
    __sub__, __rsub__ = _infix("-", SUM)
    __mul__, __rmul__ = _infix("*", PRODUCT)
    __truediv__, __rtruediv__ = _infix("/", PRODUCT)
    __floordiv__, __rfloordiv__ = _infix("//", PRODUCT)
    __mod__, __rmod__ = _infix("%", PRODUCT)
    __matmul__, __rmatmul__ = _infix("@", PRODUCT)
    __and__, __rand__ = _infix("&", AND)
    __or__, __ror__ = _infix("|", OR)

    __neg__ = _prefix("-")
    __invert__ = _prefix("~")

    def __getitem__(self, key: Index) -> "Expr":
        """Write ``self[key]``."""
        items = [_item(k) for k in key] if isinstance(key, tuple) else [_item(key)]
        return _enclose(_bracketed(self, ATOM), "[,]" if len(items) > 1 else "[]", items)

    def attr(self, name: str) -> "Expr":
        """Write ``self.name``."""
        assert _PATH.fullmatch(name), name
        owner = _bracketed(self, ATOM)
        text = f"{owner.text}.{name}"
        if owner.head is None and not owner.parts:
            return Expr(text)
        return Expr(text, ATOM, owner.depth, owner, f".{name}")

    def method(self, method: str, /, *args: "Expr | Value", **kwargs: "Expr | Value") -> "Expr":
        """Write ``self.method(...)``."""
        return call(self.attr(method), *args, **kwargs)

    def transpose(self, dim0: "Expr | Value", dim1: "Expr | Value") -> "Expr":
        """Write ``self.transpose(dim0, dim1)``, or what the same call before it has swapped."""
        dims = {as_expr(dim0).text, as_expr(dim1).text}
        if self.transposed is not None and {part.text for _, part in self.parts} == dims:
            return self.transposed
        return self.method("transpose", dim0, dim1)

    @property
    def transposed(self) -> "Expr | None":
        """The operand, if this is a call of ``transpose`` on what is more than a name."""
        function = self.head
        return function.head if function and function.brackets == ".transpose" else None


@lru_cache(maxsize=4096)
def name(text: str) -> Expr:
    """Return the expression of a name that the program chose, such as ``torch.float32``."""
    assert _PATH.fullmatch(text), text
    return Expr(text)


def literal(value: Value) -> Expr:
    """Write a value of the user so that Python reads back exactly that value.

    Raises:
        ValueError: a number is not finite, or whole and not below 2**53.
        TypeError: the value has no literal.
    """
    # Exact types: what the repr of a subclass prints need not be Python source.
    if value is None or type(value) is bool:
        return Expr(repr(value))
    if type(value) is str:
        return Expr(_quoted(value))
    if type(value) is tuple:
        return tuple_of(*value)
    if not (type(value) is int or type(value) is float):
        raise TypeError(f"a {type(value).__name__} cannot be written as Python source")
    if not (math.isfinite(value) if type(value) is float else abs(value) <= LARGEST):
        raise ValueError("numbers must be finite, and whole numbers below 2**53")
    size = Expr(repr(abs(value)).replace("e+", "e"), NUMBER)
    return -size if math.copysign(1, value) < 0 else size


def as_expr(value: Expr | Value) -> Expr:
    """Return an expression unchanged, and a plain value as a `literal`."""
    return value if isinstance(value, Expr) else literal(value)


def call(function: str | Expr, /, *args: Expr | Value, **kwargs: Expr | Value) -> Expr:
    """Write ``function(*args, **kwargs)``; a `str` is a `name`, plain arguments are literals."""
    head = name(function) if isinstance(function, str) else _bracketed(function, ATOM)
    parts = [("", as_expr(arg)) for arg in args]
    for key, value in kwargs.items():
        assert _PATH.fullmatch(key), key
        parts.append((f"{key}=", as_expr(value)))
    alone = len(args) == 1 and not kwargs and parts[0][1].precedence == BARE
    if not alone:
        parts = [(before, _bracketed(part, TERNARY)) for before, part in parts]
    return _enclose(head, "()" if alone else "(,)", parts, 1)


def sum_of(first: Expr | Value, *rest: Expr | Value) -> Expr:
    """Write ``first + a + b`` of any number of terms."""
    first = _bracketed(as_expr(first), SUM)
    parts = [("+ ", _bracketed(as_expr(term), PRODUCT)) for term in rest]
    return _join([*_chain(first, SUM), *parts], SUM) if parts else first


def grouped(join: Callable[..., Expr], parts: Sequence[Expr]) -> Expr:
    """Join parts, many of them in groups: Python's parser recurses once per operand."""
    while len(parts) > MOST_IN_A_ROW:
        starts = range(0, len(parts), MOST_IN_A_ROW)
        parts = [join(*parts[start : start + MOST_IN_A_ROW]) for start in starts]
    return join(*parts)


def power(base: Expr, exponent: Expr) -> Expr:
    """Write ``base**exponent``, with spaces where an operand is more than a name or a number."""
    base, exponent = _bracketed(base, NUMBER), _bracketed(exponent, UNARY)
    simple = all(_SIMPLE.fullmatch(part.text) for part in (base, exponent))
    text = f"{base.text}**{exponent.text}" if simple else f"{base.text} ** {exponent.text}"
    return Expr(text, POWER, max(base.depth, exponent.depth))


def compare(left: Expr | Value, op: str, right: Expr | Value) -> Expr:
    """Write ``left op right`` for a comparison such as ``is not`` or ``<=``."""
    assert op in _COMPARISONS, op
    return _join(
        [("", _bracketed(as_expr(left), OR)), (f"{op} ", _bracketed(as_expr(right), OR))],
        COMPARISON,
    )


def conditional(condition: Expr | Value, then: Expr | Value, otherwise: Expr | Value) -> Expr:
    """Write ``then if condition else otherwise``."""
    test, last = _bracketed(as_expr(condition), COMPARISON), _bracketed(as_expr(otherwise), TERNARY)
    (_, other), *rest = _chain(last, TERNARY)
    first = [("", _bracketed(as_expr(then), COMPARISON)), ("if ", test), ("else ", other)]
    return _join([*first, *rest], TERNARY)


def generator(item: Expr, variable: str, over: Expr) -> Expr:
    """Write the generator ``item for variable in over``, for the only argument of a call."""
    bound, source = name(variable), _bracketed(over, COMPARISON)
    return _join([("", _bracketed(item, TERNARY)), (f"for {bound.text} in ", source)], BARE)


def tuple_of(*items: Expr | Value) -> Expr:
    """Write ``(a, b)``."""
    parts = [("", _bracketed(as_expr(item), TERNARY)) for item in items]
    return _enclose(None, "(,)", parts)


@lru_cache(maxsize=4096)
def parse_arithmetic(text: str) -> Expr:
    """Parse integer arithmetic that the program wrote, such as ``4 * config.d_model``."""
    return _parse_arithmetic(ast.parse(text, mode="eval").body)


_APPLY: Mapping[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def _parse_arithmetic(tree: ast.expr) -> Expr:
    match tree:
        case ast.Constant(int(number)):
            return literal(number)
        case ast.UnaryOp(ast.USub(), operand):
            return -_parse_arithmetic(operand)
        case ast.BinOp(left, op, right):
            return _APPLY[type(op)](_parse_arithmetic(left), _parse_arithmetic(right))
    return name(ast.unparse(tree))


def _operation(left: Expr, symbol: str, right: Expr, precedence: int) -> Expr:
    """Join two operands; a chain of one strength becomes one list of operands."""
    left, right = _bracketed(left, precedence), _bracketed(right, precedence + 1)
    before = f"{symbol} "
    text = f"{left.text} {before}{right.text}"
    parts = (*_chain(left, precedence), (before, right))
    return Expr(text, precedence, max(left.depth, right.depth), None, "", parts)


def _chain(first: Expr, precedence: int) -> tuple[Part, ...]:
    """Return the operands of an expression that begins a chain of one strength."""
    return first.parts if first.precedence == precedence else (("", first),)


def _join(parts: list[Part], precedence: int) -> Expr:
    text = " ".join([before + part.text for before, part in parts])
    return Expr(text, precedence, _deepest(parts), None, "", tuple(parts))


def _enclose(head: Expr | None, brackets: str, parts: list[Part], calls: int = 0) -> Expr:
    text = ", ".join([before + part.text for before, part in parts])
    if head is None and "," in brackets and len(parts) == 1:
        text += ","
    depth = max(head.depth if head else 0, _deepest(parts)) + calls
    text = f"{head.text if head else ''}{brackets[0]}{text}{brackets[-1]}"
    return Expr(text, ATOM, depth, head, brackets, tuple(parts))


def _deepest(parts: list[Part]) -> int:
    return max([part.depth for _, part in parts], default=0)


def _bracketed(part: Expr, least: int) -> Expr:
    """Add brackets if the precedence is lower than required."""
    return part if part.precedence >= least else _enclose(None, "()", [("", part)])


def _item(key: Item) -> Part:
    """Write one item of a subscript."""
    if key is ...:
        return "", Expr("...")
    if isinstance(key, slice):
        return "", _slice(key)
    return "", _bracketed(as_expr(key), TERNARY)


def _slice(key: slice) -> Expr:
    """Write ``a:b:c``, with spaces where a bound is more than a name, a number or its negative."""
    written = (key.start, key.stop, key.step)
    bounds = [None if bound is None else _bracketed(as_expr(bound), TERNARY) for bound in written]
    present = [("", bound) for bound in bounds if bound]
    gap = "" if all(_is_simple(bound) for _, bound in present) else " "
    start, stop, step = (bound.text if bound else "" for bound in bounds)
    text = f"{start}{gap if start else ''}:{gap if stop else ''}{stop}"
    if step:
        text += f"{gap if stop else ''}:{gap}{step}"
    return Expr(text, BARE, _deepest(present))


def _is_simple(bound: Expr) -> bool:
    while bound.precedence == UNARY:
        bound = bound.parts[0][1]
    return bound.precedence == NUMBER or bound.text.isidentifier()


def _quoted(text: str) -> str:
    """Write a string in ASCII, in double quotes unless single ones save escapes."""
    body = ascii(f'{text}"')[1:-2]  # a double quote in the text makes Python escape the single ones
    if text.count('"') > text.count("'"):
        return f"'{body}'"
    plain = body.replace("\\'", "'").replace('"', '\\"')
    return f'"{plain}"'
