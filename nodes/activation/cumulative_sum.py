from nodes.activation.along_dim import AlongDim
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.reach import EARLIER
from nodes.core.time.receptive_field import Order


class CumulativeSum(AlongDim):
    """Cumulative sum: y_i = sum of x_j over j <= i, along one dimension.

    Along the time axis, dim 1, each step sees itself and those before it, as in linear attention;
    divided by its own of ones it is the running average.

    Parameters:
        dim: the dimension to sum over; negative dims count from the end.

    Reference:
        Katharopoulos et al., "Transformers are RNNs: Fast Autoregressive Transformers with Linear
        Attention", 2020, equation 9, arXiv:2006.16236
    """

    aliases = ("cumsum", "prefix sum", "running sum", "linear attention")
    torch = "torch.cumsum"
    carries_state = True

    output = Output("...", "sum up to each element")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        word = spread_word(rank, self.dim % rank)
        reading.drop_support()
        reading.read(word, EARLIER)
        joined = reading.join()
        axes = reading.words.get(word, ())
        if any(joined.axes[one].clock is not None for one in axes):
            joined.order = Order.USED
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        if context.streams:
            return context.library_call("sum_on", input, context.cached_state, self.dim)
        return input.method("cumsum", dim=self.dim)
