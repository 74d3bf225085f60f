"""Layers of well-known models and drawn cells, which can be added to a model and edited there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from nodes.core.graphs.graph import Block, Graph, Hyperparameter, HyperparameterValue, Model
from nodes.core.graphs.node import Node
from nodes.library import (
    adaptive_computation,
    decoder_steps,
    gated_layers,
    layer_presets,
    recurrent_cells,
    recurrent_layers,
)
from nodes.library import transformer_layers as layers


@dataclass(frozen=True)
class LibraryEntry:
    """A node to add, with the blocks and hyperparameters that it needs.

    Attributes:
        doc: a description in one sentence.
        node: a node with parameters, or the one that places a block of the name of the entry.
        blocks: the blocks.
        sizes: the hyperparameters, where the model has none of the name.
    """

    doc: str
    node: Node
    blocks: Mapping[str, Graph] = field(default_factory=dict)
    sizes: Mapping[str, HyperparameterValue] = field(default_factory=dict)

    @property
    def model(self) -> Model:
        """The blocks and hyperparameters, as those of a model."""
        known = {name: Hyperparameter(value) for name, value in self.sizes.items()}
        return Model(blocks=self.blocks, hyperparameters=known)


@lru_cache(maxsize=1)
def library() -> Mapping[str, LibraryEntry]:
    """Return the entries by name."""
    presets = {name: LibraryEntry(doc, node) for name, (doc, node) in layer_presets.PRESETS.items()}
    return {**presets, **{name: _block(name, *parts) for name, parts in _BLOCKS.items()}}


def _block(
    name: str,
    doc: str,
    graph: Graph,
    sizes: Mapping[str, HyperparameterValue],
    others: Mapping[str, Graph] | None = None,
) -> LibraryEntry:
    own = replace(graph, notes=doc)
    return LibraryEntry(doc, Block(block=name), {**(others or {}), name: own}, sizes)


def with_library(model: Model) -> Model:
    """Return a model that also has the blocks of the library that it lacks."""
    blocks = {name: graph for entry in library().values() for name, graph in entry.blocks.items()}
    return replace(model, blocks={**blocks, **model.blocks})


HIDDEN: Mapping[str, HyperparameterValue] = {"hidden_size": 128}
WIDTH: Mapping[str, HyperparameterValue] = {"d_model": 128}
HEADS: Mapping[str, HyperparameterValue] = {"num_heads": 4, "num_kv_heads": 2, "ffn_size": 352}
ROTARY: Mapping[str, HyperparameterValue] = {"rope_theta": 10_000.0, "norm_eps": 1e-6}

_BLOCKS: Mapping[
    str,
    tuple[str, Graph, Mapping[str, HyperparameterValue]]
    | tuple[str, Graph, Mapping[str, HyperparameterValue], Mapping[str, Graph]],
] = {
    "RNN from gates": (
        "An Elman network as a loop over steps: tanh(W x + U h).",
        recurrent_cells.rnn_cell(),
        HIDDEN,
    ),
    "GRU from gates": (
        "A gated recurrent unit as a loop over steps, with its reset and update gates.",
        recurrent_cells.gru_cell(),
        HIDDEN,
    ),
    "LSTM from gates": (
        "A long short-term memory network as a loop over steps, with its cell and gates.",
        recurrent_cells.lstm_cell(),
        HIDDEN,
    ),
    "Bahdanau decoder": (
        "A recurrent decoder as a loop over steps, with attention inside (arXiv:1409.0473).",
        decoder_steps.bahdanau_step(),
        WIDTH,
    ),
    "Luong decoder": (
        "A recurrent decoder with attention behind it (arXiv:1508.04025).",
        decoder_steps.luong_decoder(),
        WIDTH,
    ),
    "Highway layer": (
        "A layer whose gate chooses between its network and its input (arXiv:1505.00387).",
        gated_layers.highway_layer(),
        {},
    ),
    "Gemma 2 layer": (
        "A pre- and post-norm layer with a soft cap of its scores (arXiv:2408.00118).",
        layers.gemma2_layer(None),
        {**HEADS, **ROTARY, "head_dim": 32, "attn_scale": 0.17677669529663687},
    ),
    "GPT-NeoX layer": (
        "Attention with partial rotation beside a feed-forward network (arXiv:2204.06745).",
        layers.gpt_neox_layer(),
        {"num_heads": 4, "rotary_dim": 8},
    ),
    "Mixtral layer": (
        "A Llama layer whose feed-forward network is a mixture of experts (arXiv:2401.04088).",
        layers.mixtral_layer(),
        {**HEADS, **ROTARY, "num_experts": 8},
    ),
    "Mamba layer": (
        "A selective state space model behind a causal convolution (arXiv:2312.00752).",
        recurrent_layers.mamba_layer(),
        {**WIDTH, "state_size": 16, "dt_rank": 8},
    ),
    "Mamba-2 layer": (
        "A selective state space model in heads, behind a causal convolution (arXiv:2405.21060).",
        recurrent_layers.mamba2_layer(),
        {**WIDTH, "state_size": 16, "num_heads": 4},
    ),
    "RWKV layer": (
        "Time mixing and channel mixing of RWKV, version 4 (arXiv:2305.13048).",
        recurrent_layers.rwkv_layer(),
        WIDTH,
        recurrent_layers.RWKV_PARTS,
    ),
    "Adaptive computation": (
        "An encoder layer whose number of steps each position decides (arXiv:1807.03819).",
        adaptive_computation.adaptive_computation(),
        {**WIDTH, "num_heads": 4, "ffn_size": 512, "max_steps": 6},
        adaptive_computation.PARTS,
    ),
    "Griffin recurrent block": (
        "A convolution and an RG-LRU beside a gate (arXiv:2402.19427).",
        recurrent_layers.griffin_block(),
        {**WIDTH, "num_heads": 4},
    ),
}
"""The description, the graph, the hyperparameters and the other blocks of each drawn block."""
