"""What nodes compute is what PyTorch's own layers compute from the same weights."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from codegen.compile import compile_model
from examples import build
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import TensorSpec
from nodes.io.attention_bias_input import AttentionBiasInput
from nodes.io.attention_mask_input import AttentionMaskInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests import hand_written
from tests.one_node import DrawnCase, compile_node, instance

B, T, S, C, H = 3, 7, 5, 12, 4
CLOSE = 1e-6
Tensors = dict[str, Tensor]


def compiled(node: Node, used: tuple[str, ...], **shapes: tuple[int, ...]) -> nn.Module:
    """Compile one node for input shapes; weights and results have double precision."""
    specs = {port: TensorSpec(shape, node.find_input(port).kind) for port, shape in shapes.items()}
    return compile_node(DrawnCase(node, specs, {}, {}), used).module.double()


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def mask(*shape: int) -> Tensor:
    """Create a random mask in which every step may attend to the first."""
    return (torch.rand(*shape) < 0.6) | (torch.arange(shape[-1]) == 0)


def plain(tensors: Tensors) -> Tensors:
    return tensors


@dataclass(frozen=True)
class Pair:
    """Our module and PyTorch's, which start from the same weights.

    Attributes:
        ours, theirs: the modules.
        rename: turns weight tensors, by name, into ours.
    """

    ours: nn.Module
    theirs: nn.Module
    rename: Callable[[Tensors], Tensors] = plain

    def __post_init__(self) -> None:
        self.ours.load_state_dict(self.rename(dict(self.theirs.state_dict())))

    def assert_alike(
        self, ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...], *inputs: Tensor
    ) -> None:
        """Compare results, and the gradients of weights and inputs."""
        loads = [torch.randn_like(tensor) for tensor in theirs]
        mine, same = gradients(self.ours, inputs, ours, loads)
        other, expected = gradients(self.theirs, inputs, theirs, loads)
        renamed = self.rename(other)
        assert mine.keys() == renamed.keys()
        pairs = [*zip(ours, theirs, strict=True), *zip(same, expected, strict=True)]
        for a, b in [*pairs, *((mine[name], renamed[name]) for name in mine)]:
            assert a.shape == b.shape
            assert (a - b).abs().max() < CLOSE


def gradients(
    module: nn.Module, inputs: tuple[Tensor, ...], results: tuple[Tensor, ...], loads: list[Tensor]
) -> tuple[Tensors, tuple[Tensor, ...]]:
    """Return the gradients of the weights by name, and of the inputs."""
    loss = sum((one * load).sum() for one, load in zip(results, loads, strict=True))
    weights = dict(module.named_parameters())
    found = torch.autograd.grad(loss, [*weights.values(), *inputs])
    return dict(zip(weights, found, strict=False)), found[len(weights) :]


# -- recurrent -------------------------------------------------------------------------------------

SETTINGS = (
    {},
    {"num_layers": 2, "bias": False},
    {"num_layers": 2, "bidirectional": True},
)
RECURRENT = [
    *((node_type, own) for node_type in (RNN, GRU, LSTM) for own in SETTINGS),
    (RNN, {"nonlinearity": "relu"}),
    (LSTM, {"num_layers": 2, "bidirectional": True, "proj_size": 3}),
]


def with_states(node_type: type[Node], states: tuple[Tensor, ...]) -> object:
    return states if node_type is LSTM else states[0]


@pytest.mark.parametrize(("node_type", "own"), RECURRENT, ids=str)
@pytest.mark.parametrize("begun", [False, True], ids=["from zero", "from a state"])
def test_a_recurrent_node_is_pytorchs(node_type, own, begun):
    theirs = getattr(nn, node_type.__name__)(C, 6, batch_first=True, **own).double()
    x = numbers(B, T, C)
    count = theirs.num_layers * (2 if theirs.bidirectional else 1)
    sizes = (theirs.proj_size or 6, 6)[: 2 if node_type is LSTM else 1]
    states = tuple(numbers(count, B, size) for size in sizes) if begun else ()
    ports = ("initial_hidden", "initial_cell")[: len(states)]
    shapes = {port: tuple(state.shape) for port, state in zip(ports, states, strict=True)}
    node = node_type(hidden_size=6, **own)
    used = tuple(port.name for port in node.outputs)
    ours = compiled(node, used, input=(B, T, C), **shapes)
    pair = Pair(ours.node, theirs)
    output, last = theirs(x, *([with_states(node_type, states)] if begun else []))
    expected = (output, *last) if node_type is LSTM else (output, last)
    pair.assert_alike(ours(x, *states), expected, x, *states)


@pytest.mark.parametrize("node_type", [RNN, GRU, LSTM])
def test_a_recurrent_node_stops_where_a_sequence_ends(node_type):
    lengths = torch.tensor([T, 1, 4])
    node = node_type(hidden_size=6, bidirectional=True)
    shapes = {"input": (B, T, C), "lengths": (B,)}
    ours = compiled(node, ("output", "hidden"), **shapes)
    x = numbers(B, T, C)
    output, hidden = ours(x, lengths)
    for i, length in enumerate(lengths.tolist()):
        alone, last = ours.node(x[i : i + 1, :length])
        last = last[0] if node_type is LSTM else last
        assert (output[i, :length] - alone[0]).abs().max() < CLOSE
        assert output[i, length:].eq(0).all()
        assert (hidden[:, i] - last[:, 0]).abs().max() < CLOSE


# -- attention -------------------------------------------------------------------------------------


def projections(theirs: Tensors) -> Tensors:
    """Map PyTorch's tensors of an attention to our names."""
    found: Tensors = {}
    for name, weight in theirs.items():
        part, _, kind = name.replace("in_proj_", "in_proj.").rpartition(".")
        if part == "in_proj":
            chunks = zip("qkv", weight.chunk(3), strict=True)
            found |= {f"{letter}.{kind}": chunk for letter, chunk in chunks}
        elif name in ("bias_k", "bias_v"):
            found[f"heads.{name}"] = weight.view(H, 1, -1)
        else:
            found[name.replace("out_proj.", "out.").replace("_proj_", ".")] = weight
    return found


