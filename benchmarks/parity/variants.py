"""Variants of the examples: with padding on both sides, and with scaled rotary frequencies."""

from collections.abc import Mapping
from dataclasses import replace

from nodes.core.graphs.graph import Model, PortRef
from nodes.io.mask_input import MaskInput
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds

CONTEXT = {"original_max_position_embeddings": 16}
SCALINGS: Mapping[str, Mapping[str, object]] = {
    "linear": {"rope_type": "linear", "factor": 4.0},
    "llama3": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        **CONTEXT,
    },
    "yarn": {"rope_type": "yarn", "factor": 4.0, **CONTEXT},
}
"""The scalings of the frequencies, as rope_parameters of transformers."""


def variant(model: Model, name: str) -> Model:
    """Build a variant of an example.

    Args:
        model: the example.
        name: padded, or a scaling.
    """
    if name == "padded":
        return with_mask(model)
    known = SCALINGS[name]
    layers = model.graph.nodes["layers"]
    fields = ("rope_type", "original_max_position_embeddings")
    own = {key: known[key] for key in fields if key in known}
    scaled = layers.model_copy(update={**own, "rope_factor": known["factor"]})
    return replace(model, graph=model.graph.with_node("layers", scaled))


def with_mask(model: Model) -> Model:
    """Add a mask of the valid steps; learned positions count them alone."""
    graph = model.graph.with_node("mask", MaskInput())
    graph = graph.with_edge(PortRef("mask", "output"), PortRef("layers", "key_mask"))
    for name, node in model.graph.nodes.items():
        if isinstance(node, LearnedEncoding):
            graph = graph.with_node("ids", PaddedPositionIds())
            graph = graph.with_edge(PortRef("mask", "output"), PortRef("ids", "mask"))
            graph = graph.with_edge(PortRef("ids", "output"), PortRef(name, "positions"))
    return replace(model, graph=graph, recipe=None)
