"""Running a sequence in chunks with a cache gives the outputs of the whole sequence."""

from collections.abc import Sequence
from itertools import product
from random import Random

import pytest
import torch
from torch import Tensor, nn

from codegen.compile import compile_model
from codegen.harness.one_node import (
    instance,
)
from codegen.harness.streaming_checks import (
    CLOSE,
    chunking,
    differing,
    draw_sequence,
    is_streamable,
    streaming_faults,
)
from nodes.activation.softmax import Softmax
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import (
    Block,
    Hyperparameter,
    InputNode,
    Model,
    OutputNode,
)
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node_case import Case
from nodes.core.time.field_context import FieldContext, Fields
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.masks.window_mask import WindowMask
from nodes.merge.affine import Affine
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.golden import MODELS
from tests.node_cases import cases

pytestmark = pytest.mark.slow

NODE_TYPES = [
    node_type
    for node_type in node_types().values()
    if not issubclass(node_type, Block | InputNode | OutputNode)
]
CASES = [
    pytest.param(case, id=f"{one.__name__}-{number}")
    for one in NODE_TYPES
    for number, case in enumerate(cases(one))
]


@pytest.mark.parametrize("case", CASES)
def test_a_streamable_node_gives_the_outputs_of_the_whole_sequence(case):
    for seed in range(4):
        assert streaming_faults(case, seed) == []


def test_the_nodes_of_language_models_are_streamable():
    names = {
        node_type.__name__
        for node_type in NODE_TYPES
        for case in cases(node_type)
        for seed in range(12)
        if is_streamable(draw_sequence(case, seed), (node_type.outputs[0].name,))
    }
    assert names >= {
        *("Embedding", "PositionIds", "LearnedEncoding", "SinusoidalEncoding", "RotaryEncoding"),
        *("RNN", "GRU", "LSTM", "ScaledDotProductAttention", "MultiHeadAttention"),
        *("FeedForward", "GatedFeedForward", "EncoderLayer", "Linear", "LayerNorm", "RMSNorm"),
        *("Add", "Multiply", "Concatenate", "Split", "SplitHeads", "MergeHeads", "Dropout", "GELU"),
        "DecoderLayer",
    }
    assert not names & {"MaxPool1d", "MeanPooling", "CausalMask"}


def test_a_node_streams_along_dimensions_other_than_time():
    channels, steps = Softmax(dim=-1), Softmax(dim=1)
    for node, expected in ((channels, True), (steps, False)):
        assert is_streamable(draw_sequence(Case(node, spread="B T 4"), 0), ("output",)) is expected
    for padding, expected in (("causal", True), ("same", False)):
        node = Conv1d(out_channels=2, kernel_size=3, padding=padding)
        assert is_streamable(draw_sequence(Case(node), 0), ("output",)) is expected


class DeclaredPointwise:
    """Declares that each output step reads the input step of its own number."""

    def receptive_fields(self, context: FieldContext) -> Fields:
        return dict.fromkeys(context.outputs, context.ports["input"].field)


class PointwiseConv(DeclaredPointwise, Conv1d):
    pass


class PointwiseSoftmax(DeclaredPointwise, Softmax):
    pass


class PointwiseEncoding(DeclaredPointwise, SinusoidalEncoding):
    pass


class PointwiseLSTM(DeclaredPointwise, LSTM):
    pass


class DeclaredRecurrent(LSTM):
    def receptive_fields(self, context: FieldContext) -> Fields:
        forward = self.model_copy(update={"bidirectional": False})
        return LSTM.receptive_fields(forward, context)


