"""Parse sizes as the user types them, such as ``4 * d_model``, without evaluating Python."""

import operator
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from nodes.core.shapes.dim import AnyDim, Dim, Symbol, hyper, show
from nodes.core.shapes.size_limits import LARGEST, DimError, bounded

LONGEST_TEXT = 200
LONGEST_NAME = 64
DEEPEST_BRACKET = 32

_FIRST, _OTHER = r"(?:[A-Za-z_]|[^\x00-\x7f])", r"(?:[A-Za-z0-9_]|[^\x00-\x7f])"

NAME = re.compile(rf"{_FIRST}{_OTHER}{{0,{LONGEST_NAME - 1}}}")
"""The characters of a name of a hyperparameter; `is_name` excludes symbols of other scripts."""

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""What Python takes for parts of identifiers, and no font shows."""

_TOKEN = re.compile(rf"[0-9]+|{_FIRST}{_OTHER}*|//|\*\*|[^ ]", re.DOTALL)
_WORD = re.compile(rf"[0-9]+|{_FIRST}{_OTHER}*")
_LEVELS: tuple[dict[str, Callable[[AnyDim, AnyDim], AnyDim]], ...] = (
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "//": operator.floordiv},
)
_ADVICE = {
    "/": "sizes are whole numbers; write // for floor division",
    "**": "sizes have no powers; write a product, as in d * d",
}
_EXPECTED_OPERAND = "expected a number, a name or a bracket"
_EXPECTED_OPERATOR = "expected one of + - * // or the end"


class ExpressionError(ValueError):
    """A text that is not a size.

    Attributes:
        column: the column of the error, from 1.
    """

    def __init__(self, found: str, column: int, advice: str) -> None:
        super().__init__(f"{found} at column {column}: {advice}")
        self.column = column


class _Token(NamedTuple):
    text: str
    column: int

    def error(self, advice: str) -> ExpressionError:
        """Return an error at this token."""
        text = self.text if len(self.text) <= 20 else f"{self.text[:20]}..."
        found = f'"{repr(text)[1:-1]}"' if text else "the end"
        return ExpressionError(found, self.column, advice)


def is_name(text: str) -> bool:
    """Check whether a text can name a hyperparameter: an identifier of Python, as `normalized`."""
    return (
        NAME.fullmatch(text) is not None
        and text.isidentifier()
        and not _BLANK.search(text)
        and normalized(text) == text
    )


def normalized(name: str) -> str:
    """Return the form of a name in which equal-looking names are equal, as Python compares them."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def with_symbols(text: str, symbol: Symbol) -> str:
    """Write the text of a size as Python source, with ``symbol`` for each name."""

    def write(word: re.Match[str]) -> str:
        return word[0] if word[0][0].isdecimal() else symbol(normalized(word[0]), False)

    return _WORD.sub(write, text)


def renamed(text: str, old: str, new: str) -> str:
    """Replace a name in the text of a size.

    Raises:
        ExpressionError, DimError: the new text is too long.
    """
    replaced = _WORD.sub(lambda m: new if normalized(m[0]) == old else m[0], text)
    parse(replaced)
    return replaced


@lru_cache(maxsize=4096)
def parse(text: str) -> AnyDim:
    """Parse whole numbers and hyperparameters, joined by ``+ - * //`` and brackets.

    Raises:
        ExpressionError: the text is no size, or too long, too deep or too large.
    """
    if len(text) > LONGEST_TEXT:
        advice = f"expected at most {LONGEST_TEXT} characters, got {len(text)}; shorten it"
        raise ExpressionError("the text", LONGEST_TEXT + 1, advice)
    parser = _Parser(text)
    size = parser.read()
    if parser.token.text:
        raise parser.token.error(_ADVICE.get(parser.token.text, _EXPECTED_OPERATOR))
    return size


class _Parser:
    """Parses the tokens of a text by recursive descent; ``token`` is the next one."""

    def __init__(self, text: str) -> None:
        found = [_Token(match[0], match.start() + 1) for match in _TOKEN.finditer(text)]
        self._tokens = iter([*found, _Token("", len(text) + 1)])
        self._brackets = 0
        self.token = next(self._tokens)

    def read(self, level: int = 0) -> AnyDim:
        """Read operands and the left-associative operators of one level between them."""
        if level == len(_LEVELS):
            return self._operand()
        size = self.read(level + 1)
        while apply := _LEVELS[level].get(self.token.text):
            sign = self._take()
            right = self.read(level + 1)
            size = _applied(sign, apply, size, right)
        return size

    def _take(self) -> _Token:
        taken, self.token = self.token, next(self._tokens, self.token)
        return taken

    def _operand(self) -> AnyDim:
        negative = False
        while self.token.text == "-":
            negative = not negative
            self._take()
        size = self._bracket() if self.token.text == "(" else _atom(self._take())
        return -size if negative else size

    def _bracket(self) -> AnyDim:
        opening = self._take()
        self._brackets += 1
        if self._brackets > DEEPEST_BRACKET:
            raise opening.error(f"expected brackets at most {DEEPEST_BRACKET} deep; remove some")
        size = self.read()
        if self.token.text != ")":
            advice = f"expected an operator or ), as the bracket of column {opening.column} is open"
            raise self.token.error(_ADVICE.get(self.token.text, advice))
        self._take()
        self._brackets -= 1
        return size


def _atom(token: _Token) -> AnyDim:
    first = token.text[:1]
    if first.isascii() and first.isdecimal():
        if int(token.text) > LARGEST:
            raise token.error("expected a number below 2**53; write a smaller one")
        return int(token.text)
    name = normalized(token.text)
    if is_name(name):
        return hyper(name)
    if len(name) > LONGEST_NAME:
        raise token.error(
            f"expected a name of at most {LONGEST_NAME} characters; write a shorter one"
        )
    raise token.error(_ADVICE.get(token.text, _EXPECTED_OPERAND))


def _applied(
    sign: _Token, apply: Callable[[AnyDim, AnyDim], AnyDim], left: AnyDim, right: AnyDim
) -> AnyDim:
    if right == 0 and apply is operator.floordiv:
        raise sign.error("expected a divisor other than 0; write another number")
    try:
        size = apply(left, right)
        if isinstance(size, int):
            bounded(size)
    except DimError as error:
        raise sign.error(str(error)) from None
    return size


def rename(size: Dim, old: str, new: str) -> AnyDim:
    """Replace a name in a size.

    Raises:
        ValueError: the expression is too long with the new name.
    """
    return parse(NAME.sub(lambda match: new if match[0] == old else match[0], show(size)))
