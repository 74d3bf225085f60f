"""What nodes wrote before, to be taken again where nothing that it depends on has changed.

Only an expression that took nothing along but fields of the ``Config`` is remembered; one that
stored a number, or called the library, is written anew each time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codegen.check.infer import Found
from nodes.core.code import Expr

if TYPE_CHECKING:
    from codegen.attributes import Shared

Remembered = tuple[Found, Expr | None, frozenset[str]]


@dataclass(slots=True)
class Written:
    """The expressions of one model's nodes, by what they depend on; outlives a plan."""

    known: dict[object, Remembered] = field(default_factory=dict)

    def again(
        self,
        shared: "Shared",
        found: Found,
        key: tuple[object, ...],
        write: Callable[[], Expr | None],
    ) -> Expr | None:
        """Take an expression again, or write it.

        Args:
            shared: what the classes of the model share; keeps account of what is taken along.
            found: what the check found for the node; a new object where anything changed.
            key: what else the expression depends on.
            write: writes it.
        """
        key = (id(found), *key)
        known = self.known.get(key)
        if known is not None and known[0] is found:
            for hyperparameter in known[2]:
                shared.config(hyperparameter)
            return known[1]
        shared.touched = set()
        expr = write()
        if shared.touched <= shared.fields.keys():
            self.known[key] = found, expr, frozenset(shared.touched)
        return expr
