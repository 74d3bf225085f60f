"""A writer of Python source that remembers which line came from which node.

Statements are laid out as `ruff format` lays them out, so formatting generated code changes
nothing: on one line if it fits; else broken inside the brackets that the value already has, where
that reads well; else in brackets of its own, one operand or one method of a chain per line.  Only
where a name is too long for any line may the formatter find another place for it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from inspect import cleandoc
from itertools import pairwise

from nodes.core.graphs.python_expression import ATOM, TERNARY, Expr

WIDTH = 88
STEP = 4
SEVERAL = 2
"""So many methods, each asked of the result before, make a chain with a line for each."""

Nodes = tuple[object, ...]
Target = str | Expr | None
Spine = list[str | Expr]

# Words by which a comment would speak to a tool: to Python of the file's codec, to a script runner
# of packages to install, to an editor of its settings, to linters and type checkers.
_DIRECTIVE = re.compile(
    r"(coding|\b(?:ex|flake8|fmt|isort|mypy|pragma|pylint|pyright|ruff|type|vim?|yapf))(?=[:=])"
    r"|^(/)(?=//)|(-\*)(?=-)|\b([Nn][Oo])(?=[Qq][Aa])"
)

# Double quotes that would end a docstring, or touch those that enclose it.
_QUOTES = re.compile(r'(?<=")"|^"|"(?=")|"$')


def fits(target: Target, value: Expr, indent: int = 2 * STEP) -> bool:
    """Tell whether ``target = value`` stays on one line; ``"return"`` is a target too."""
    return indent + len(_opening(target)) + len(_naked(value)) <= WIDTH


class SourceWriter:
    """Collects lines; ``with w.block("class A:"):`` indents what is written inside.

    Attributes:
        lines: for every line of the source, the nodes it came from.
    """

    def __init__(self) -> None:
        self.lines: list[Nodes] = []
        self._texts: list[str] = []
        self._indent = 0

    def source(self) -> str:
        """Join the lines written so far."""
        return "".join(f"{text}\n" for text in self._texts)

    def line(self, text: str, nodes: Nodes = ()) -> None:
        """Write one line of code that the program itself composed."""
        self._put([" " * self._indent + text], nodes)

    def blank(self, count: int = 1) -> None:
        """Write empty lines."""
        self._put([""] * count, ())

    @contextmanager
    def block(self, header: str, nodes: Nodes = ()) -> Iterator[None]:
        """Write a header such as ``class A:`` and indent what follows inside."""
        self.line(header, nodes)
        with self._indented():
            yield

    @contextmanager
    def define(
        self, name: str, parameters: Sequence[str], returns: str | Expr, nodes: Nodes = ()
    ) -> Iterator[None]:
        """Write ``def name(parameters) -> returns:`` and indent what follows inside."""
        pad, listed = " " * self._indent, ", ".join(parameters)
        result = returns if isinstance(returns, Expr) else Expr(returns)
        lines = [f"{pad}def {name}({listed}) -> {result.text}:"]
        if parameters and not _fit(lines):
            parts = tuple(("", Expr(parameter)) for parameter in parameters)
            head = Expr(name) if len(parts) > 1 else None  # one alone gets its comma, as in a tuple
            signature = Expr(f"{name}({listed})", head=head, brackets="(,)", parts=parts)
            opened = [f"{pad}def {name}(", *_items(signature, self._indent + STEP)]
            lines = opened + _lay(result, ") -> ", ":", self._indent)
        self._put(lines, nodes)
        with self._indented():
            yield

    def docstring(self, text: str) -> None:
        """Write a docstring; what is not plain ASCII is escaped."""
        pad, shown = " " * self._indent, []
        for line in cleandoc(text.strip()).strip().split("\n"):
            inner = " " * (len(line) - len(line.lstrip(" ")))
            shown.append(f"{pad}{inner}{_plain(line)}".rstrip())
        body = _QUOTES.sub(r"\"", "\n".join(shown).strip())
        close = f"\n{pad}" if len(shown) > 1 else ""
        self._put(f'{pad}"""{body}{close}"""'.split("\n"), ())

    def comment(self, text: str) -> None:
        """Write words of the user on lines of their own, unable to be anything but a comment."""
        pad = " " * self._indent
        self._put([f"{pad}# {_plain(part)}".rstrip() for part in text.split("\n")], ())

    def statement(self, target: Target, value: Expr, note: str = "", nodes: Nodes = ()) -> None:
        """Write ``target = value  # note``, without the note where it would make the line long."""
        *before, last = _statement(target, value, self._indent)
        noted = f"{last}  # {_plain(note)}" if note else last
        self._put([*before, noted if len(noted) <= WIDTH else last], nodes)

    def returns(self, value: Expr, note: str = "", nodes: Nodes = ()) -> None:
        """Write ``return value  # note``."""
        self.statement("return", value, note, nodes)

    @contextmanager
    def _indented(self) -> Iterator[None]:
        self._indent += STEP
        yield
        self._indent -= STEP

    def _put(self, texts: list[str], nodes: Nodes) -> None:
        self._texts.extend(texts)
        self.lines.extend([nodes] * len(texts))


