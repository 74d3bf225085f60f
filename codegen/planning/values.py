"""The values inside one ``forward``: which are written in place, and what the others are called.

A value that is read once is written where it is read, as long as the line stays short and its
calls are not nested too deep.  Any other gets a variable: named as its node was by the user, or
``x`` where it takes the place of the ``x`` before it, or after the nearest node that has a name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen.check.problem import Location
from codegen.planning.plan import Assign, Statement
from codegen.source.identifiers import LOCAL_RESERVED, Names, identifier
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.graphs.python_expression import Expr, name, tuple_of
from nodes.core.shapes.shape import Shape

STREAM = "x"
"""What people call the tensor that runs through a model."""

DEEPEST = 4
"""How many calls may be nested in one line."""

WIDEST = 88 - len("        return ")

MOST_IN_PLACE = WIDEST // len("a + ")
"""No line has room for more values than that, however short they are."""


Groups = list[list[str]]
"""How ports stand in what a call gives: those that come in a tuple of their own together."""


@dataclass(slots=True)
class Made:
    """An expression, and all that it takes with it.

    Attributes:
        expr: the expression.
        reads: the variables that it reads, once for each read.
        nodes: the nodes that it computes.
        wish: what to call its value, if it comes to that.
        given: the user named the node so, which need not be a name for what it gives.
        fixed: the user gave the value that name.
    """

    expr: Expr
    reads: tuple["Value", ...] = ()
    nodes: tuple[Location, ...] = ()
    wish: str = ""
    given: bool = False
    fixed: bool = False


@dataclass(slots=True, eq=False)
class Value:
    """What leaves one port.

    Attributes:
        spec: its shape and kind.
        uses: how many reads of it are still to be written.
        made: the expression that is to be written in its place; None once it is a variable.
        variable: the name of the variable that holds it.
        readers: how many reads of it there are in all.
    """

    spec: TensorSpec
    uses: int
    made: Made | None = None
    variable: str = ""
    readers: int = 0

    def become(self, made: Made) -> None:
        """Take an expression, to be written in place."""
        self.made = made

    @property
    def expr(self) -> Expr:
        """How the value is read at the moment."""
        return name(self.variable) if self.variable else self.made.expr


@dataclass(slots=True)
class Scope:
    """The body of a ``forward`` in the making.

    Attributes:
        show: writes a shape.
        statements: what has been written.
        names: the local names that are taken.
        stream: the value that ``x`` stands for at the moment.
    """

    show: Callable[[Shape], str]
    statements: list[Statement] = field(default_factory=list)
    names: Names = field(default_factory=lambda: Names(LOCAL_RESERVED | {STREAM}))
    stream: Value | None = None
    _noted: Shape | None = None

    def argument(self, value: Value, wish: str) -> str:
        """Name an argument of ``forward``."""
        taken = wish if wish == STREAM and self.stream is None else self.names.take(wish)
        self._hold(value, taken)
        self._noted = self._noted or value.spec.shape
        return taken

    def assign(self, value: Value) -> None:
        """Give a variable to a value that was to be written in place."""
        if value.variable:
            return
        made = value.made
        self._read(made)
        taken = self._target(value, made)
        self._write(taken, made, value.spec)
        self._hold(value, taken)

    def assign_together(self, values: Mapping[str, Value], made: Made, returns: Groups) -> None:
        """Assign several values at once.

        Args:
            values: the values, by port.
            made: the expression that gives them; the first value gets its name.
            returns: how the ports stand in what it gives; a word after ``=`` is a name, and ports
                that nothing reads are called ``_``.
        """
        self._read(made)
        taken: dict[str, str] = {}
        for port, value in values.items():
            taken[port] = self.names.take(identifier(port)) if taken else self._target(value, made)
        first = next(iter(values.values()), None)
        self._write(fill(returns, taken), made, first.spec if first else None)
        for port, value in values.items():
            self._hold(value, taken[port])

    def enter(self, source: Value, value: Value, wish: str) -> str:
        """Put a value into the variable that runs through a loop, and comes out as another."""
        source.uses -= 1
        if source.variable and source.uses == 0:
            taken = source.variable
        else:
            made = source.made or Made(source.expr, wish=wish)
            self._read(made)
            taken = self._target(value, made)
            self._write(taken, made, source.spec)
        self._hold(value, taken)
        return taken

    def declare(self, value: Value, wish: str) -> str:
        """Name a value that is assigned inside a loop."""
        taken = self.names.take(wish)
        self._hold(value, taken)
        return taken

    def own(self, value: Value) -> Value:
        """Give a value a variable that may be changed, once more read than it was."""
        value.uses += 1
        self.assign(value)
        if value.uses <= 2:
            return value
        value.uses -= 2
        copy = Value(value.spec, 2, None, self.names.take(value.variable))
        self.statements.append(Assign(copy.variable, value.expr))
        return copy

    def _read(self, made: Made) -> None:
        for read in made.reads:
            read.uses -= 1

    def _target(self, value: Value, made: Made) -> str:
        """Choose the variable for a value whose expression is written now."""
        if not (made.fixed or self._branches_off(made)) and self._runs_on(value):
            return STREAM
        first = made.reads[0] if made.reads else None
        if first is not None and not made.given and first.uses <= 0 and _alike(first, value):
            return first.variable
        return self.names.take(made.wish)

    def _branches_off(self, made: Made) -> bool:
        """Tell whether a named node is one of several that read what ``x`` is."""
        stream = self.stream
        return made.given and stream is not None and made.reads.count(stream) < stream.readers

    def _runs_on(self, value: Value) -> bool:
        """Tell whether ``x`` is free for a value, and a fitting name for it."""
        if value.spec.kind is not Kind.FEATURES:
            return False
        if self.stream is None:
            return len(value.spec.shape) == 3
        return self.stream.uses <= 0 and _alike(self.stream, value)

    def _hold(self, value: Value, taken: str) -> None:
        value.variable, value.made = taken, None
        if taken == STREAM:
            self.stream = value

    def _write(self, target: str, made: Made, spec: TensorSpec | None) -> None:
        """Write an assignment, with the shape where it is another than that of the line before."""
        if target == made.expr.text:  # a sum of one term
            return
        note = ""
        if spec is not None and spec.shape != self._noted:
            self._noted, note = spec.shape, self.show(spec.shape)
        self.statements.append(Assign(target, made.expr, note, made.nodes))


def _alike(one: Value, other: Value) -> bool:
    """Tell whether one variable may hold first one value and then the other."""
    same_rank = len(one.spec.shape) == len(other.spec.shape)
    return same_rank and one.spec.kind is other.spec.kind


def made_of(expr: Expr, sources: Mapping[str, Value], *nodes: Location) -> Made:
    """Collect the variables and the nodes of an expression that was made of some values."""
    reads: list[Value] = []
    inside: dict[Location, None] = {}
    for value in sources.values():
        if value.variable:
            reads.append(value)
        elif value.made is not None:
            reads += value.made.reads
            inside.update(dict.fromkeys(value.made.nodes))
    return Made(expr, tuple(reads), (*inside, *nodes))


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


def fill(returns: Groups, taken: dict[str, str]) -> str:
    """Put names in the place of ports, and ``_`` where nothing reads a port or a whole group."""
    out = []
    for group in returns:
        names = [taken.get(port, port[1:] if port[0] == "=" else "_") for port in group]
        if all(one == "_" for one in names):
            out.append("_")
        elif len(names) > 1:
            out.append(f"({', '.join(names)})")
        else:
            out += names
    return ", ".join(out)


def groups(text: str) -> Groups:
    """Split ``a, (b, c)`` into its groups."""
    groups: Groups = []
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
