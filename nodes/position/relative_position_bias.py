from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import ParameterError, Rule
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.shape import Bindings, Shape
from nodes.position.distance_bias import DistanceBias
from nodes.position.start_argument import start_argument


class RelativePositionBias(DistanceBias):
    """Relative position bias: a learned number for each head and range of distances, as in T5.

    output[h, i, j] = weight[bucket(j - i), h], of shape (num_heads, T, S), for the port bias of
    attention. Small distances have a bucket of their own; those up to max_distance share the other
    half of the buckets on a logarithmic scale, and all beyond it the last one. T5 feeds one such
    bias to all layers, and its attention does not scale the scores (scale 1).

    Parameters:
        num_heads: number of attention heads.
        num_buckets: number of ranges of distances.
        max_distance: distance from which on all share one bucket.
        bidirectional: keys behind the query have buckets of their own, as encoders need; otherwise
            they share that of distance 0.

    Reference:
        Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
        Transformer", 2019, section 2.1, arXiv:1910.10683
    """

    aliases = ("t5", "relative attention bias", "bucket", "distance")

    num_buckets: Size = 32
    max_distance: Size = 128
    bidirectional: bool = True

    def rules(self) -> Iterator[Rule]:
        least = 4 if self.bidirectional else 2
        message = f"expected at least {least} buckets, got {self.num_buckets}"
        enough = at_least(self.num_buckets, least)
        yield Rule(enough, ParameterError("num_buckets", message, (32,)))
        message = f"expected more than num_buckets = {self.num_buckets}, got {self.max_distance}"
        beyond = at_least(self.max_distance, self.num_buckets + 1)
        yield Rule(beyond, ParameterError("max_distance", message, (128,)))

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"embedding.weight": (self.num_buckets, self.num_heads)}

    def module(self, context: EmitContext) -> Expr:
        changed = self.changed("num_buckets", "max_distance", "bidirectional")
        return context.library_call("RelativePositionBias", self.num_heads, **changed)

    def forward(self, context: EmitContext, query: Expr, key: Expr) -> Expr:
        return context.call(context.layer, query, key, *start_argument(context))