@pytest.mark.parametrize(
    "node",
    [
        PointwiseConv(padding="causal"),
        PointwiseSoftmax(dim=1),
        PointwiseEncoding(),
        PointwiseLSTM(),
        DeclaredRecurrent(bidirectional=True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_false_declaration_is_detected(node):
    absent = "lengths initial_hidden initial_cell positions"
    drawn_case = draw_sequence(Case(node, without=(absent,)), 0)
    assert is_streamable(drawn_case, ("output",))
    assert differing(drawn_case, ("output",)) == ["output"]


def test_a_causal_attention_with_a_mask_runs_in_single_steps():
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim=8), tokens)
    attention = MultiHeadAttention(num_heads=2, causal=True, repeat=2)
    window = builder.add("window", WindowMask(window=3, causal=False), x)
    x = builder.add("attention", attention, x, mask=window)
    builder.add("logits", GraphOutput(), builder.add("head", Linear(out_features="vocab_size"), x))
    sizes = {"vocab_size": Hyperparameter(30)}
    model = Model("M", builder.build(), hyperparameters=sizes, recipe=LanguageModelling(seq_len=20))
    network = instance(compile_model(model).source, "M").eval()
    for chunks in ((1,) * 9, (4, 1, 4)):
        assert difference(network, torch.randint(30, (2, 9)), chunks) < CLOSE


LANGUAGE_MODELS = (
    *("char_rnn", "char_lstm", "char_gru", "gpt", "gpt_llama", "gpt2", "llama", "mistral"),
    *("qwen3", "gemma2", "gpt_neox", "mixtral", "mamba", "bloom", "rwkv", "griffin", "deepseek"),
    "universal_transformer",
)


def difference(network: nn.Module, tokens: Tensor, chunks: Sequence[int]) -> float:
    """Run a model on a whole sequence and on its pieces, and measure the largest difference."""
    state, outputs = None, []
    for part in tokens.split(list(chunks), dim=1):
        logits, state = network(part, state)
        outputs.append(logits)
    return float((torch.cat(outputs, dim=1) - network(tokens)[0]).detach().abs().max())


@pytest.mark.parametrize("chunks", [(5, 1, 1, 1, 1), (1,) * 9, (4, 5), (1, 8), (2, 3, 1, 3)])
@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_a_language_model_runs_in_pieces_of_any_length(name, chunks):
    model = MODELS[name]()
    network = instance(compile_model(model).source, model.name).eval()
    assert difference(network, torch.randint(256, (2, 9)), chunks) < CLOSE


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_a_language_model_runs_in_random_pieces(name):
    model = MODELS[name]()
    network = instance(compile_model(model).source, model.name).eval()
    for seed in range(10):
        random = Random(seed)
        steps = random.randint(1, 30)
        tokens = torch.randint(256, (2, steps))
        assert difference(network, tokens, chunking(steps, random)) < CLOSE


ATTENTION = {"num_heads": 2, "causal": True}
LAYERS = {
    "rotary attention": MultiHeadAttention(**ATTENTION, rotary=10_000.0),
    "grouped queries": MultiHeadAttention(num_heads=4, num_kv_heads=2, causal=True),
    "one key head": MultiHeadAttention(num_heads=4, num_kv_heads=1, causal=True, rotary=100.0),
    "repeated attention": MultiHeadAttention(**ATTENTION, repeat=2),
    "layers": EncoderLayer(**ATTENTION, hidden_size=16, repeat=3),
    "a shared layer": EncoderLayer(**ATTENTION, hidden_size=16, repeat=3, share=True),
    "layers with the norm first": EncoderLayer(**ATTENTION, hidden_size=16, norm_first=True),
    "recurrent layers": GRU(hidden_size=8, num_layers=2),
}
POSITIONS = {
    "no position": Affine(),
    "learned": LearnedEncoding(max_length=32),
    "sinusoidal": SinusoidalEncoding(),
}


STACKS = [pair for pair in product(LAYERS, POSITIONS) if pair[0] != "recurrent layers"]
STACKS += [("recurrent layers", "no position")]  # without an attention, nothing counts the steps


@pytest.mark.parametrize(("layer", "position"), STACKS)
def test_pieces_of_any_length_equal_the_whole(layer, position):
    builder = GraphBuilder()
    x = builder.add("tokens", TokenInput())
    x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim=8), x)
    x = builder.add("position", POSITIONS[position], x)
    for name in ("layer", "another"):
        x = builder.add(name, LAYERS[layer], x)
    head = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), head)
    sizes = {"vocab_size": Hyperparameter(30)}
    recipe = LanguageModelling(seq_len=20)
    model = Model("M", builder.build(), hyperparameters=sizes, recipe=recipe)
    network = instance(compile_model(model).source, "M").eval()
    for seed in range(6):
        random = Random(seed)
        steps = random.randint(2, 20)
        tokens = torch.randint(30, (3, steps))
        assert difference(network, tokens, chunking(steps, random)) < CLOSE
