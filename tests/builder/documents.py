"""Documents to edit, and checks of the result."""

from dataclasses import replace

import pytest

from builder.document.document import Document, Refused, Selection
from codegen.check import check
from codegen.compile import compile_model
from nodes.core.files.canvas_entries import comments, positions
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM


def language_model() -> Document:
    """Build tokens -> embed -> lstm -> drop -> sum -> head -> logits, and embed -> sum."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(num_embeddings=32, embedding_dim="width"), tokens)
    lstm = builder.add("lstm", LSTM(hidden_size="width"), embed)
    drop = builder.add("drop", Dropout(p="rate"), lstm)
    both = builder.add("sum", Add(), embed, drop)
    head = builder.add("head", Linear(out_features=32), both)
    builder.add("logits", GraphOutput(), head)
    known = {"width": Hyperparameter(16, "of everything"), "rate": Hyperparameter(0.5)}
    places = {name: (240.0 * i, 0.0) for i, name in enumerate(builder.build().nodes)}
    return Document(Model("Words", builder.build(), {}, known, layout={"": places}))


def ref(text: str) -> PortRef:
    return PortRef.parse(text)


def edges(document: Document) -> dict[str, str]:
    """Return the edges of the graph that is edited, as text."""
    return {str(target): str(source) for target, source in document.graph.edges.items()}


def select(document: Document, *nodes: str) -> Document:
    return document.selecting(Selection.of(*nodes))


def selected(document: Document) -> set[str]:
    return set(document.selection.nodes)


def source(document: Document) -> str:
    return compile_model(document.model).source


def errors(document: Document) -> list[str]:
    return [str(problem) for problem in check(document.model).errors]


def sound(document: Document) -> Document:
    """Assert that the model survives a file, and that the document is normalized."""
    model = document.model
    kept = replace(model, layout=positions(model), comments=comments(model))
    assert loads(dumps(model)) == kept
    assert document.normalized() is document
    return document


def refusal(command: object, *given: object) -> str:
    with pytest.raises(Refused) as caught:
        command(*given)
    return str(caught.value)
