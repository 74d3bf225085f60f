from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import EARLIER
from nodes.masks.band import band, length_and_device
from nodes.position.start_argument import start_argument


class CausalMask(Node):
    """Causal mask: each step may attend to itself and to earlier steps.

    mask[i, j] = (j <= i), boolean, of shape (T, T), for the mask of attention. Where no other mask
    is needed, set causal on the attention instead: it needs no (T, T) tensor.
    """

    category = Category.MASK
    pair_ports = ("output",)
    aliases = ("autoregressive", "triangular", "tril", "look-ahead", "subsequent mask")
    torch = "torch.tril"

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T T", "true where query i (row) may attend to key j (column)", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        return band(context, EARLIER)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        start = start_argument(context)
        return context.library_call("causal_mask", *length_and_device(input), *start)
