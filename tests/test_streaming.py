"""What is fed piece by piece gives what the whole gives, wherever a node says so."""

from random import Random

import pytest
import torch
from torch import Tensor

from codegen.compile import compile_model
from codegen.planning import streaming
from examples import build
from nodes.activation import Softmax
from nodes.attention import ScaledDotProductAttention
from nodes.convolution import Conv1d
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, InputNode, OutputNode, PortRef
from nodes.core.graphs.node import Time
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import free
from nodes.core.shapes.shape import Shape
from nodes.io import BlockInput, GraphOutput
from nodes.position import SinusoidalEncoding
from nodes.recurrent import LSTM
from nodes.tasks.language_modelling import LanguageModelling
from tests.node_cases import cases
from tests.one_node import (
    Case,
    Probe,
    Situation,
    compile_graph,
    instance,
    one_node_graph,
    probe,
    situation,
)
from tests.promises import uses

STEPS, PROMPT = 7, 3
CLOSE = 1e-5
OWN = [one for one in node_types().values() if not issubclass(one, Block | InputNode | OutputNode)]
TRIED = [
    pytest.param(case, id=f"{one.__name__}-{number}")
    for one in OWN
    for number, case in enumerate(cases(one))
]


def beside_an_attention(here: Situation, used: tuple[str, ...]) -> Probe:
    """Compile a node beside an attention, which makes any model one that remembers."""
    graph = one_node_graph(here, used).with_node("beside", BlockInput())
    graph = graph.with_node("remember", ScaledDotProductAttention(causal=True))
    for port in ("query", "key", "value"):
        graph = graph.with_edge(PortRef("beside", "output"), PortRef("remember", port))
    graph = graph.with_node("remembered", GraphOutput())
    graph = graph.with_edge(PortRef("remember", "output"), PortRef("remembered", "input"))
    specs = {f"to_{port.replace('.', '_')}": spec for port, spec in here.specs.items()}
    specs["beside"] = TensorSpec((2, 1, free("T"), 4), Kind.FEATURES)
    return compile_graph(here.model(LanguageModelling()), graph, specs)


def claims(here: Situation, used: tuple[str, ...]) -> bool:
    """Tell whether a node says that it can be fed piece by piece."""
    checked = probe(here, used).checked
    return streaming.streams(checked, frozenset(checked.graph.output_nodes))


def time_axis(shape: Shape) -> int | None:
    return next((i for i, size in enumerate(shape) if size == free("T")), None)


def piece(tensor: Tensor, shape: Shape, start: int, stop: int) -> Tensor:
    axis = time_axis(shape)
    return tensor if axis is None else tensor.narrow(axis, start, stop - start)


def differing(here: Situation, used: tuple[str, ...]) -> list[str]:
    """Feed a node a prompt and then step by step, and tell the outputs that come out otherwise."""
    made = beside_an_attention(here, used)
    module = made.module.eval()
    given = [*here.tensors().values(), torch.randn(2, 1, STEPS, 4)]
    shapes = [*(spec.shape for spec in here.specs.values()), (2, 1, free("T"), 4)]
    whole = module(*given)
    past, found = None, []
    for start, stop in [(0, PROMPT), *((t, t + 1) for t in range(PROMPT, STEPS))]:
        parts = [piece(x, shape, start, stop) for x, shape in zip(given, shapes, strict=True)]
        *outputs, past = module(*parts, past=past)
        found.append(outputs)
    told = []
    for number, port in enumerate(used):
        axis = time_axis(made.inferred.outputs[port].shape)
        pieces = [outputs[number] for outputs in found]
        joined = pieces[-1] if axis is None else torch.cat(pieces, axis)
        if joined.shape != whole[number].shape or not close(joined, whole[number]):
            told.append(port)
    return told


def close(a: Tensor, b: Tensor) -> bool:
    return bool((a.double() - b.double()).abs().max() < CLOSE)


def tried(case: Case, seed: int) -> Situation:
    here = situation(case, Random(seed))
    here.run["T"] = STEPS
    return here


@pytest.mark.parametrize("case", TRIED)
def test_a_node_that_streams_gives_what_the_whole_gives(case):
    for seed in range(4):
        here = tried(case, seed)
        for used in uses(here.node):
            assert not claims(here, used) or differing(here, used) == []


def test_the_nodes_of_language_models_stream():
    names = {
        one.__name__
        for one in OWN
        for case in cases(one)
        for seed in range(12)
        if claims(tried(case, seed), (one.outputs[0].name,))
    }
    assert names >= {
        *("Embedding", "PositionIds", "LearnedEncoding", "SinusoidalEncoding", "RotaryEncoding"),
        *("RNN", "GRU", "LSTM", "ScaledDotProductAttention", "MultiHeadAttention"),
        *("FeedForward", "GatedFeedForward", "EncoderLayer", "Linear", "LayerNorm", "RMSNorm"),
        *("Add", "Multiply", "Concatenate", "Split", "SplitHeads", "MergeHeads", "Dropout", "GELU"),
    }
    assert not names & {"DecoderLayer", "Conv1d", "MatMul", "MeanPooling", "Transpose"}


class SaysPointwise:
    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        return Time.POINTWISE


class HastyConv(SaysPointwise, Conv1d):
    pass


class HastySoftmax(SaysPointwise, Softmax):
    pass


class HastyEncoding(SaysPointwise, SinusoidalEncoding):
    pass


class HastyLSTM(SaysPointwise, LSTM):
    pass


class BothWays(LSTM):
    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        return Time.MEMORY


@pytest.mark.parametrize(
    "node",
    [
        HastyConv(padding="causal"),
        HastySoftmax(dim=1),
        HastyEncoding(),
        HastyLSTM(),
        BothWays(bidirectional=True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_false_claim_is_told(node):
    here = tried(Case(node, without=("lengths initial_hidden initial_cell",)), 0)
    assert claims(here, ("output",))
    assert differing(here, ("output",)) == ["output"]


@pytest.mark.parametrize("pieces", [(5, 1, 1, 1, 1), (1,) * 9])
@pytest.mark.parametrize("name", ["char_rnn", "char_lstm", "char_gru", "gpt", "gpt_llama"])
def test_a_language_model_reads_a_prompt_and_then_token_by_token(name, pieces):
    model = getattr(build, name)()
    made = instance(compile_model(model).source, model.name).eval()
    tokens = torch.randint(256, (2, sum(pieces)))
    whole, _ = made(tokens)
    carried, found = None, []
    for part in tokens.split(pieces, dim=1):
        logits, carried = made(part, carried)
        found.append(logits)
    assert close(torch.cat(found, dim=1), whole)


@pytest.mark.parametrize("name", ["char_rnn", "char_lstm", "char_gru"])
def test_a_recurrent_model_reads_in_pieces_of_any_length(name):
    model = getattr(build, name)()
    made = instance(compile_model(model).source, model.name).eval()
    tokens = torch.randint(256, (2, 9))
    first, state = made(tokens[:, :4])
    second, _ = made(tokens[:, 4:], state)
    assert close(torch.cat((first, second), dim=1), made(tokens)[0])
