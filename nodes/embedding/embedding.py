from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError, Rule
from nodes.core.graphs.parameter_types import Count, Scale, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_context import FieldContext, Fields


class Embedding(Node):
    """Embedding: a learnable lookup table that maps each token id to its vector.

    output = scale * weight[input], with weight (num_embeddings, embedding_dim): ids of shape (...)
    give vectors (..., embedding_dim). An id of num_embeddings or above fails when the model runs.

    Parameters:
        num_embeddings: size of the dictionary of embeddings (the vocabulary).
        embedding_dim: size of each embedding vector.
        padding_idx: id of padding, whose vector starts at zero and stays: it gets no gradient, nor
            does its row in a node that is tied; none if not given.
        scale: factor of the vectors; "sqrt" is the square root of embedding_dim, as in the
            Transformer before positional encodings are added.
        tie: name of a node in the same graph whose weight is used; empty for a weight of its own.

    Reference:
        Bengio, Ducharme, Vincent & Jauvin, "A Neural Probabilistic Language Model", 2003,
        JMLR 3; scale: Vaswani et al., "Attention Is All You Need", 2017, section 3.4,
        arXiv:1706.03762
    """

    category = Category.EMBEDDING
    aliases = ("lookup table", "word vectors", "token embedding", "one-hot", "wte")
    torch = "nn.Embedding"

    num_embeddings: Size = 256
    embedding_dim: Size = 128
    padding_idx: Count | None = None
    scale: Scale = 1.0
    tie: str = ""

    input = Input("...", "token ids", kind=Kind.TOKENS)
    output = Output("... embedding_dim", "embedding vector of each id")

    def rules(self) -> Iterator[Rule]:
        if self.padding_idx is not None:
            expected = f"expected an id below num_embeddings = {self.num_embeddings}"
            message = f"{expected}, got {self.padding_idx}"
            is_row = at_least(self.num_embeddings, self.padding_idx + 1)
            yield Rule(is_row, ParameterError("padding_idx", message, (None, 0)))

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        joined = reading.join()
        if self.padding_idx is not None and context.padding_id == context.number(self.padding_idx):
            joined.limit_to_valid()
        return {"output": context.result("output", reading, joined)}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def module(self, context: EmitContext) -> Expr:
        sizes = (self.num_embeddings, self.embedding_dim)
        padding = {} if context.padding_idx is None else {"padding_idx": context.padding_idx}
        return context.call("nn.Embedding", *sizes, **padding)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        vectors = context.call(context.layer, input)
        if self.scale == "sqrt":
            return context.library_call("scale_by_width", vectors)
        return vectors if self.scale == 1.0 else vectors * context.expression(self.scale)
