"""The types of parameters, as the manuals state them: defaults, bounds and references."""

import ast
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.campaign.reference.outcome import ImpossibleError

Hyperparameters = Mapping[str, object]
Rule = Callable[[str], None]
"""Records a rule by which the product is stricter than PyTorch."""

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
ARITHMETIC = (
    *(ast.Constant, ast.Name, ast.Load, ast.UnaryOp, ast.USub, ast.BinOp),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow),
)


def evaluate(text: str, known: Hyperparameters) -> int:
    """Evaluate an expression over whole numbers by Python's own grammar.

    A name that is no hyperparameter may cancel: ``d - d`` is 0.

    Raises:
        ImpossibleError: it is no such expression, or has no value.
    """
    unknown = {*re.findall(r"[A-Za-z_]\w*", text)} - known.keys()
    others = [{name: k * 97 + i for i, name in enumerate(sorted(unknown))} for k in (1, 2, 3)]
    try:
        found = {_evaluate(_parsed(text), _written({**known, **other})) for other in others}
    except (SyntaxError, ZeroDivisionError, KeyError, ValueError) as error:
        raise ImpossibleError(f"{text}: {error}") from error
    if len(found) > 1:
        raise ImpossibleError(f"{text}: no hyperparameter {unknown}")
    return found.pop()


def _written(known: Hyperparameters) -> Hyperparameters:
    return {f"_{name}": value for name, value in known.items()}


def varies(text: str, known: Hyperparameters) -> bool:
    """Return whether an expression, which has a value, has another at other values of names."""
    sizes = {name: value for name, value in known.items() if type(value) is int}
    others = ({name: 2 * k * value + k for name, value in sizes.items()} for k in (3, 7))
    return any(evaluate(text, {**known, **other}) != evaluate(text, known) for other in others)


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> ast.expr:
    """Parse an expression; its names may be words of Python."""
    return ast.parse(re.sub(r"[A-Za-z_]\w*", r"_\g<0>", text), mode="eval").body


def _evaluate(tree: ast.expr, known: Hyperparameters) -> int:
    match tree:
        case ast.Constant(value=int() as value) if type(value) is int:
            return value
        case ast.Name(id=name):
            value = known[name]
            if type(value) is not int:
                raise ValueError(f"{name} is no whole number")
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_evaluate(inner, known)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_evaluate(left, known), _evaluate(right, known))
    raise ValueError("it is no expression of + - * //")


def number(text: str, known: Hyperparameters) -> float:
    """Evaluate an expression over real numbers by Python's own arithmetic.

    Raises:
        ImpossibleError: it is no such expression, or no real number.
    """
    numbers = {f"_{n}": x for n, x in known.items() if type(x) in (int, float)}
    try:
        tree = _parsed(text.strip())
        if not all(isinstance(part, ARITHMETIC) for part in ast.walk(tree)):
            raise ImpossibleError(f"{text} is no expression over numbers")
        found = eval(ast.unparse(tree), {"__builtins__": {}}, numbers)
    except (SyntaxError, ArithmeticError, NameError, TypeError) as error:
        raise ImpossibleError(f"{text}: {error}") from error
    if type(found) not in (int, float):
        raise ImpossibleError(f"{text} = {found} is no real number")
    return float(found)


@dataclass(frozen=True)
class Field(ABC):
    """A parameter: its default, and how its value is read."""

    default: object = None

    def read(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        """Return the value with hyperparameters replaced.

        Raises:
            ImpossibleError: the parameter does not take it.
        """
        if value is None and self.default is None:
            return None
        return self.value(value, known, rule)

    @abstractmethod
    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        """Return a value that is given, with hyperparameters replaced."""


@dataclass(frozen=True)
class Whole(Field):
    """A whole number from ``least`` on, or an expression."""

    least: int | None = 1

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> int:
        if isinstance(value, str):
            value = evaluate(value, known)
        if type(value) is not int:
            raise ImpossibleError(f"{value!r} is no whole number")
        if self.least is not None and value < self.least:
            if value < 0:
                raise ImpossibleError(f"{value} is below {self.least}")
            rule("empty")
        return value


@dataclass(frozen=True)
class Number(Field):
    """A real number, or the name of a hyperparameter that is one."""

    low: float = float("-inf")
    high: float = float("inf")
    above: bool = False

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> float:
        if isinstance(value, str):
            value = known[value] if value in known else number(value, known)
        if type(value) not in (int, float):
            raise ImpossibleError(f"{value!r} is no number")
        inside = self.low < value if self.above else self.low <= value
        if not (inside and value <= self.high):
            rule("number")
        return float(value)


@dataclass(frozen=True)
class Probability(Number):
    """A probability below 1; PyTorch raises for one below 0 or above 1."""

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> float:
        number = super().value(value, known, rule)
        if not 0 <= number <= 1:
            raise ImpossibleError(f"{number} is no probability")
        if number == 1:
            rule("drop all")
        return number


@dataclass(frozen=True)
class Word(Field):
    """One of some names, or the name of a hyperparameter that holds one."""

    names: tuple[str, ...] = ()

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        found = value if value in self.names else known.get(str(value))
        if found not in self.names:
            raise ImpossibleError(f"{value!r} is none of {self.names}")
        return found


@dataclass(frozen=True)
class Name(Word):
    """One of some names, without references."""

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        return super().value(value, {}, rule)


@dataclass(frozen=True)
class Plain(Field):
    """A value of one type, without references: bool, int or text."""

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        if type(value) is not type(self.default):
            raise ImpossibleError(f"{value!r} is no {type(self.default).__name__}")
        return value


@dataclass(frozen=True)
class Scale(Number):
    """A factor, or the word "sqrt"."""

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        return value if value == "sqrt" else super().value(value, known, rule)


@dataclass(frozen=True)
class Padding(Whole):
    """A number of steps at both ends, "same" or "causal"."""

    def value(self, value: object, known: Hyperparameters, rule: Rule) -> object:
        return value if value in ("same", "causal") else super().value(value, known, rule)


@dataclass(frozen=True)
class Dimension(Plain):
    """The index of a dimension, a plain number."""


def read_literals(
    fields: Mapping[str, Field], node: Mapping[str, object], known: Hyperparameters, rule: Rule
) -> None:
    """Read the parameters that name no hyperparameter, also of a node that is left out."""
    for key, one in fields.items():
        value = node.get(key)
        if key in node and (isinstance(one, Name | Plain) or not isinstance(value, str)):
            one.read(value, known, rule)
        elif isinstance(one, Whole) and value not in ("same", "causal"):
            _require_expression(str(value))


def _require_expression(text: str) -> None:
    """Require the form of an expression, whatever its names are.

    Raises:
        ImpossibleError: it has another form.
    """
    try:
        evaluate(text, dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text), 1))
    except ImpossibleError as error:
        if "division" not in str(error):
            raise
