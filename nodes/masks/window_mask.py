from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import Reach
from nodes.masks.band import band, length_and_device
from nodes.position.start_argument import start_keyword


class WindowMask(Node):
    """Sliding window mask: each step may attend only to steps closer than window.

    mask[i, j] = (0 <= i - j < window), or (abs(i - j) < window) if not causal, boolean, of shape
    (T, T). The mask limits what attention uses, not what it costs: all T * T scores are computed.

    Parameters:
        window: distance from which on steps are masked; 1 leaves the step itself only.
        causal: later steps are masked too.

    Reference:
        Beltagy, Peters & Cohan, "Longformer: The Long-Document Transformer", 2020, section 3.1,
        arXiv:2004.05150
    """

    category = Category.MASK
    pair_ports = ("output",)
    aliases = ("sliding window", "local attention", "band", "swa")

    window: Size = 64
    causal: bool = True

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T T", "true where query i (row) may attend to key j (column)", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        farthest = context.number(self.window) - 1
        return band(context, Reach(-farthest, 0 if self.causal else farthest))

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        length, device = length_and_device(input)
        changed = {**self.changed("causal"), **start_keyword(context)}
        return context.library_call("window_mask", length, self.window, device, **changed)
