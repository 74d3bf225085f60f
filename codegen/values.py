"""The values inside one ``forward``: which are written in place, and what the others are called.

A value that is read once is written where it is read, as long as the line stays short and its
calls are not nested too deep.  Any other gets a variable: named as its node was by the user, or
``x`` where it takes the place of the ``x`` before it, or after the nearest node that has a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.check.problem import Address
from codegen.names import LOCAL_RESERVED, Names
from codegen.plan import Assign, Statement
from nodes.core.code import Expr, name, tuple_of
from nodes.core.node import Flow, Kind
from nodes.core.shape import Shape, show_shape

STREAM = "x"
"""What people call the tensor that runs through a model."""

DEEPEST = 4
"""How many calls may be nested in one line."""

WIDEST = 88 - len("        return ")


@dataclass(slots=True, eq=False)
class Value:
    """What leaves one port.

    Attributes:
        flow: its shape and kind.
        uses: how many reads of it are still to be written.
        expr: how it is written, once it is known.
        variable: it has been assigned to a name.
        reads: the variables that the expression reads, while it is not yet written.
        nodes: the nodes that the expression computes.
        wish: what to call it, if it comes to that.
        fixed: the user gave it that name.
    """

    flow: Flow
    uses: int
    expr: Expr | None = None
    variable: bool = False
    reads: tuple["Value", ...] = ()
    nodes: tuple[Address, ...] = ()
    wish: str = ""
    fixed: bool = False


@dataclass(slots=True)
class Scope:
    """The body of a ``forward`` in the making.

    Attributes:
        statements: what has been written.
        names: the local names that are taken.
        stream: the value that ``x`` stands for at the moment.
    """

    statements: list[Statement] = field(default_factory=list)
    names: Names = field(default_factory=lambda: Names(LOCAL_RESERVED | {STREAM}))
    stream: Value | None = None
    _noted: Shape | None = None

    def argument(self, value: Value, wish: str) -> str:
        """Name an argument of ``forward``."""
        taken = wish if wish == STREAM and self.stream is None else self.names.take(wish)
        if taken == STREAM:
            self.stream = value
        value.expr, value.variable = name(taken), True
        self._noted = self._noted or value.flow.shape
        return taken

    def assign(self, value: Value) -> Expr:
        """Give a value that is written in place a variable instead."""
        if value.variable:
            return value.expr
        taken = self.targets([value], value.reads)[0]
        self._write(Assign(taken, value.expr, self.note(value.flow), value.nodes))
        self._now(value, taken)
        return value.expr

    def assign_together(
        self, text: str, values: dict[str, Value], expr: Expr, source: Value
    ) -> dict[str, str]:
        """Assign several values at once, by a pattern such as ``output, (hidden, cell)``.

        Returns:
            The names that were given, by port; ports that nothing reads are called ``_``.
        """
        taken = dict(zip(values, self.targets(list(values.values()), source.reads), strict=True))
        first = next(iter(values.values()), None)
        note = self.note(first.flow) if first else ""
        self._write(Assign(fill(text, taken), expr, note, source.nodes))
        for port, value in values.items():
            self._now(value, taken[port])
        return taken

    def targets(self, values: list[Value], reads: Iterable[Value]) -> list[str]:
        """Choose names for values that are assigned now, by a statement that reads others."""
        for read in reads:
            read.uses -= 1
        return [self._target(value) for value in values]

    def take_stream(self, value: Value, taken: str) -> None:
        """Remember that a variable holds a value from now on."""
        self._now(value, taken)

    def _target(self, value: Value) -> str:
        if value.fixed or not self._runs_on(value):
            return self.names.take(value.wish)
        self.stream = value
        return STREAM

    def _runs_on(self, value: Value) -> bool:
        """Tell whether ``x`` is free for a value, and a fitting name for it."""
        if value.flow.kind is not Kind.FEATURES:
            return False
        if self.stream is None:
            return len(value.flow.shape) == 3
        same_rank = len(self.stream.flow.shape) == len(value.flow.shape)
        return self.stream.uses <= 0 and same_rank

    def _now(self, value: Value, taken: str) -> None:
        value.expr, value.variable, value.reads = name(taken), True, ()
        if taken == STREAM:
            self.stream = value

    def note(self, flow: Flow) -> str:
        """Write the shape, where it is another than that of the line before."""
        if flow.shape == self._noted:
            return ""
        self._noted = flow.shape
        return show_shape(flow.shape)

    def _write(self, statement: Statement) -> None:
        self.statements.append(statement)


def combine(values: Iterable[Value]) -> tuple[tuple[Value, ...], tuple[Address, ...]]:
    """Collect the variables and the nodes of expressions that become one."""
    reads: list[Value] = []
    nodes: dict[Address, None] = {}
    for value in values:
        if value.variable:
            reads.append(value)
        else:
            reads += value.reads
            nodes.update(dict.fromkeys(value.nodes))
    return tuple(reads), tuple(nodes)


def culprit(result: Expr, pending: list[Value]) -> Value | None:
    """Find the value that must not be written in place, if there is one.

    It would be computed twice or never, or the line would be too long or too deep.
    """
    for value in pending:
        if result.text.count(value.expr.text) != 1:
            return value
    if pending and (result.depth > DEEPEST or len(result.text) > WIDEST):
        return max(pending, key=lambda value: (value.expr.depth, len(value.expr.text)))
    return None


def fill(text: str, taken: dict[str, str]) -> str:
    """Put names in the place of ports, and ``_`` where nothing reads a port or a whole group."""
    out = []
    for group in _groups(text):
        names = [taken.get(port, "_") for port in group]
        if all(one == "_" for one in names):
            out.append("_")
        elif len(names) > 1:
            out.append(f"({', '.join(names)})")
        else:
            out += names
    return ", ".join(out)


def _groups(text: str) -> list[list[str]]:
    """Split ``a, (b, c)`` into its groups."""
    groups: list[list[str]] = []
    inside = False
    for word in text.replace("(", " ( ").replace(")", " ) ").replace(",", " ").split():
        if word in "()":
            inside = word == "("
            groups += [[]] if inside else []
        elif inside:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def pack(exprs: list[Expr]) -> Expr:
    """Write one expression as it is, several as a tuple."""
    return exprs[0] if len(exprs) == 1 else tuple_of(*exprs)
