"""Numbers computed from hyperparameters, such as ``d_model ** -0.5``, without evaluating Python.

A text -> a tree of operators, which is evaluated with the present values, and written in the
generated code as the user wrote it.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Union

from nodes.core.graphs.python_expression import Expr, literal, name, power
from nodes.core.shapes.dim import Symbol
from nodes.core.shapes.expression import LONGEST_TEXT, NAME, is_name, normalized

DEEPEST = 32
"""The deepest nesting of brackets and signs."""

Tree = Union[float, str, tuple[str, "Tree"], tuple[str, "Tree", "Tree"]]  # noqa: UP007 (names itself)
"""A number, a name, a sign or a bracket with its operand, or an operator with two operands."""

_TOKEN = re.compile(rf"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.|{NAME.pattern}|//|\*\*|[^ ]")
_LEVELS = (("+", "-"), ("*", "/", "//"))
_APPLY: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "**": operator.pow,
}


class NumberError(ValueError):
    """A text that is no number, or a number that does not exist at the present values."""


@dataclass(frozen=True, slots=True)
class NumberExpression:
    """A number computed from hyperparameters.

    Attributes:
        text: the expression as it was written, but for spaces.
        names: the hyperparameters in it.
        tree: its operators.
    """

    text: str
    names: frozenset[str] = field(compare=False)
    tree: Any = field(compare=False, repr=False)  # a Tree; pydantic does not read the recursion

    def __str__(self) -> str:
        return self.text

    def evaluate(self, values: Mapping[str, object]) -> float:
        """Compute the number.

        Raises:
            NumberError: it does not exist, is complex or too large, or a value is no number.
            KeyError: a hyperparameter does not exist.
        """
        try:
            number = _evaluate(self.tree, values)
        except (ZeroDivisionError, OverflowError) as error:
            raise NumberError(f"expected a number, got {self.text}: {error}") from error
        if isinstance(number, complex) or not math.isfinite(number):
            raise NumberError(f"expected a real number, got {self.text} = {number}")
        return number

    def renamed(self, old: str, new: str) -> "NumberExpression | float":
        """Replace a name.

        Raises:
            NumberError: the text is too long with the new name.
        """
        return parse_number(NAME.sub(lambda m: new if m[0] == old else m[0], self.text))

    def at(self, values: Mapping[str, float]) -> "NumberExpression":
        """Replace names by their values."""
        tree = _replaced(self.tree, values)
        return NumberExpression(_show(tree), self.names - values.keys(), tree)

    def code(self, symbol: Symbol) -> Expr:
        """Write the expression with the source of each hyperparameter."""
        return tree_code(self.tree, symbol)


@lru_cache(maxsize=4096)
def parse_number(text: str) -> NumberExpression | float:
    """Parse numbers and hyperparameters, joined by ``+ - * / // **`` and brackets.

    Raises:
        NumberError: the text is none, or it is too long or too deep.
    """
    if len(text) > LONGEST_TEXT:
        raise NumberError(f"expected at most {LONGEST_TEXT} characters, got {len(text)}")
    parser = _Parser(text)
    tree = parser.sum()
    if parser.token:
        raise NumberError(f"expected an operator or the end, got {parser.token!r:.30} in {text!r}")
    names = frozenset(_names(tree))
    if not names:
        return NumberExpression(text, names, tree).evaluate({})
    return NumberExpression(_show(tree), names, tree)


class _Parser:
    """Parses the tokens of a text by recursive descent; ``token`` is the next one."""

    def __init__(self, text: str) -> None:
        self._text, self._depth = text, 0
        self._tokens = iter([*_TOKEN.findall(text.replace("\t", " ")), ""])
        self.token: str = next(self._tokens)

    def _take(self) -> str:
        taken, self.token = self.token, next(self._tokens, "")
        return taken

    def sum(self, level: int = 0) -> Tree:
        """Read operands and the left-associative operators of one level between them."""
        if level == len(_LEVELS):
            return self._signed()
        tree = self.sum(level + 1)
        while self.token in _LEVELS[level]:
            tree = (self._take(), tree, self.sum(level + 1))
        return tree

    def _signed(self) -> Tree:
        if self.token == "-":
            self._enter()
            self._take()
            tree: Tree = ("-", self._signed())
            self._depth -= 1
            return tree
        base = self._operand()
        if self.token == "**":
            self._enter()
            self._take()
            base = ("**", base, self._signed())
            self._depth -= 1
        return base

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NumberError(f"expected at most {DEEPEST} levels, got more in {self._text!r:.60}")

    def _operand(self) -> Tree:
        token = self._take()
        if token == "(":
            self._enter()
            tree: Tree = ("()", self.sum())
            self._depth -= 1
            if self._take() != ")":
                raise NumberError(f"expected a closing bracket, got none in {self._text!r}")
            return tree
        if token[:1].isdecimal() or token[:1] == ".":
            return _number(token, self._text)
        if is_name(normalized(token)):
            return normalized(token)
        found = repr(token) if token else "the end"
        raise NumberError(f"expected a number, a name or a bracket, got {found} in {self._text!r}")


def _number(token: str, text: str) -> float:
    try:
        number = float(token) if set(token) - set("0123456789") else int(token)
    except ValueError:
        raise NumberError(f"expected a number, got {token!r} in {text!r}") from None
    if not math.isfinite(number) or number > 2**53:
        raise NumberError(f"expected a number below 2**53, got {token} in {text!r}")
    return number


def _names(tree: Tree) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, tuple):
        return [name for part in tree[1:] for name in _names(part)]
    return []


def _replaced(tree: Tree, values: Mapping[str, float]) -> Tree:
    if isinstance(tree, str):
        return values.get(tree, tree)
    if not isinstance(tree, tuple):
        return tree
    first = _replaced(tree[1], values)
    return (tree[0], first) if len(tree) == 2 else (tree[0], first, _replaced(tree[2], values))


def _show(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    if not isinstance(tree, tuple):
        return repr(tree)
    if len(tree) == 2:
        return f"({_show(tree[1])})" if tree[0] == "()" else f"-{_show(tree[1])}"
    return f"{_show(tree[1])} {tree[0]} {_show(tree[2])}"


def _evaluate(tree: Tree, values: Mapping[str, object]) -> float:
    if isinstance(tree, str):
        value = values[tree]
        if type(value) not in (int, float):
            raise NumberError(f"expected a number, got {tree} = {value!r:.40}")
        assert isinstance(value, int | float)
        return float(value)
    if not isinstance(tree, tuple):
        return float(tree)
    first = _evaluate(tree[1], values)
    if len(tree) == 2:
        return first if tree[0] == "()" else -first
    return _APPLY[tree[0]](first, _evaluate(tree[2], values))


def tree_code(tree: Tree, symbol: Symbol) -> Expr:
    """Write a part of an expression with the source of each hyperparameter."""
    if isinstance(tree, str):
        return name(symbol(tree, False))
    if not isinstance(tree, tuple):
        return literal(tree)
    first = tree_code(tree[1], symbol)
    if len(tree) == 2:
        return first if tree[0] == "()" else -first
    second = tree_code(tree[2], symbol)
    if tree[0] == "**":
        return power(first, second)
    joined: Expr = _OPERATORS[tree[0]](first, second)
    return joined


_OPERATORS: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
}
