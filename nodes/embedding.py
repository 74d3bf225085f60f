"""From token ids to vectors."""

from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError, Time
from nodes.core.graphs.parameter_types import Count, Scale, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape


class Embedding(Node):
    """Look up a trained vector for every token id.

    Parameters:
        num_embeddings: how many ids there are: the size of the vocabulary.
        embedding_dim: the size of each vector.
        padding_idx: the id that fills up short sequences; its vector starts at zero and stays.
        scale: what the vectors are multiplied by; "sqrt" is the square root of their size, which
            lets them keep up with a positional encoding that is added.
        tie: the name of a node in the same graph whose weight is used; empty for its own.

    Reference:
        Bengio, Ducharme, Vincent & Jauvin, "A Neural Probabilistic Language Model", 2003,
        JMLR 3; scale: Vaswani et al., "Attention Is All You Need", 2017, section 3.4,
        arXiv:1706.03762
    """

    category = Category.EMBEDDING
    aliases = ("lookup table", "word vectors", "token embedding", "one-hot")
    torch = "nn.Embedding"
    time = Time.POINTWISE

    num_embeddings: Size = 256
    embedding_dim: Size = 128
    padding_idx: Count | None = None
    scale: Scale = 1.0
    tie: str = ""

    input = Input("...", "the token ids", kind=Kind.TOKENS)
    output = Output("... embedding_dim", "a vector for each")

    def parameter_errors(self) -> Iterator[ParameterError]:
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            told = f"an id below {self.num_embeddings} is expected, not {self.padding_idx}"
            yield ParameterError("padding_idx", told, (None, 0))

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def module(self, context: EmitContext) -> Expr:
        sizes = (self.num_embeddings, self.embedding_dim)
        return context.call("nn.Embedding", *sizes, **self.changed("padding_idx"))

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        vectors = context.call(context.layer, input)
        if self.scale == "sqrt":
            return context.library_call("scale_by_width", vectors)
        return vectors if self.scale == 1.0 else vectors * context.expression(self.scale)
