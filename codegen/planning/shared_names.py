"""What all classes of one model share: names, what was taken along, and what nodes wrote before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen.check.inference import CheckedNode
from codegen.planning.divisibility import DivisibilityConstraints
from codegen.planning.plan import ClassPlan
from codegen.source.identifiers import Names
from nodes.core.graphs.python_expression import Expr

Remembered = tuple[CheckedNode, Expr | None, frozenset[str]]


@dataclass(slots=True)
class Shared:
    """What all classes of one model share.

    Attributes:
        fields: the name of each hyperparameter's field in the ``Config``.
        streamed: "past" or "state", if the model is fed piece by piece; else "".
        names: the names that are taken at the top of the file.
        quotients: the sizes that are properties of the ``Config``.
        functions: what is taken from the library.
        used_fields: the hyperparameters that the code reads.
        used_quotients: the quotients that it reads.
        classes: the classes planned so far, each after those inside it.
        made: the class of each use of a graph.
        touched: what the expression that is being written takes along: hyperparameters, and with
            a star what is more than that.
        written: what nodes wrote before, by what it depends on; outlives the plan.
    """

    fields: Mapping[str, str]
    streamed: str
    names: Names
    quotients: DivisibilityConstraints
    functions: set[str] = field(default_factory=set)
    used_fields: set[str] = field(default_factory=set)
    used_quotients: set[str] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    made: dict[object, ClassPlan] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    written: dict[object, Remembered] = field(default_factory=dict)

    def take(self, functions: set[str]) -> None:
        """Take functions from the library."""
        if functions:
            self.touched.add("*library")
            self.functions |= functions

    def config(self, hyperparameter: str) -> str:
        """Name the field of a hyperparameter or a quotient, and remember that it is used."""
        if hyperparameter in self.quotients.named:
            self.touched.add("*quotient")
            self.used_fields.update(self.quotients.named[hyperparameter])
            self.used_quotients.add(hyperparameter)
            return hyperparameter
        self.touched.add(hyperparameter)
        self.used_fields.add(hyperparameter)
        return self.fields[hyperparameter]

    def again(
        self,
        found: CheckedNode,
        key: tuple[object, ...],
        write: Callable[[], Expr | None],
    ) -> Expr | None:
        """Take an expression that a node wrote before, or let it write.

        Only what took nothing along but fields of the ``Config`` is remembered; what stored a
        number, or called the library, is written anew each time.

        Args:
            found: what the check found for the node; a new object where anything changed.
            key: what else the expression depends on.
            write: writes it.
        """
        key = (id(found), *key)
        known = self.written.get(key)
        if known is not None and known[0] is found:
            for hyperparameter in known[2]:
                self.config(hyperparameter)
            return known[1]
        self.touched = set()
        expr = write()
        if self.touched <= self.fields.keys():
            self.written[key] = found, expr, frozenset(self.touched)
        return expr
