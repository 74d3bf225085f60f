from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.graphs.shared_value import SharedValue
from nodes.core.shapes.dim import AnyDim
from nodes.position.start_argument import start_keyword


@dataclass(frozen=True)
class StepsMask(SharedValue):
    """The causal mask of an attention, the same in every layer.

    Attributes:
        window: number of steps that a step attends to; all earlier ones if None.
    """

    window: AnyDim | None
    parameter: ClassVar[str] = "attn_mask"
    shape: ClassVar[str] = "(T, S)"

    @property
    def name_hint(self) -> str:
        return "causal" if self.window is None else "in_window"

    def code(self, context: EmitContext, device: Expr, steps: Callable[[], Expr]) -> Expr:
        """Write the mask of the steps of this call over these and those in the cache."""
        start = start_keyword(context)
        if self.window is None:
            return context.library_call("causal_mask", self.length, device, **start)
        return context.library_call("window_mask", self.length, self.window, device, **start)
