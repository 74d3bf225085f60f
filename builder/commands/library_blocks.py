"""Blocks of the library, which become blocks of the model where they are first placed."""

from dataclasses import replace

from builder.commands.copy_paste import with_blocks
from builder.commands.model_settings import with_hyperparameters
from builder.document.document import Document
from builder.layout.placement import initial_positions
from nodes.core.graphs.graph import Block
from nodes.core.graphs.node import Node
from nodes.library.library import library


def with_library_block(document: Document, node: Node) -> Document:
    """Add the block of the library that a node places, unless the model has one of its name.

    Its hyperparameters are added where the model has none of the name.
    """
    if not isinstance(node, Block) or node.block in document.model.blocks:
        return document
    entry = library().get(node.block)
    if entry is None:
        return document
    model = entry.model
    layout = {name: initial_positions(graph) for name, graph in model.blocks.items()}
    document = with_hyperparameters(document, model.hyperparameters)
    return with_blocks(document, replace(model, layout=layout))[0]
