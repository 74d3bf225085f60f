from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.normalization.norm import Norm


class ScaleNorm(Norm):
    """ScaleNorm: l2 normalization of each vector, times one learnable scalar.

    y = scale * x / max(norm(x), eps), with the Euclidean norm over the C channels, and a scalar
    scale that starts at sqrt(C). Replaces layer normalization with a single parameter.

    Parameters:
        eps: smallest value of the denominator, for numerical stability.

    Reference:
        Nguyen & Salazar, "Transformers without Tears", 2019, section 2.2, arXiv:1910.05895
    """

    aliases = ("scale norm", "normalization", "l2", "l2 normalization")

    eps: Positive = 1e-5

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"scale": ()}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("ScaleNorm", context.dims["C"], **self.changed("eps"))
