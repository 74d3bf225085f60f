"""The scaled frequencies of rotary positions are those of the papers."""

import math
from collections.abc import Callable

import pytest
import torch

from codegen.check import check
from codegen.layers.rotary_frequencies import yarn_attention_factor, yarn_frequencies
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.formulas import compiled, numbers

D, STEPS = 16, 5
CLOSE = 1e-6
Frequencies = Callable[[RotaryEncoding], list[float]]


def plain(node: RotaryEncoding) -> list[float]:
    return [node.base ** (-2 * i / D) for i in range(D // 2)]


def linear(node: RotaryEncoding) -> list[float]:
    """Divide each position by the factor (Chen et al., equation 4)."""
    return [one / node.factor for one in plain(node)]


def ntk(node: RotaryEncoding) -> list[float]:
    """Raise the base so that the lowest frequency is divided by the factor (Peng et al., 3.1)."""
    base = node.base * node.factor ** (D / (D - 2))
    return [base ** (-2 * i / D) for i in range(D // 2)]


def llama3(node: RotaryEncoding) -> list[float]:
    """Treat short, long and other wavelengths by cases, as Llama 3.1 does."""
    context, found = node.original_max_position_embeddings, []
    for one in plain(node):
        wavelength = 2 * math.pi / one
        if wavelength < context / node.high_freq_factor:
            found.append(one)
        elif wavelength > context / node.low_freq_factor:
            found.append(one / node.factor)
        else:
            smooth = context / wavelength - node.low_freq_factor
            smooth /= node.high_freq_factor - node.low_freq_factor
            found.append((1 - smooth) * one / node.factor + smooth * one)
    return found


def yarn(node: RotaryEncoding) -> list[float]:
    """Mix interpolation and extrapolation by a ramp over the pairs (Peng et al., 3.2)."""
    context, found = node.original_max_position_embeddings, []

    def pair_of(rotations: float) -> float:
        """Return the pair, between whole ones, that turns so often in the context."""
        wanted = 2 * math.pi * rotations / context  # = base^(-2i / D)
        return -math.log(wanted, node.base) * D / 2

    low, high = pair_of(node.beta_fast), pair_of(node.beta_slow)
    if node.truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, D - 1)
    for i, one in enumerate(plain(node)):
        ramp = min(1.0, max(0.0, (i - low) / (high - low)))
        found.append(ramp * one / node.factor + (1 - ramp) * one)
    return found


CONTEXT = {"original_max_position_embeddings": 64}
FORMULAS: list[tuple[Frequencies, dict]] = [
    (plain, {"rope_type": "default"}),
    (linear, {"rope_type": "linear", "factor": 4.0}),
    (ntk, {"rope_type": "ntk", "factor": 4.0}),
    (llama3, {"rope_type": "llama3", "factor": 8.0, **CONTEXT}),
    (
        llama3,
        {"rope_type": "llama3", "factor": 8.0, **CONTEXT, "low_freq_factor": 0.5}
        | {"high_freq_factor": 2.0},
    ),
    (yarn, {"rope_type": "yarn", "factor": 4.0, **CONTEXT}),
    (yarn, {"rope_type": "yarn", "factor": 4.0, **CONTEXT, "truncate": False}),
    (yarn, {"rope_type": "yarn", "factor": 4.0, **CONTEXT, "beta_fast": 8.0, "beta_slow": 0.2}),
]
EVERY_FORMULA = pytest.mark.parametrize(("formula", "own"), FORMULAS)


def attention_factor(node: RotaryEncoding) -> float:
    if node.rope_type != "yarn":
        return 1.0
    return node.attention_factor or 0.1 * math.log(node.factor) + 1


@EVERY_FORMULA
@pytest.mark.parametrize("base", [100.0, 500_000.0])
@pytest.mark.parametrize("interleaved", [False, True])
def test_pairs_turn_by_the_frequencies_of_the_paper(formula, own, base, interleaved):
    node = RotaryEncoding(base=base, interleaved=interleaved, **own)
    ones = torch.zeros(1, 1, STEPS, D, dtype=torch.float64)
    first = slice(0, None, 2) if interleaved else slice(0, D // 2)
    second = slice(1, None, 2) if interleaved else slice(D // 2, None)
    ones[..., first] = 1.0
    turned = compiled(node, input=(1, 1, STEPS, D))(ones)[0, 0]
    angle = torch.outer(torch.arange(STEPS).double(), torch.tensor(formula(node)).double())
    factor = attention_factor(node)
    for part, expected in ((first, angle.cos()), (second, angle.sin())):
        assert (turned[:, part] - factor * expected).abs().max() < CLOSE


@EVERY_FORMULA
def test_positions_of_the_caller_are_those_that_are_counted(formula, own):
    node, x = RotaryEncoding(**own), numbers(2, 3, STEPS, D)
    counted = compiled(node, input=x.shape)(x)
    for ids in (torch.arange(STEPS), torch.arange(STEPS).expand(2, STEPS)):
        given = compiled(node, input=x.shape, positions=tuple(ids.shape))
        assert given(x, ids).equal(counted)
    ids = torch.stack((torch.arange(STEPS), torch.arange(STEPS).flip(0)))
    given = compiled(node, input=x.shape, positions=(2, STEPS))(x, ids)
    assert given[0].equal(counted[0])
    assert given[1].equal(compiled(node, input=x.shape)(x.flip(2))[1].flip(1))


def test_yarn_multiplies_by_the_attention_factor():
    x = numbers(1, 1, STEPS, D)
    own = {"rope_type": "yarn", "factor": 4.0, **CONTEXT}
    usual = compiled(RotaryEncoding(**own), input=x.shape)(x)
    other = compiled(RotaryEncoding(**own, attention_factor=1.5), input=x.shape)(x)
    assert (usual / (0.1 * math.log(4.0) + 1) * 1.5 - other).abs().max() < CLOSE
    assert yarn_attention_factor(0.5) == 1.0


def test_yarn_of_a_base_of_one_is_finite():
    assert yarn_frequencies(numbers(1, D), 4.0, 64, base=1.0).isfinite().all()


def test_an_attention_has_all_options_of_its_rotation():
    spelling = {"factor": "rope_factor", "truncate": "rope_truncate", "base": "rotary"}
    spelling["interleaved"] = "rotary_interleaved"
    own = {
        **{"base": 100.0, "interleaved": True, "rope_type": "yarn", "factor": 3.0, **CONTEXT},
        **{"low_freq_factor": 0.5, "high_freq_factor": 3.0, "beta_fast": 8.0, "beta_slow": 0.5},
        **{"attention_factor": 1.5, "truncate": False},
    }
    expected = RotaryEncoding(**own)
    assert expected.changed(*own).keys() == RotaryEncoding.model_fields.keys()
    options = {spelling.get(name, name): value for name, value in own.items()}
    assert MultiHeadAttention(num_heads=2, **options).rotary_encoding() == expected


def warnings(node: Node) -> list[str]:
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=16))
    builder.add("y", GraphOutput(), builder.add("node", node, x))
    return [str(problem) for problem in check(Model("M", builder.build())).problems]


def test_a_parameter_that_its_type_does_not_read_is_reported():
    attention = MultiHeadAttention(num_heads=2, rotary=100.0, rope_factor=4.0)
    assert warnings(attention) == [
        "node.rope_factor: expected 1.0, as rope_type default does not use it, got 4.0. "
        "Set rope_factor to 1.0."
    ]
    layer = EncoderLayer(num_heads=2, rotary=100.0, rope_type="linear", **CONTEXT)
    assert warnings(layer) == [
        "node.original_max_position_embeddings: expected None, as rope_type linear does not use "
        "it, got 64. Clear original_max_position_embeddings."
    ]
    assert warnings(MultiHeadAttention(num_heads=2, rope_type="linear")) == [
        "node.rotary: expected a base, as channels to rotate are given, got none: nothing "
        "rotates. Set rotary to 10000.0."
    ]


def test_a_type_that_needs_the_length_of_the_training_before_says_so():
    for node in (
        RotaryEncoding(rope_type="yarn"),
        MultiHeadAttention(num_heads=2, rotary=100.0, rope_type="yarn"),
        EncoderLayer(num_heads=2, rotary=100.0, rope_type="yarn"),
    ):
        assert [error.text for error in node.parameter_errors()] == [
            "expected the context length of the training before yarn, got none"
        ]
