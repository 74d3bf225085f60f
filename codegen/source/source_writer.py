"""A writer of Python source with a source map: the nodes that each line was generated for.

`Expr` -> lines, in the layout of ``ruff format``, so that formatting generated code changes
nothing: on one line if it fits; else broken inside the brackets that the value has, where that
reads well; else in parentheses, with one operand or one method call per line.  Only where a name is
too long for any line may the formatter break the line elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from inspect import cleandoc
from itertools import pairwise
from typing import TypeGuard
from unicodedata import normalize

from codegen.source.identifiers import transliterate
from nodes.core.graphs.location import Location
from nodes.core.graphs.python_expression import ATOM, TERNARY, Expr

WIDTH = 88
INDENT = 4
MIN_CHAIN = 2
"""How many method calls on results of calls make a chain with one call per line."""

Locations = tuple[Location, ...]
SourceMap = tuple[Locations, ...]
"""The nodes of each line."""

Target = str | Expr | None

Segment = str | Expr
"""A part of an expression: text without a line break, or the Expr that its brackets end."""

# Words by which a comment would instruct a tool: Python on the encoding of the file, a script
# runner on packages to install, an editor on its settings, linters and type checkers.
_DIRECTIVE = re.compile(
    r"(coding|\b(?:ex|flake8|fmt|isort|mypy|pragma|pylint|pyright|ruff|type|vim?|yapf))(?=[:=])"
    r"|^(/)(?=//)|(-\*)(?=-)|\b([Nn][Oo])(?=[Qq][Aa])"
)

# Double quotes that would end a docstring, or touch those that enclose it.
_QUOTES = re.compile(r'(?<=")"|^"|"(?=")|"$')


def fits(target: Target, value: Expr, indent: int = 2 * INDENT) -> bool:
    """Check whether ``target = value`` fits on one line; ``"return"`` is a target too."""
    return indent + len(_opening(target)) + len(_unparenthesized(value)) <= WIDTH


class SourceWriter:
    """Collects lines; ``with w.block("class A:"):`` indents what is written inside.

    Attributes:
        lines: the source map of the lines so far.
    """

    def __init__(self) -> None:
        self.lines: list[Locations] = []
        self._texts: list[str] = []
        self._indent = 0

    def source(self) -> str:
        """Join the lines so far."""
        return "".join(f"{text}\n" for text in self._texts)

    def line(self, text: str, nodes: Locations = ()) -> None:
        """Write one line of code that contains no text of the user."""
        self._append([" " * self._indent + text], nodes)

    def blank(self, count: int = 1) -> None:
        """Write empty lines."""
        self._append([""] * count, ())

    @contextmanager
    def block(self, header: str, nodes: Locations = ()) -> Iterator[None]:
        """Write a header such as ``class A:`` and indent what is written inside."""
        self.line(header, nodes)
        with self._indented():
            yield

    @contextmanager
    def define(
        self, name: str, parameters: Sequence[str], returns: str | Expr, nodes: Locations = ()
    ) -> Iterator[None]:
        """Write ``def name(parameters) -> returns:`` and indent what is written inside."""
        pad, listed = " " * self._indent, ", ".join(parameters)
        result = returns if isinstance(returns, Expr) else Expr(returns)
        lines = [f"{pad}def {name}({listed}) -> {result.text}:"]
        if parameters and not _fit(lines):
            parts = tuple(("", Expr(parameter)) for parameter in parameters)
            head = Expr(name) if len(parts) > 1 else None  # one alone gets its comma, as in a tuple
            signature = Expr(f"{name}({listed})", head=head, brackets="(,)", parts=parts)
            opened = [f"{pad}def {name}(", *_layout_items(signature, self._indent + INDENT)]
            lines = opened + _layout(result, ") -> ", ":", self._indent)
        self._append(lines, nodes)
        with self._indented():
            yield

    def docstring(self, text: str) -> None:
        """Write a docstring; what is not plain ASCII is escaped."""
        pad, escaped = " " * self._indent, []
        for line in cleandoc(text.strip()).strip().split("\n"):
            inner = " " * (len(line) - len(line.lstrip(" ")))
            escaped.append(f"{pad}{inner}{_escape(line)}".rstrip())
        body = _QUOTES.sub(r"\"", "\n".join(escaped).strip())
        close = f"\n{pad}" if len(escaped) > 1 else ""
        self._append(f'{pad}"""{body}{close}"""'.split("\n"), ())

    def comment(self, text: str) -> None:
        """Write text of the user as comment lines, which can be nothing but comments."""
        pad = " " * self._indent
        self._append([f"{pad}# {_escape(part)}".rstrip() for part in text.split("\n")], ())

    def statement(
        self, target: Target, value: Expr, comment: str = "", nodes: Locations = ()
    ) -> None:
        """Write ``target = value  # comment``; no comment if the line would become too long."""
        *before, last = _layout_statement(target, value, self._indent)
        commented = f"{last}  # {_escape(comment)}" if comment else last
        self._append([*before, commented if len(commented) <= WIDTH else last], nodes)

    def returns(self, value: Expr, comment: str = "", nodes: Locations = ()) -> None:
        """Write ``return value  # comment``."""
        self.statement("return", value, comment, nodes)

    @contextmanager
    def _indented(self) -> Iterator[None]:
        self._indent += INDENT
        yield
        self._indent -= INDENT

    def _append(self, texts: list[str], nodes: Locations) -> None:
        self._texts.extend(texts)
        self.lines.extend([nodes] * len(texts))


