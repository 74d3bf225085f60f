"""Syntax highlighting of generated code, line by line, so that only visible lines are tokenized."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

QUOTES = '"""'
_OPENING = re.compile(r'"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*')
"""Triple quotes, and the strings and comments that may contain them."""

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
"""The first matching token type decides; the roles are colours of the theme."""

Token = tuple[str, str]
"""A part of a line, and its role."""


@lru_cache(maxsize=1)
def _lexer() -> PythonLexer:
    return PythonLexer(ensurenl=False, stripnl=False)


@lru_cache(maxsize=20_000)
def highlight(line: str, inside: bool = False) -> tuple[Token, ...]:
    """Split a line into tokens.

    Args:
        line: the line, without the line break.
        inside: it begins inside a triple-quoted string.
    """
    end = line.find(QUOTES)
    cut = (len(line) if end < 0 else end + len(QUOTES)) if inside else 0
    tokens = [(line[:cut], "string")] if cut else []
    rest = _lexer().get_tokens_unprocessed(line[cut:])
    tokens += [(text, _role(type_)) for _, type_, text in rest]
    return tuple(_merged(tokens))


def _role(token_type: _TokenType) -> str:
    return next((role for family, role in _ROLES if token_type[: len(family)] == family), "text")


def _merged(tokens: Sequence[Token]) -> Iterator[Token]:
    """Merge adjacent tokens of one role; white space takes the role of the token before it."""
    spread: list[Token] = []
    for text, role in tokens:
        spread.append((text, spread[-1][1] if spread and not text.strip() else role))
    for role, group in groupby(spread, key=lambda token: token[1]):
        yield "".join(text for text, _ in group), role


def docstring_lines(lines: Sequence[str]) -> list[bool]:
    """Return for each line whether it begins inside a triple-quoted string."""
    states, inside = [], False
    for line in lines:
        states.append(inside)
        if QUOTES in line:
            inside = _inside_after(line, inside)
    return states


def _inside_after(line: str, inside: bool) -> bool:
    """Return whether a line ends inside a triple-quoted string."""
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