def _plain(text: str) -> str:
    """Make any text one line of ASCII that no tool takes for an instruction."""
    text = text.strip().encode("utf-8", "replace").decode()  # a lone surrogate ends in no file
    escaped = ascii(f'{text}"')[1:-2]  # with a double quote in it, only single ones escape
    return _DIRECTIVE.sub(r"\1\2\3\4 ", escaped.replace("\\'", "'"))


def _fit(lines: list[str]) -> bool:
    return all(len(line) <= WIDTH for line in lines)


def _is_tuple(value: Expr) -> bool:
    return value.head is None and value.brackets == "(,)"


def _naked(value: Expr) -> str:
    """Write a tuple as statements show it, without its brackets."""
    return value.text[1:-1] if _is_tuple(value) and len(value.parts) > 1 else value.text


def _opening(target: Target) -> str:
    if isinstance(target, Expr):
        target = _naked(target)
    if target in ("return", "raise"):
        return f"{target} "
    return "" if target is None else f"{target} = "


@lru_cache(maxsize=65536)
def _statement(target: Target, value: Expr, indent: int) -> Sequence[str]:
    """Lay out a statement; a tuple of targets opens only if the line is too long without."""
    lines = _value(_opening(target), value, indent)
    if not isinstance(target, Expr) or len(lines[0]) <= WIDTH:
        return lines
    names = _items(target, indent + STEP)
    return [" " * indent + "(", *names, *_value(") = ", value, indent)]


def _value(opening: str, value: Expr, indent: int) -> list[str]:
    """Lay out a value: on one line, else in brackets that it has, else in brackets of its own."""
    flat = " " * indent + opening + _naked(value)
    if len(flat) <= WIDTH:
        return [flat]
    pad, spine, joints = " " * indent, _spine(value), list(_joints(value))
    hugged = _flow([opening, *spine], indent)
    if _may_hug(joints, spine) and _fit([line for line in hugged if line[indent] != " "]):
        return hugged
    bracketed = [f"{pad}{opening}(", *_lay(value, "", "", indent + STEP), f"{pad})"]
    return bracketed if _fit(bracketed) or joints not in ([], [ATOM]) else hugged


def _may_hug(joints: list[int], spine: Spine) -> bool:
    """Tell whether a value reads well when it is broken only inside brackets that it has.

    It does if one operator at most binds its parts, next to brackets of a call or a tuple, or if
    one method at most is asked of a result; a longer sum or chain shows its parts below each other.
    """
    weakest = min(joints, default=ATOM)
    if joints.count(weakest) > 1:
        return False
    if weakest == ATOM:
        return bool(joints) or _opens(spine[-1])
    return any(_opens(end) and end.brackets[0] == "(" for end in (spine[0], spine[-1]))


