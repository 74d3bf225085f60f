"""The values of one ``forward``: which are inlined, and which variables hold the others.

A value that is read once is inlined where it is read, as long as the line stays short and its calls
are not nested too deep.  Any other value is assigned to a variable: ``x`` if it replaces the
activations of which ``x`` was the last version, else a name after the node that the user named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from codegen.planning.plan import Assign, Statement
from codegen.source.identifiers import LOCAL_RESERVED, Namespace, identifier
from nodes.core.graphs.location import Location
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.graphs.python_expression import Expr, name, tuple_of
from nodes.core.shapes.shape import Shape

ACTIVATIONS = "x"
"""The conventional name of the activations that run through a model."""

MAX_CALL_DEPTH = 4
"""How many calls may be nested in one line."""

MAX_INLINE_WIDTH = 88 - len("        return ")

MAX_INLINED = MAX_INLINE_WIDTH // len("a + ")
"""No line has room for more values than that, however short they are."""


OutputGroups = list[list[str]]
"""The structure of a returned tuple: output ports; those of a nested tuple are one group."""


@dataclass(slots=True)
class PendingExpression:
    """An expression that is not yet part of a statement.

    Attributes:
        expr: the expression.
        reads: the variables that it reads, once for each read.
        nodes: the nodes that it computes.
        name_hint: the name of its variable, if it is assigned to one.
        user_named: the user named the node; the name may not fit its value.
        pinned: the user named the value, so its variable has this name and no other.
        shows_shape: its shape may be written behind its assignment.
    """

    expr: Expr
    reads: tuple["Value", ...] = ()
    nodes: tuple[Location, ...] = ()
    name_hint: str = ""
    user_named: bool = False
    pinned: bool = False
    shows_shape: bool = True

    @classmethod
    def of(cls, expr: Expr, sources: Mapping[str, "Value"], *nodes: Location) -> Self:
        """Collect the reads and the nodes of an expression that was built from ``sources``."""
        reads: list[Value] = []
        inlined: dict[Location, None] = {}
        for value in sources.values():
            if value.variable:
                reads.append(value)
            elif value.pending is not None:
                reads += value.pending.reads
                inlined.update(dict.fromkeys(value.pending.nodes))
        return cls(expr, tuple(reads), (*inlined, *nodes))


@dataclass(slots=True, eq=False)
class Value:
    """The value of one output port.

    Attributes:
        spec: its shape and kind.
        remaining_uses: how many of its uses are not yet part of a statement.
        pending: the expression to inline; None once a variable holds the value.
        variable: the variable that holds the value; "" while it is pending.
        use_count: how many uses it has in all.
        role: the name that says what it is for, such as "memory"; "" without one.
    """

    spec: TensorSpec
    remaining_uses: int = 0
    pending: PendingExpression | None = None
    variable: str = ""
    use_count: int = 0
    role: str = ""

    @property
    def expr(self) -> Expr:
        """The expression that reads the value at this point of the body."""
        return name(self.variable) if self.pending is None else self.pending.expr

    @property
    def is_dead(self) -> bool:
        """Check whether every use is part of a statement already."""
        return self.remaining_uses <= 0


@dataclass(slots=True)
class Scope:
    """The body of a ``forward`` under construction.

    Attributes:
        format_shape: formats a shape for a comment.
        library: the names of the functions of the library, which no variable may shadow.
        statements: the statements so far.
        names: the local names in use.
        activations: the value that ``x`` holds at this point.
        loop_variables: the variables of loops that have ended.
    """

    format_shape: Callable[[Shape], str]
    library: frozenset[str]
    statements: list[Statement] = field(default_factory=list)
    names: Namespace = field(init=False)
    activations: Value | None = None
    loop_variables: set[str] = field(default_factory=set)
    _last_shape: Shape | None = None

    def __post_init__(self) -> None:
        self.names = Namespace(LOCAL_RESERVED | self.library | {ACTIVATIONS})

    def add_parameter(self, value: Value, name_hint: str) -> str:
        """Name a parameter of ``forward``."""
        is_first = name_hint == ACTIVATIONS and self.activations is None
        variable = name_hint if is_first else self.names.create(name_hint)
        self._bind(value, variable)
        self._last_shape = self._last_shape or value.spec.shape
        return variable

    def assign(self, value: Value) -> None:
        """Assign a pending value to a variable."""
        pending = value.pending
        if pending is None:
            return
        self._consume_reads(pending)
        variable = self._choose_variable(value, pending)
        self._append_assignment(variable, pending, value.spec)
        self._bind(value, variable)

    def assign_outputs(
        self, values: Mapping[str, Value], pending: PendingExpression, returns: OutputGroups
    ) -> None:
        """Assign several outputs in one statement.

        Args:
            values: the values, by port; the name hint is for the first.
            pending: the expression that returns them.
            returns: the structure of its result; a word after ``=`` is a variable, and ports that
                nothing reads become ``_``.
        """
        self._consume_reads(pending)
        variables: dict[str, str] = {}
        for port, value in values.items():
            variables[port] = (
                self.names.create(value.role or identifier(port))
                if variables
                else self._choose_variable(value, pending)
            )
        first = next(iter(values.values()), None)
        target = format_targets(returns, variables)
        self._append_assignment(target, pending, first.spec if first else None)
        for port, value in values.items():
            self._bind(value, variables[port])

    def loop_variable(self, name_hint: str) -> str:
        """Name the variable of a loop, which one of an earlier loop may have had."""
        if name_hint not in self.loop_variables:
            name_hint = self.names.create(name_hint)
            self.loop_variables.add(name_hint)
        return name_hint

    def bind_loop_carried(self, source: Value, result: Value, name_hint: str) -> str:
        """Assign ``source`` to the variable that a loop updates and that then holds ``result``."""
        source.remaining_uses -= 1
        if source.variable and source.is_dead and not result.role:
            variable = source.variable
        else:
            pending = source.pending or PendingExpression(source.expr, name_hint=name_hint)
            self._consume_reads(pending)
            variable = self._choose_variable(result, pending)
            self._append_assignment(variable, pending, source.spec)
        self._bind(result, variable)
        return variable

    def declare(self, value: Value, name_hint: str) -> str:
        """Name a value that is assigned inside a loop."""
        variable = self.names.create(name_hint)
        self._bind(value, variable)
        return variable

    def reassignable(self, value: Value) -> Value:
        """Return a value whose variable may be reassigned once; a copy if others read the value."""
        value.remaining_uses += 1
        self.assign(value)
        if value.remaining_uses <= 2:
            return value
        value.remaining_uses -= 2
        copy = Value(value.spec, 2, None, self.names.create(value.variable))
        self.statements.append(Assign(copy.variable, value.expr))
        return copy

    def _consume_reads(self, pending: PendingExpression) -> None:
        for value in pending.reads:
            value.remaining_uses -= 1

    def _choose_variable(self, value: Value, pending: PendingExpression) -> str:
        """Choose the variable for a value that is assigned now."""
        if value.role:
            return self.names.create(value.role)
        if not (pending.pinned or self._is_branch(pending)) and self._can_reuse_activations(value):
            return ACTIVATIONS
        first = pending.reads[0] if pending.reads and not pending.user_named else None
        if first is not None and first.is_dead and _same_type(first, value):
            return first.variable
        return self.names.create(pending.name_hint)

    def _is_branch(self, pending: PendingExpression) -> bool:
        """Check whether a node that the user named is one of several that read ``x``."""
        current = self.activations
        if not pending.user_named or current is None:
            return False
        begins = all(value.spec.kind is not Kind.FEATURES for value in pending.reads)
        merges = 0 < pending.reads.count(current) < len(pending.reads)  # as a residual connection
        return not (begins or merges) and pending.reads.count(current) < current.use_count

    def _can_reuse_activations(self, value: Value) -> bool:
        """Check whether ``x`` is dead and a conventional name for the value."""
        if value.spec.kind is not Kind.FEATURES:
            return False
        if self.activations is None:
            return len(value.spec.shape) == 3
        return self.activations.is_dead and _same_type(self.activations, value)

    def _bind(self, value: Value, variable: str) -> None:
        value.variable, value.pending = variable, None
        if variable == ACTIVATIONS:
            self.activations = value

    def _append_assignment(
        self, target: str, pending: PendingExpression, spec: TensorSpec | None
    ) -> None:
        """Append an assignment; its comment is the shape, if that has changed since the last."""
        if target == pending.expr.text:  # a sum of one term
            return
        comment = ""
        if pending.shows_shape and spec is not None and spec.shape != self._last_shape:
            self._last_shape, comment = spec.shape, self.format_shape(spec.shape)
        self.statements.append(Assign(target, pending.expr, comment, pending.nodes))


def _same_type(left: Value, right: Value) -> bool:
    """Check whether one variable may hold both values, one after the other."""
    same_rank = len(left.spec.shape) == len(right.spec.shape)
    return same_rank and left.spec.kind is right.spec.kind


def find_uninlinable(result: Expr, pending: list[Value]) -> Value | None:
    """Find a pending value that must be assigned to a variable; None if all can be inlined.

    A value cannot be inlined if it would be computed twice or never, nor if the line would become
    too long or its calls nested too deep.
    """
    for value in pending:
        operand = value.expr.transposed  # two transposes in a row are left out
        counts = [result.text.count(one.text) for one in (value.expr, operand) if one is not None]
        if next(filter(None, counts), 0) != 1:
            return value
    if pending and (result.depth > MAX_CALL_DEPTH or len(result.text) > MAX_INLINE_WIDTH):
        return max(pending, key=lambda value: value.expr.depth)  # the first of the deepest
    return None


def format_targets(returns: OutputGroups, variables: Mapping[str, str]) -> str:
    """Format the targets of an unpacking; ``_`` for a port or a whole group that is not read."""
    targets = []
    for group in returns:
        names = [variables.get(port, port[1:] if port[0] == "=" else "_") for port in group]
        if all(target == "_" for target in names):
            targets.append("_")
        elif len(names) > 1:
            targets.append(f"({', '.join(names)})")
        else:
            targets += names
    return ", ".join(targets)


def parse_returns(text: str) -> OutputGroups:
    """Parse ``a, (b, c)`` into its groups."""
    groups: OutputGroups = []
    nested = False
    for word in text.replace("(", " ( ").replace(")", " ) ").replace(",", " ").split():
        if word in "()":
            nested = word == "("
            groups += [[]] if nested else []
        elif nested:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def pack(exprs: list[Expr]) -> Expr:
    """Return a single expression as it is, several as a tuple."""
    return exprs[0] if len(exprs) == 1 else tuple_of(*exprs)
