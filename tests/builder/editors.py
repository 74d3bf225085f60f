"""Editors without a window."""

from pathlib import Path

from builder.actions.file_actions import with_layout
from builder.canvas.camera import Camera
from builder.document.document import Document, Selection
from builder.editor.editor import Editor
from builder.editor.make_editor import make_editor
from builder.storage.settings import Settings
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.recurrent.lstm import LSTM


def language_model() -> Model:
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(embedding_dim=64), tokens)
    lstm = builder.add("lstm", LSTM(hidden_size=64), embed)
    head = builder.add("head", Linear(out_features=256), lstm)
    builder.add("logits", GraphOutput(), head)
    return Model("Small", builder.build())


def an_editor(folder: Path, model: Model | None = None) -> Editor:
    editor = make_editor(Settings.load(folder / "config"), folder / "state")
    editor.session.new(with_layout(language_model() if model is None else model))
    editor.camera = Camera(left=200, top=50, width=1000, height=600)
    editor.navigation.zoom_to_fit()
    return editor


def select(editor: Editor, *names: str) -> None:
    editor.store.select(Selection.of(*names))


def nodes(document: Document) -> set[str]:
    return set(document.graph.nodes)