def _opens(piece: str | Expr) -> bool:
    """Tell whether a line may end inside the piece: whether it is brackets around something."""
    return isinstance(piece, Expr) and bool(piece.parts)


def _joints(value: Expr) -> Iterator[int]:
    """List the strength of every operator, or dot after a bracket, that is outside brackets."""
    if value.brackets.startswith("."):
        if not value.head.brackets.startswith("."):
            yield ATOM
        yield from _joints(value.head)
    elif value.brackets:
        yield from _joints(value.head) if value.head else ()
    elif value.parts:
        between = 2 if value.strength == TERNARY else len(value.parts) - 1
        yield from [value.strength] * between
        for _, part in value.parts:
            yield from _joints(part)


def _lay(value: Expr, before: str, after: str, indent: int) -> list[str]:
    """Lay out an expression that stands inside brackets, between two texts."""
    flat = " " * indent + before + value.text + after
    if len(flat) <= WIDTH:
        return [flat]
    lines: list[str] = []
    if value.brackets or not value.parts:
        for link in _links([before, *_spine(value), after]):
            lines += _flow(link, indent)
        return lines
    last = len(value.parts) - 1
    for i, (symbol, part) in enumerate(value.parts):
        lines += _lay(part, symbol if i else before + symbol, "" if i < last else after, indent)
    return lines


def _links(spine: Spine) -> list[Spine]:
    """Split a chain of methods before each dot that follows a bracket, if there are several."""
    dots = [
        i
        for i, piece in enumerate(spine)
        if isinstance(piece, str) and piece.startswith(".") and isinstance(spine[i - 1], Expr)
    ]
    if len(dots) < SEVERAL:
        return [spine]
    return [spine[start:stop] for start, stop in pairwise([0, *dots, len(spine)])]


def _flow(spine: Spine, indent: int) -> list[str]:
    """Write a spine from left to right, opening only the brackets that cannot stay closed."""
    lines, line = [], " " * indent
    for i, piece in enumerate(spine):
        closed = _closed(piece)
        if not _opens(piece) or len(line) + len(closed) + _reach(spine[i + 1 :]) <= WIDTH:
            line += closed
        else:
            lines += [line + piece.brackets[0], *_items(piece, indent + STEP)]
            line = " " * indent + piece.brackets[-1]
    return [*lines, line]


def _reach(rest: Spine) -> int:
    """Count the columns up to the next place where the line may end."""
    columns = 0
    for piece in rest:
        if _opens(piece):
            return columns + 1
        columns += len(_closed(piece))
    return columns


def _items(value: Expr, indent: int) -> list[str]:
    """Lay out what stands between brackets: on one line unless in a tuple, else one per line."""
    flat = " " * indent + ", ".join([before + part.text for before, part in value.parts])
    if len(flat) <= WIDTH and not _is_tuple(value):
        return [flat]
    end = "," if "," in value.brackets else ""
    lines = []
    for before, part in value.parts:
        lines += _lay(part, before, end, indent)
    return lines


def _closed(piece: str | Expr) -> str:
    """Write a piece of a spine on one line."""
    if isinstance(piece, str):
        return piece
    return piece.text[len(piece.head.text) :] if piece.head else piece.text


def _spine(value: Expr) -> Spine:
    """Split an expression at its own brackets, each of which stands as the Expr that it ends."""
    if value.brackets.startswith("."):
        return [*_spine(value.head), value.brackets]
    if value.brackets:
        return [*_spine(value.head), value] if value.head else [value]
    if not value.parts:
        return [value.text]
    spine: Spine = []
    for i, (symbol, part) in enumerate(value.parts):
        spine += [f" {symbol}"] if i else [symbol] if symbol else []
        spine += _spine(part)
    return spine