def _escape(text: str) -> str:
    """Write any text as one line of ASCII that no tool takes for an instruction.

    Letters of other scripts are transliterated, as the names of nodes in the code are; invisible
    characters are escaped.
    """
    text = text.strip().encode("utf-8", "replace").decode()  # no file can hold a lone surrogate
    if not text.isascii():
        text = transliterate(normalize("NFC", text), keep=_stays).strip() or text
    escaped = ascii(f'{text}"')[1:-2]  # with a double quote in it, only single ones are escaped
    return _DIRECTIVE.sub(r"\1\2\3\4 ", escaped.replace("\\'", "'"))


def _stays(character: str) -> bool:
    return character.isascii() or not character.isprintable()


def _fit(lines: list[str]) -> bool:
    return all(len(line) <= WIDTH for line in lines)


def _is_tuple(value: Expr) -> bool:
    return value.head is None and value.brackets == "(,)"


def _unparenthesized(value: Expr) -> str:
    """Format a tuple as a statement shows it, without its parentheses."""
    return value.text[1:-1] if _is_tuple(value) and len(value.parts) > 1 else value.text


def _opening(target: Target) -> str:
    if isinstance(target, Expr):
        target = _unparenthesized(target)
    if target in ("return", "raise"):
        return f"{target} "
    return "" if target is None else f"{target} = "


@lru_cache(maxsize=65536)
def _layout_statement(target: Target, value: Expr, indent: int) -> Sequence[str]:
    """Lay out a statement; a tuple of targets is broken only if the line is too long without."""
    lines = _layout_value(_opening(target), value, indent)
    if not isinstance(target, Expr) or len(lines[0]) <= WIDTH:
        return lines
    names = _layout_items(target, indent + INDENT)
    return [" " * indent + "(", *names, *_layout_value(") = ", value, indent)]


def _layout_value(opening: str, value: Expr, indent: int) -> list[str]:
    """Lay out a value: on one line, else broken in its own brackets, else in parentheses."""
    flat = " " * indent + opening + _unparenthesized(value)
    if len(flat) <= WIDTH:
        return [flat]
    pad, segments, operators = " " * indent, _segments(value), list(_operators(value))
    hugged = _layout_segments([opening, *segments], indent)
    if _may_hug(operators, segments) and _fit([line for line in hugged if line[indent] != " "]):
        return hugged
    parenthesized = [f"{pad}{opening}(", *_layout(value, "", "", indent + INDENT), f"{pad})"]
    return parenthesized if _fit(parenthesized) or operators not in ([], [ATOM]) else hugged


def _may_hug(operators: list[int], segments: list[Segment]) -> bool:
    """Check whether a value reads well when it is broken only inside brackets that it has.

    It does if at most one operator joins its operands, next to brackets of a call or a tuple, or if
    at most one method is called on a result; a longer sum or chain gets one line per operand.
    """
    weakest = min(operators, default=ATOM)
    if operators.count(weakest) > 1:
        return False
    if weakest == ATOM:
        return bool(operators) or _is_breakable(segments[-1])
    ends = (segments[0], segments[-1])
    return any(_is_breakable(end) and end.brackets[0] == "(" for end in ends)


