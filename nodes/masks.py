"""Masks: true where something may be seen."""

from functools import reduce
from operator import and_

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, grouped


def _length_and_device(x: Expr) -> tuple[Expr, Expr]:
    return x.attr("shape")[1], x.attr("device")


class CausalMask(Node):
    """Let each step see itself and what came before it."""

    category = Category.MASK
    aliases = ("autoregressive", "triangular", "tril", "look-ahead")
    torch = "torch.tril"

    input = Input("B T ...", "a sequence as long as the mask shall be", kind=Kind.ANY)
    output = Output("T T", "true where a row may attend to a column", kind=Kind.MASK)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("causal_mask", *_length_and_device(input))


class WindowMask(Node):
    """Let each step see only the steps near it.

    Parameters:
        window: how many steps it sees, itself among them; to both sides if it is not causal.
        causal: it does not see what comes after it.

    Reference:
        Beltagy, Peters & Cohan, "Longformer: The Long-Document Transformer", 2020, section 3.1,
        arXiv:2004.05150
    """

    category = Category.MASK
    aliases = ("sliding window", "local attention", "band")

    window: Size = 64
    causal: bool = True

    input = Input("B T ...", "a sequence as long as the mask shall be", kind=Kind.ANY)
    output = Output("T T", "true where a row may attend to a column", kind=Kind.MASK)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        length, device = _length_and_device(input)
        changed = self.changed("causal")
        return context.library_call("window_mask", length, self.window, device, **changed)


class PaddingMask(Node):
    """Keep attention away from the steps that only fill up a sequence."""

    category = Category.MASK
    aliases = ("key padding", "ignore padding", "unsqueeze")

    mask = Input("B S", "true at every real step", kind=Kind.MASK)
    output = Output("B 1 1 S", "the same for every head and every query", kind=Kind.MASK)

    def forward(self, context: EmitContext, mask: Expr) -> Expr:
        return mask[:, None, None, :]


class LengthMask(Node):
    """Turn the lengths of sequences into a mask of their real steps."""

    category = Category.MASK
    aliases = ("sequence lengths", "padding")

    lengths = Input("B", "the number of real steps", kind=Kind.LENGTHS)
    input = Input("B T ...", "a sequence as long as the mask shall be", kind=Kind.ANY)
    output = Output("B T", "true at every real step", kind=Kind.MASK)

    def forward(self, context: EmitContext, lengths: Expr, input: Expr) -> Expr:
        return context.library_call("length_mask", lengths, input.attr("shape")[1])


class CombineMasks(Node):
    """Let something be seen where all masks let it; a size of 1 fits any."""

    category = Category.MASK
    aliases = ("and", "intersection", "&")
    torch = "torch.logical_and"

    masks = Input("...", "the masks", kind=Kind.MASK, variadic=True, broadcast=True)
    output = Output("...", "true where all are", kind=Kind.MASK)

    def forward(self, context: EmitContext, masks: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *some: reduce(and_, some), masks)
