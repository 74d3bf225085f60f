"""The scope that all classes of one model share: global names, used functions and fields, caches.

Each `class_planner.ClassPlanner` reads names from it and records what its class uses, and
`codegen.compile` builds the rest of the plan from these records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen.check.checked_graph import CheckedNode
from codegen.planning.argument_aliases import ArgumentAliases
from codegen.planning.named_quotients import NamedQuotients
from codegen.planning.plan import ClassPlan, StateArgument
from codegen.planning.size_notation import SizeNotation
from codegen.source.identifiers import Namespace
from nodes.core.graphs.python_expression import Expr

CachedExpression = tuple[CheckedNode, Expr | None, frozenset[str]]
"""A node, the expression that it emitted, and the hyperparameters that the expression reads."""


@dataclass(slots=True)
class ModelScope:
    """The scope that all classes of one model share.

    Attributes:
        fields: the ``Config`` field of each hyperparameter.
        state_argument: the argument of ``forward`` for the cached state; "" without a cache.
        sequence: the free size that grows from call to call, in a model with a cache.
        names: the global names of the file.
        quotients: the sizes that are properties of the ``Config``.
        notation: how sizes are written.
        library: the names of the functions of the library, which no variable may shadow.
        aliases: the inputs of composites that always have the same source as another.
        functions: the functions and classes of the library that are used.
        used_fields: the hyperparameters that the code reads.
        used_quotients: the properties of the ``Config`` that it reads.
        has_padding: some weight has a row that stays zero.
        own_starts: how the names of weights end whose first values a custom initialization leaves.
        classes: the classes planned so far, each after those that it uses.
        class_of_use: the class of each use of a graph.
        dependencies: the hyperparameters that the expression under construction reads, and a
            starred word for each other effect that it has.
        expressions: the expressions that nodes emitted, by all that they depend on; outlives the
            plan.
    """

    fields: Mapping[str, str]
    state_argument: StateArgument
    sequence: str
    names: Namespace
    quotients: NamedQuotients
    notation: SizeNotation
    library: frozenset[str]
    aliases: ArgumentAliases
    functions: set[str] = field(default_factory=set)
    used_fields: set[str] = field(default_factory=set)
    used_quotients: set[str] = field(default_factory=set)
    has_padding: bool = False
    own_starts: set[str] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    class_of_use: dict[object, ClassPlan] = field(default_factory=dict)
    dependencies: set[str] = field(default_factory=set)
    expressions: dict[object, CachedExpression] = field(default_factory=dict)

    def use_functions(self, functions: set[str]) -> None:
        """Record the use of functions of the library."""
        if functions:
            self.dependencies.add("*library")
            self.functions |= functions

    def config_field(self, hyperparameter: str) -> str:
        """Return the ``Config`` field of a hyperparameter or quotient, and record its use."""
        if hyperparameter in self.quotients.named:
            self.dependencies.add("*quotient")
            self.used_fields.update(self.quotients.named[hyperparameter])
            self.used_quotients.add(hyperparameter)
            return hyperparameter
        self.dependencies.add(hyperparameter)
        self.used_fields.add(hyperparameter)
        return self.fields[hyperparameter]

    def cached_expression(
        self,
        checked: CheckedNode,
        key: tuple[object, ...],
        emit: Callable[[], Expr | None],
    ) -> Expr | None:
        """Return the expression that a node emitted before, or let it emit one.

        Only an expression whose sole effect is to read fields of the ``Config`` is cached; one that
        stores a number or calls the library is emitted anew each time.

        Args:
            checked: the checked node; a new object whenever anything in it changes.
            key: what else the expression depends on.
            emit: emits the expression.
        """
        cached = self.cached_entry(checked, key)
        if cached is not None:
            for hyperparameter in cached[2]:
                self.config_field(hyperparameter)
            return cached[1]
        self.dependencies = set()
        expr = emit()
        if self.dependencies <= self.fields.keys():
            self.expressions[(id(checked), *key)] = checked, expr, frozenset(self.dependencies)
        return expr

    def cached_entry(
        self, checked: CheckedNode, key: tuple[object, ...]
    ) -> CachedExpression | None:
        """Look up what a node emitted before; None if it was not cached."""
        cached = self.expressions.get((id(checked), *key))
        return cached if cached is not None and cached[0] is checked else None