def _is_breakable(segment: Segment) -> TypeGuard[Expr]:
    """Check whether a line may break inside a segment: whether it is brackets with contents."""
    return isinstance(segment, Expr) and bool(segment.parts)


def _operators(value: Expr) -> Iterator[int]:
    """List the precedence of every operator, or dot after a bracket, that is outside brackets."""
    if value.head is not None and value.brackets.startswith("."):
        if not value.head.brackets.startswith("."):
            yield ATOM
        yield from _operators(value.head)
    elif value.brackets:
        yield from _operators(value.head) if value.head else ()
    elif value.parts:
        between = 2 if value.precedence == TERNARY else len(value.parts) - 1
        yield from [value.precedence] * between
        for _, part in value.parts:
            yield from _operators(part)


def _layout(value: Expr, before: str, after: str, indent: int) -> list[str]:
    """Lay out an expression that is inside brackets, between two texts."""
    flat = " " * indent + before + value.text + after
    if len(flat) <= WIDTH:
        return [flat]
    lines: list[str] = []
    if value.brackets or not value.parts:
        for link in _split_chain([before, *_segments(value), after]):
            lines += _layout_segments(link, indent)
        return lines
    last = len(value.parts) - 1
    for i, (symbol, part) in enumerate(value.parts):
        prefix, suffix = symbol if i else before + symbol, "" if i < last else after
        lines += _layout(part, prefix, suffix, indent)
    return lines


def _split_chain(segments: list[Segment]) -> list[list[Segment]]:
    """Split a chain of method calls before the dots that follow brackets, if it is long enough."""
    dots = [
        i
        for i, segment in enumerate(segments)
        if isinstance(segment, str)
        and segment.startswith(".")
        and isinstance(segments[i - 1], Expr)
    ]
    if len(dots) < MIN_CHAIN:
        return [segments]
    return [segments[start:stop] for start, stop in pairwise([0, *dots, len(segments)])]


def _layout_segments(segments: list[Segment], indent: int) -> list[str]:
    """Lay out segments from left to right, breaking only the brackets that do not fit."""
    lines, line = [], " " * indent
    for i, segment in enumerate(segments):
        flat = _flat(segment)
        overflows = len(line) + len(flat) + _width_to_break(segments[i + 1 :]) > WIDTH
        if _is_breakable(segment) and overflows:
            lines += [line + segment.brackets[0], *_layout_items(segment, indent + INDENT)]
            line = " " * indent + segment.brackets[-1]
        else:
            line += flat
    return [*lines, line]


def _width_to_break(rest: list[Segment]) -> int:
    """Count the columns up to the next position where the line may break."""
    columns = 0
    for segment in rest:
        if _is_breakable(segment):
            return columns + 1
        columns += len(_flat(segment))
    return columns


def _layout_items(value: Expr, indent: int) -> list[str]:
    """Lay out the contents of brackets: one item per line, or all on one unless in a tuple."""
    flat = " " * indent + ", ".join([before + part.text for before, part in value.parts])
    if len(flat) <= WIDTH and not _is_tuple(value):
        return [flat]
    end = "," if "," in value.brackets else ""
    lines = []
    for before, part in value.parts:
        lines += _layout(part, before, end, indent)
    return lines


def _flat(segment: Segment) -> str:
    """Format a segment on one line."""
    if isinstance(segment, str):
        return segment
    return segment.text[len(segment.head.text) :] if segment.head else segment.text


def _segments(value: Expr) -> list[Segment]:
    """Split an expression at its own brackets, each represented by the Expr that it ends."""
    if value.head is not None and value.brackets.startswith("."):
        return [*_segments(value.head), value.brackets]
    if value.brackets:
        return [*_segments(value.head), value] if value.head else [value]
    if not value.parts:
        return [value.text]
    segments: list[Segment] = []
    for i, (symbol, part) in enumerate(value.parts):
        segments += [f" {symbol}"] if i else [symbol] if symbol else []
        segments += _segments(part)
    return segments
