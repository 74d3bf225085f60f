"""A sequence gives the same outputs without padding, with padding behind it and before it."""

from collections.abc import Sequence
from random import Random

import pytest
import torch
from torch import Tensor, nn

from codegen.compile import compile_model
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.masks.token_mask import TokenMask
from nodes.merge.add import Add
from nodes.position.alibi import ALiBi
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.encoder_layer import EncoderLayer
from tests.one_node import instance
from tests.test_streaming import chunking

PADDING, VOCABULARY, CLOSE = 0, 30, 1e-5
LENGTHS = (9, 4, 1, 7)
LAYER = {"num_heads": 2, "hidden_size": 12, "causal": True, "dropout": 0.0, "repeat": 2}
LEARNED = LearnedEncoding(max_length=16)
ENCODINGS: dict[str, Node | None] = {
    "learned": LEARNED,
    "sinusoidal": SinusoidalEncoding(),
    "an embedding of ids": Embedding(num_embeddings=16, embedding_dim=8),
    "rotary": None,
    "rotary of other frequencies": None,
    "rotary without ids": None,
    "ALiBi": None,
}
ROTARY = {"rotary": 100.0}
SCALED = {"rope_type": "yarn", "rope_factor": 2.0, "original_max_position_embeddings": 8}
OPTIONS = {
    "rotary": ROTARY,
    "rotary without ids": {**ROTARY, "window": 3},
    "rotary of other frequencies": {**ROTARY, **SCALED},
}


def placed(builder: GraphBuilder, name: str, x: NodeHandle, ids: NodeHandle) -> NodeHandle:
    """Add an encoding that takes the ids of positions, if it is one."""
    if name == "learned without ids":
        return builder.add("places", LEARNED, x)
    encoding = ENCODINGS[name]
    if isinstance(encoding, Embedding):
        return builder.add("sum", Add(), x, builder.add("places", encoding, ids))
    return x if encoding is None else builder.add("places", encoding, x, positions=ids)


def language_model(name: str) -> nn.Module:
    """Compile a language model of sequences that are filled up, with one kind of positions."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    mask = builder.add("mask", TokenMask(padding_id=PADDING), tokens)
    ids = builder.add("ids", PaddedPositionIds(), mask)
    embed = Embedding(num_embeddings="vocab_size", embedding_dim=8)
    x = placed(builder, name, builder.add("embed", embed, tokens), ids)
    inputs = {"key_mask": mask}
    if name.startswith("rotary") and name != "rotary without ids":
        inputs["positions"] = ids
    if name == "ALiBi":
        inputs["score_bias"] = builder.add("bias", ALiBi(num_heads=2), x)
    x = builder.add("layers", EncoderLayer(**LAYER, **OPTIONS.get(name, {})), x, **inputs)
    head = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), head)
    sizes = {"vocab_size": Hyperparameter(VOCABULARY)}
    model = Model("M", builder.build(), hyperparameters=sizes, recipe=LanguageModelling(seq_len=16))
    return instance(compile_model(model).source, "M").eval()


def filled_up(sequences: Sequence[Tensor], where: str) -> tuple[Tensor, Tensor]:
    """Put sequences of several lengths into one batch; return it, and where it is valid."""
    longest = max(map(len, sequences))
    rows = []
    for sequence in sequences:
        fill = torch.full((longest - len(sequence),), PADDING)
        rows.append(torch.cat((fill, sequence) if where == "left" else (sequence, fill)))
    batch = torch.stack(rows)
    return batch, batch != PADDING


@pytest.fixture
def sequences() -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randint(1, VOCABULARY, (length,)) for length in LENGTHS]


@pytest.mark.parametrize("where", ["left", "right"])
@pytest.mark.parametrize("name", ENCODINGS)
def test_padding_changes_nothing(name, where, sequences):
    network = language_model(name)
    batch, valid = filled_up(sequences, where)
    logits, _ = network(batch)
    for row, mask, sequence in zip(logits, valid, sequences, strict=True):
        alone, _ = network(sequence[None])
        assert (row[mask] - alone[0]).abs().max() < CLOSE


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_batch_that_is_padded_to_the_left_runs_in_pieces(name, sequences):
    network = language_model(name)
    batch, _ = filled_up(sequences, "left")
    whole, _ = network(batch)
    for lengths in ((1,) * 9, (5, 1, 1, 1, 1), *(chunking(9, Random(seed)) for seed in range(6))):
        past, pieces = None, []
        for part in batch.split(list(lengths), dim=1):
            logits, past = network(part, past)
            pieces.append(logits)
        assert (torch.cat(pieces, dim=1) - whole).abs().max() < CLOSE


def test_learned_positions_without_ids_see_padding_before_a_sequence(sequences):
    network = language_model("learned without ids")
    batch, valid = filled_up(sequences, "left")
    logits, _ = network(batch)
    alone, _ = network(sequences[1][None])
    assert (logits[1][valid[1]] - alone[0]).abs().max() > 0.01
