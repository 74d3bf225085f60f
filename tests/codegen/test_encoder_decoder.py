"""A model of an encoder and a decoder runs the encoder once, and the decoder in pieces."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from codegen.check import check
from codegen.check.check import with_hints
from codegen.compile import compile_model
from nodes.activation.tanh import Tanh
from nodes.core.graphs.graph import Block, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.position.learned_encoding import LearnedEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.reshape.gather import Gather
from nodes.reshape.reshape import Reshape
from nodes.reshape.reverse import Reverse
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.codegen.running import instantiate
from tests.golden import MODELS

CLOSE = 1e-5
EXAMPLES = ("transformer_2017", "t5", "bart", "seq2seq_bahdanau", "seq2seq_luong")
CHUNKS = [(1,) * 9, (4, 5), (3, 3, 3), (1, 7, 1), (9,)]


def as_tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)


def sources(name: str) -> list[Tensor]:
    """Draw the inputs of an encoder: tokens, and what says that the last steps are padding."""
    lengths = torch.tensor([6, 4])
    mask = torch.arange(6) < lengths[:, None]
    return [torch.randint(256, (2, 6)), lengths if "bahdanau" in name else mask]


def decoded(
    network: nn.Module, target: Tensor, given: Sequence[Tensor], chunks: Sequence[int]
) -> list[Tensor]:
    """Decode a sequence in pieces; return the outputs, joined along their steps."""
    state, pieces = None, []
    for piece in target.split(list(chunks), dim=1):
        *outputs, state = network.decode(piece, *given, state)
        pieces.append(outputs)
    of_outputs = list(zip(*pieces, strict=True))
    dims = [2 if outputs[0].dim() == 4 else 1 for outputs in of_outputs]
    return [torch.cat(outputs, dim) for dim, outputs in zip(dims, of_outputs, strict=True)]


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_decoding_in_pieces_equals_the_whole(name, chunks):
    torch.manual_seed(0)
    network = instantiate(compile_model(MODELS[name]()).source).eval()
    source, target = sources(name), torch.randint(256, (2, 9))
    kept = as_tuple(network.encode(*source))
    # The Transformers read the mask of the padding in the decoder too.
    given = [*kept, *source[1:]] if name in EXAMPLES[:3] else kept
    whole = as_tuple(network(*source, target))
    for joined, expected in zip(decoded(network, target, given, chunks), whole, strict=True):
        assert joined.shape == expected.shape
        assert (joined - expected).abs().max() < CLOSE


def test_the_keys_and_values_of_a_memory_are_computed_once():
    network = instantiate(compile_model(MODELS["transformer_2017"]()).source).eval()
    calls: list[str] = []
    for name, module in network.named_modules():
        if name.endswith(("cross_attn.k", "cross_attn.v")) or "encoder" in name:
            module.register_forward_hook(lambda *_, name=name: calls.append(name))
    source = sources("transformer_2017")
    memory = network.encode(*source)
    calls.clear()
    decoded(network, torch.randint(256, (2, 9)), [memory, source[1]], (1,) * 9)
    assert sorted(calls) == sorted(
        f"decoder.{layer}.cross_attn.{part}" for layer in range(4) for part in "kv"
    )


def sequence_to_sequence() -> tuple[GraphBuilder, PortRef, PortRef]:
    """Begin a model that embeds a source and a target, and encodes the source."""
    builder = GraphBuilder()
    source = builder.add("source", TokenInput(length="S"))
    target = builder.add("target", TokenInput())
    size = {"num_embeddings": "vocab_size", "embedding_dim": 8}
    memory = builder.add("embed", Embedding(**size), source)
    memory = builder.add("encoder", EncoderLayer(num_heads=2, hidden_size=16), memory)
    return builder, memory, builder.add("target_embed", Embedding(**size), target)


def model_of(builder: GraphBuilder, logits: PortRef) -> Model:
    builder.add("logits", GraphOutput(), builder.add("head", Linear(out_features=30), logits))
    return Model("M", builder.build(), hyperparameters={"vocab_size": Hyperparameter(30)})


LAYERS = {
    "attention": MultiHeadAttention(num_heads=2, causal=True),
    "rotary attention": MultiHeadAttention(num_heads=2, causal=True, rotary=100.0, repeat=2),
    "a window": MultiHeadAttention(num_heads=2, causal=True, window=3),
    "a recurrent layer": GRU(hidden_size=8),
}


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_decoder_of_other_layers_runs_in_pieces(layer, chunks):
    torch.manual_seed(1)
    builder, memory, x = sequence_to_sequence()
    x = builder.add("own", LAYERS[layer], x)
    cross = MultiHeadAttention(num_heads=2)
    attended = builder.add("cross", cross, x, key=memory, value=memory)
    network = instantiate(
        compile_model(model_of(builder, builder.add("sum", Add(), x, attended))).source
    ).eval()
    source, target = torch.randint(30, (2, 5)), torch.randint(30, (2, 9))
    (joined,) = decoded(network, target, [network.encode(source)], chunks)
    assert (joined - network(source, target)).abs().max() < CLOSE


def test_positions_of_the_decoder_continue_and_those_of_the_encoder_do_not():
    torch.manual_seed(2)
    builder, memory, x = sequence_to_sequence()
    memory = builder.add("places", LearnedEncoding(max_length=16), memory)
    x = builder.add("target_places", LearnedEncoding(max_length=16), x)
    layer = DecoderLayer(num_heads=2, hidden_size=16, repeat=2)
    model = model_of(builder, builder.add("decoder", layer, x, memory=memory))
    network = instantiate(compile_model(model).source).eval()
    source, target = torch.randint(30, (2, 5)), torch.randint(30, (2, 9))
    for chunks in CHUNKS:
        (joined,) = decoded(network, target, [network.encode(source)], chunks)
        assert (joined - network(source, target)).abs().max() < CLOSE


def test_a_decoder_that_does_not_read_all_that_it_is_given_runs_in_pieces():
    body = GraphBuilder()
    vectors = BlockInput(shape="B T C", kind="features")
    x, memory = body.add("x", vectors), body.add("memory", BlockInput(shape="B S D"))
    unread = body.add("unread", BlockInput(kind="state"))
    layer = DecoderLayer(num_heads=2, hidden_size=16)
    body.add("output", GraphOutput(), body.add("layer", layer, x, memory=memory))
    body.add("state", GraphOutput(), unread)
    builder = GraphBuilder(blocks={"Part": body.build()})
    source = builder.add("source", FeatureInput(features=8, length="S"))
    target = builder.add("target", FeatureInput(features=8))
    memory = builder.add("encoder", GRU(hidden_size=8), source)
    part = builder.add("part", Block(block="Part"), target, memory, memory["hidden"])
    builder.add("output", GraphOutput(), part)
    model = Model("M", builder.build(), {"Part": body.build()})
    network = instantiate(compile_model(model).source).eval()
    source, target = torch.randn(2, 5, 8), torch.randn(2, 9, 8)
    (joined,) = decoded(network, target, [network.encode(source)], (4, 5))
    assert (joined - network(source, target)).abs().max() < CLOSE


def test_an_encoder_beside_a_part_that_remembers_nothing_has_one_forward():
    builder, memory, x = sequence_to_sequence()
    attended = builder.add("cross", MultiHeadAttention(num_heads=2), x, key=memory, value=memory)
    source = compile_model(model_of(builder, attended)).source
    assert "def encode(" not in source
    assert "past" not in source


def test_the_node_that_prevents_the_cache_of_a_decoder_is_named():
    builder, memory, x = sequence_to_sequence()
    x = builder.add("back", Reverse(), x)
    layer = DecoderLayer(num_heads=2, hidden_size=16)
    model = model_of(builder, builder.add("decoder", layer, x, memory=memory))
    assert "def encode(" not in compile_model(model).source
    report = with_hints(model, check(model))
    assert [str(problem) for problem in report.problems] == [
        "back: expected steps that a cache of earlier ones suffices for, got all of them, so "
        "generation computes all steps for each new one."
    ]


def test_names_of_nodes_do_not_hide_the_methods():
    builder = GraphBuilder()
    source = builder.add("encode", TokenInput(length="S"))
    target = builder.add("past", TokenInput())
    memory = builder.add("decode", Embedding(num_embeddings=30, embedding_dim=8), source)
    x = builder.add("memory", Embedding(num_embeddings=30, embedding_dim=8), target)
    layer = DecoderLayer(num_heads=2, hidden_size=16)
    model = model_of(builder, builder.add("forward", layer, x, memory=memory))
    network = instantiate(compile_model(model).source).eval()
    source, target = torch.randint(30, (2, 5)), torch.randint(30, (2, 9))
    (joined,) = decoded(network, target, [network.encode(source)], (4, 5))
    assert (joined - network(source, target)).abs().max() < CLOSE


class PointerNetwork(nn.Module):
    """Scores of the source steps at each step of the target (Vinyals et al., arXiv:1506.03134)."""

    def __init__(self, drawn: nn.Module) -> None:
        super().__init__()
        self.drawn = drawn

    def forward(self, source: Tensor, chosen: Tensor) -> Tensor:
        drawn = self.drawn
        memory, state = drawn.encoder(source)
        points = torch.stack([row[index] for row, index in zip(source, chosen, strict=True)])
        scores = []
        for step in range(points.shape[1]):
            output, state = drawn.decoder(points[:, step : step + 1], state)
            hidden = torch.tanh(drawn.of_memory(memory) + drawn.of_query(output))
            scores.append(drawn.score(hidden)[..., 0])
        return torch.stack(scores, dim=1)


def pointer_network() -> Model:
    builder = GraphBuilder()
    source = builder.add("source", FeatureInput(features=2, length="S"))
    chosen = builder.add("chosen", TokenInput())
    memory = builder.add("encoder", LSTM(hidden_size=8), source)
    points = builder.add("points", Gather(), source, chosen)
    states = {"initial_hidden": memory["hidden"], "initial_cell": memory["cell"]}
    x = builder.add("decoder", LSTM(hidden_size=8), points, **states)
    keys = builder.add("of_memory", Linear(out_features=8, bias=False), memory)
    x = builder.add("of_query", Linear(out_features=8, bias=False), x)
    x = builder.add("rows", Reshape(pattern="B T C -> B T 1 C"), x)
    keys = builder.add("columns", Reshape(pattern="B S C -> B 1 S C"), keys)
    x = builder.add("tanh", Tanh(), builder.add("sum", Add(), x, keys))
    x = builder.add("score", Linear(out_features=1, bias=False), x)
    x = builder.add("scores", Reshape(pattern="B T S 1 -> B T S"), x)
    builder.add("pointers", GraphOutput(), x)
    return Model("Drawn", builder.build())


def test_a_pointer_network_equals_one_written_by_hand():
    torch.manual_seed(3)
    network = instantiate(compile_model(pointer_network()).source).double()
    source, chosen = torch.randn(2, 5, 2).double(), torch.randint(5, (2, 9))
    expected = PointerNetwork(network)(source, chosen)
    assert (network(source, chosen) - expected).abs().max() < 1e-12
    kept = as_tuple(network.encode(source))
    for chunks in CHUNKS:
        (joined,) = decoded(network, chosen, [*kept, source], chunks)
        assert (joined - expected).abs().max() < 1e-12