def inside(name: str, tensors: Tensors) -> Tensors:
    return {f"{name}.{key}": tensor for key, tensor in tensors.items()}


OPTIONS = [
    {"add_bias_kv": learned, "add_zero_attn": zero, "bias": bias}
    for learned, zero, bias in product((False, True), repeat=3)
]
MASKS = ("", "key_mask", "mask", "key_mask mask", "score_bias", "key_mask score_bias", "causal")


def hiding(seen: Tensors, causal: bool) -> Tensors:
    """Translate our masks to PyTorch's, which are true where nothing is seen, or are added."""
    hidden = {"key_padding_mask": None, "attn_mask": None}
    if "key_mask" in seen:
        hidden["key_padding_mask"] = ~seen["key_mask"]
    if "mask" in seen:
        hidden["attn_mask"] = ~seen["mask"].expand(B, H, T, S).flatten(0, 1)
    if "score_bias" in seen:
        hidden["attn_mask"] = seen["score_bias"]
        if "key_mask" in seen:  # PyTorch wants both masks of one type
            added = torch.zeros(B, S, dtype=torch.float64)
            hidden["key_padding_mask"] = added.masked_fill(~seen["key_mask"], float("-inf"))
    if causal:
        hidden["attn_mask"] = torch.ones(T, T, dtype=torch.bool).triu(1)
    return hidden


@pytest.mark.parametrize("sizes", [{}, {"kdim": 6, "vdim": 10}], ids=["one size", "three sizes"])
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("own", OPTIONS, ids=str)
def test_multi_head_attention_is_pytorchs(own, sizes, masks):
    theirs = nn.MultiheadAttention(C, H, batch_first=True, **own, **sizes).double()
    causal, steps = masks == "causal", T if masks == "causal" else S
    x, key = numbers(B, T, C), numbers(B, steps, sizes.get("kdim", C))
    value = numbers(B, steps, sizes.get("vdim", C))
    seen = {"key_mask": mask(B, S), "mask": mask(T, S)}
    seen["score_bias"] = numbers(T, S).detach().masked_fill(~mask(T, S), float("-inf"))
    seen = {name: seen[name] for name in masks.split() if name in seen}
    if "key_mask" in seen and "mask" in seen:
        seen["mask"] = torch.ones(B, H, T, S, dtype=torch.bool).tril()
    given = {"query": x, "key": key, "value": value, **seen}
    shapes = {name: tuple(one.shape) for name, one in given.items()}
    node = MultiHeadAttention(num_heads=H, causal=causal, **own)
    ours = compiled(node, ("output", "attention"), **shapes)
    pair = Pair(ours.node, theirs, projections)
    hidden = hiding(seen, causal)
    output, weights = theirs(x, key, value, average_attn_weights=False, **hidden)
    expected = output, weights[..., :steps]
    pair.assert_alike(ours(*given.values()), expected, x, key, value)
    quiet = compiled(node, ("output",), **shapes)
    quiet.load_state_dict(ours.state_dict())
    assert (quiet(*given.values()) - output).abs().max() < CLOSE


@pytest.mark.parametrize("additive", [False, True])
def test_a_mask_of_the_caller_is_an_input_of_the_model(additive):
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=C))
    memory = builder.add("memory", FeatureInput(features=C, length="S"))
    given = AttentionBiasInput(keys="S") if additive else AttentionMaskInput(keys="S")
    port = {"score_bias" if additive else "mask": builder.add("allowed", given)}
    attention = builder.add("attention", MultiHeadAttention(num_heads=H), x, memory, **port)
    builder.add("y", GraphOutput(), attention)
    compiled_model = compile_model(Model("M", builder.build()))
    ours = instance(compiled_model.source, "M").double()
    theirs = nn.MultiheadAttention(C, H, batch_first=True).double()
    pair = Pair(ours.attention, theirs, projections)
    query, keys, seen = numbers(B, T, C), numbers(B, S, C), mask(T, S)
    added = torch.zeros(T, S, dtype=torch.float64).masked_fill(~seen, float("-inf"))
    hidden = added if additive else ~seen
    expected = theirs(query, keys, keys, attn_mask=hidden, need_weights=False)[0]
    result = ours(query, keys, added if additive else seen)
    pair.assert_alike((result,), (expected,), query, keys)
    meaning = "`allowed` is boolean: True where a query may attend to a key."
    assert (meaning in compiled_model.source) is not additive


