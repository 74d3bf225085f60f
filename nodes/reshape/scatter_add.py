from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr


class ScatterAdd(Node):
    """Scatter: add up numbers by their index, such as the attention to each word of a vocabulary.

    output[b, t, index[b, s]] is the sum of input[b, t, s]: (B, T, S) at an index (B, S) gives (B,
    T, size). It turns the weights of an attention over S source tokens into a distribution over the
    vocabulary, for a model that copies. It is the reverse of Gather. An index is from 0 to size -
    1.

    Parameters:
        size: number of places that are added up in.

    Reference:
        See et al., "Get To The Point: Summarization with Pointer-Generator Networks", 2017,
        arXiv:1704.04368
    """

    category = Category.RESHAPE
    aliases = ("scatter", "index add", "copy", "pointer generator", "bincount")
    torch = "torch.scatter_add"
    each = ("B", "T")
    linear = True
    may_convert = False

    size: Size = 256

    input = Input("B T S", "numbers at each step")
    index = Input("B S", "place of each number, the same at all steps", kind=Kind.TOKENS)
    output = Output("B T size", "sum of the numbers of each place")

    def forward(self, context: EmitContext, input: Expr, index: Expr) -> Expr:
        return context.library_call("scatter_add", input, index, self.size)
