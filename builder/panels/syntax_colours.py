"""The colours of generated code: each line by itself, so that only what is seen is looked at."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

QUOTES = '"""'
_OPENING = re.compile(r'"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*')
"""What three quotes may stand in, and they themselves."""

_ROLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Keyword.Type, "builtin"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Builtin.Pseudo, "quiet"),
    (Name.Builtin, "builtin"),
    (Name.Class, "builtin"),
    (Name.Function, "builtin"),
    (Name.Decorator, "keyword"),
    (Name.Exception, "builtin"),
)
"""The first kind of token that fits decides; the roles are colours of the theme."""

Token = tuple[str, str]
"""A piece of a line, and its role."""


@lru_cache(maxsize=1)
def _lexer() -> PythonLexer:
    return PythonLexer(ensurenl=False, stripnl=False)


@lru_cache(maxsize=20_000)
def highlight(line: str, inside: bool = False) -> tuple[Token, ...]:
    """Break a line into pieces of one role.

    Args:
        line: without its end.
        inside: it begins within a text in three quotes.
    """
    end = line.find(QUOTES)
    cut = (len(line) if end < 0 else end + len(QUOTES)) if inside else 0
    pieces = [(line[:cut], "string")] if cut else []
    tokens = _lexer().get_tokens_unprocessed(line[cut:])
    pieces += [(text, _role(kind)) for _, kind, text in tokens]
    return tuple(_merged(pieces))


def _role(kind: _TokenType) -> str:
    return next((role for family, role in _ROLES if kind in family), "text")


def _merged(pieces: Sequence[Token]) -> Iterator[Token]:
    """Join neighbours of one role; blanks take the role of what is before them."""
    spread = []
    for text, role in pieces:
        spread.append((text, spread[-1][1] if spread and not text.strip() else role))
    for role, group in groupby(spread, key=lambda run: run[1]):
        yield "".join(text for text, _ in group), role


def docstring_lines(lines: Sequence[str]) -> list[bool]:
    """Tell of each line whether it begins within a text in three quotes."""
    found, inside = [], False
    for line in lines:
        found.append(inside)
        if QUOTES in line:
            inside = _inside_after(line, inside)
    return found


def _inside_after(line: str, inside: bool) -> bool:
    """Tell whether a line ends within a text in three quotes."""
    at = 0
    while at < len(line):
        if inside:
            end = line.find(QUOTES, at)
            if end < 0:
                return True
            at, inside = end + len(QUOTES), False
            continue
        opening = _OPENING.search(line, at)
        if opening is None or opening[0].startswith("#"):
            return False
        at, inside = opening.end(), opening[0] == QUOTES
    return inside