def test_the_attention_output_does_not_depend_on_returning_the_weights():
    node = MultiHeadAttention(num_heads=H, num_kv_heads=2, causal=True, rotary=100.0)
    quiet = compiled(node, ("output",), query=(B, T, 24))
    watched = compiled(node, ("output", "attention"), query=(B, T, 24))
    watched.load_state_dict(quiet.state_dict())
    x = numbers(B, T, 24)
    output, attention = watched(x)
    assert (quiet(x) - output).abs().max() < CLOSE
    assert (attention.sum(-1) - 1).abs().max() < CLOSE
    assert attention.triu(1).eq(0).all()


def projection_names(tensors: Tensors) -> Tensors:
    """Rename the projections of the example attention_from_primitives to those of the node."""
    names = {"query_proj": "q", "key_proj": "k", "value_proj": "v", "out": "out"}
    split = {key: key.partition(".") for key in tensors}
    return {f"{names[layer]}.{kind}": tensors[key] for key, (layer, _, kind) in split.items()}


def test_the_attention_of_primitives_is_the_multi_head_attention_node():
    source = compile_model(build.attention_from_primitives()).source
    primitives = instance(source, "AttentionFromPrimitives").double()
    x = numbers(B, T, 64)
    composite = compiled(MultiHeadAttention(num_heads=4), ("output", "attention"), query=(B, T, 64))
    pair = Pair(composite.node, primitives, projection_names)
    pair.assert_alike(composite(x), primitives(x), x)


# -- layers ----------------------------------------------------------------------------------------


def layer_weights(theirs: Tensors) -> Tensors:
    """Map PyTorch's tensors of a layer to our names."""
    words = {
        "self_attn": "self_attn",
        "multihead_attn": "cross_attn",
        "linear1": "feed_forward.up",
        "linear2": "feed_forward.down",
    }
    found: Tensors = {}
    for part in dict.fromkeys(name.partition(".")[0] for name in theirs):
        own = {name.partition(".")[2]: theirs[name] for name in theirs if name.startswith(part)}
        found |= inside(words.get(part, part), projections(own))
    return found


@pytest.mark.parametrize("norm_first", [False, True], ids=["norm last", "norm first"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
def test_an_encoder_layer_is_pytorchs(norm_first, activation, causal):
    own = {"norm_first": norm_first, "activation": activation, "dropout": 0.0}
    theirs = nn.TransformerEncoderLayer(C, H, 16, batch_first=True, **own).double()
    node = EncoderLayer(num_heads=H, hidden_size=16, causal=causal, **own)
    ours = compiled(node, ("output",), input=(B, T, C), key_mask=(B, T))
    pair = Pair(ours.node, theirs, layer_weights)
    x, seen = numbers(B, T, C), mask(B, T)
    later = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None
    expected = theirs(x, src_mask=later, src_key_padding_mask=~seen)
    pair.assert_alike((ours(x, seen),), (expected,), x)


@pytest.mark.parametrize("norm_first", [False, True], ids=["norm last", "norm first"])
@pytest.mark.parametrize("bias", [False, True], ids=["no bias", "bias"])
def test_a_decoder_layer_is_pytorchs(norm_first, bias):
    own = {"norm_first": norm_first, "bias": bias, "dropout": 0.0}
    theirs = nn.TransformerDecoderLayer(C, H, 16, batch_first=True, **own).double()
    node = DecoderLayer(num_heads=H, hidden_size=16, **own)
    shapes = {"input": (B, T, C), "memory": (B, S, C), "key_mask": (B, T), "memory_mask": (B, S)}
    ours = compiled(node, ("output",), **shapes)
    pair = Pair(ours.node, theirs, layer_weights)
    x, memory, seen, there = numbers(B, T, C), numbers(B, S, C), mask(B, T), mask(B, S)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    hidden = {"tgt_key_padding_mask": ~seen, "memory_key_padding_mask": ~there}
    expected = theirs(x, memory, tgt_mask=later, **hidden)
    pair.assert_alike((ours(x, memory, seen, there),), (expected,), x, memory)


# -- a whole model ---------------------------------------------------------------------------------


def untied(tensors: Tensors) -> Tensors:
    return {name: tensor for name, tensor in tensors.items() if name != "head.weight"}


def test_the_llama_example_is_the_one_from_the_papers():
    torch.manual_seed(0)
    ours = instance(compile_model(build.gpt_llama()).source, "Llama").double()
    theirs = hand_written.Llama(ours.config).double()
    pair = Pair(theirs, ours, untied)
    tokens = torch.randint(256, (B, 17))
    logits, _ = ours(tokens)
    pair.assert_alike((theirs(tokens),), (logits,))
