"""Values that no layer computes for itself: the model computes them once and passes them down.

A node of such a value -> a `SharedValue` -> a variable in the ``forward`` of the model, and a
parameter of each class between the model and the node.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Node
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings


@dataclass(frozen=True)
class SharedValue(ABC):
    """A value that depends on the number of steps and on hyperparameters alone.

    Nodes whose shared values are equal read the same variable.

    Attributes:
        length: the number of steps.
        continues: the steps of earlier calls count too, in a model with a cache.
        parameter: the name of a parameter that passes it down, if no other of its kind does.
        annotation: the type of that parameter.
        shape: its shape, as in the docstring of ``forward``; "" where its type says it.
    """

    length: AnyDim
    continues: bool = field(default=True, kw_only=True)
    parameter: ClassVar[str]
    annotation: ClassVar[str] = "Tensor"
    shape: ClassVar[str] = ""

    @property
    @abstractmethod
    def name_hint(self) -> str:
        """The name of the variable that holds it, beside others of its kind."""

    @abstractmethod
    def code(self, context: EmitContext, device: Expr, steps: Callable[[], Expr]) -> Expr:
        """Write the expression that computes it.

        Args:
            context: the context of the model; its start is the position of the first step.
            device: the device of the result.
            steps: assigns the positions of the steps to a variable, and returns that.
        """


class SharingNode(Node):
    """A node that may read a shared value."""

    @abstractmethod
    def shared_value(
        self, dims: Bindings, connected: frozenset[str], used: frozenset[str]
    ) -> SharedValue | None:
        """Return the value that it reads, if any.

        Args:
            dims: the sizes bound by the shape rule.
            connected: the input ports that have a source.
            used: the output ports that are read.
        """
