"""The harness for all nodes reports the faults of the node types here."""

from itertools import cycle
from random import Random
from typing import ClassVar

import pytest

from codegen.harness.node_checks import (
    declaration_faults,
    default_faults,
    expansion_faults,
    file_faults,
    manual_faults,
)
from codegen.harness.one_node import draw_case
from nodes.activation.tanh import Tanh
from nodes.core.graphs.node import Category
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.parameter_types import Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.dropout.dropout import Dropout
from nodes.linear.linear import Linear
from nodes.masks.causal_mask import CausalMask
from nodes.recurrent.lstm import LSTM
from nodes.reshape.transpose import Transpose
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.node_cases import SELF


class SwappedAxes(LSTM):
    cell = Output("B states hidden_size", "the cell", kind=Kind.STATE)


class SwappedInASquare(MultiHeadAttention):
    attention = Output("B num_heads S T", "attention weights")


class WrongWidth(Linear):
    mixes = ("I",)
    output = Output("... I", "projected vectors")


class Unchanged(Transpose):
    def derive_spread(self, dims: Bindings) -> Shape:
        return dims.spread


class WrongKind(CausalMask):
    output = Output("T T", "true where a query may attend to a key", kind=Kind.FEATURES)


class TransposedWeight(Linear):
    def weights(self, dims: Bindings) -> dict[str, Shape]:
        return {"weight": (dims["I"], dims["O"]), "bias": (dims["O"],)}


class NoBias(Linear):
    def weights(self, dims: Bindings) -> dict[str, Shape]:
        return {"weight": (dims["O"], dims["I"])}


class NegativeFlops(Tanh):
    def flops(self, dims: Bindings) -> AnyDim:
        return -1


FAULTY = {
    SwappedAxes: ("cell: (", "is declared"),
    SwappedInASquare: ("attention: the pattern is (",),
    WrongWidth: ("output: (", "is declared"),
    Unchanged: ("output: (", "is declared"),
    WrongKind: ("output: features declared, torch.bool computed",),
    TransposedWeight: ("the weights {'weight': (", "declared"),
    NoBias: ("weights declared", "the weights {'weight': ("),
    NegativeFlops: ("-1 operations declared",),
}
CASES = {
    SwappedAxes: Case(
        SwappedAxes(hidden_size=23), without=("lengths initial_hidden initial_cell",)
    ),
    SwappedInASquare: Case(SwappedInASquare(num_heads=6), sizes={"C": 24}, without=("value",)),
    WrongWidth: Case(WrongWidth(out_features=23)),
    TransposedWeight: Case(TransposedWeight(out_features=23)),
}


@pytest.mark.parametrize("node_type", FAULTY, ids=lambda one: one.__name__)
def test_a_wrong_declaration_is_reported(node_type):
    case = CASES.get(node_type, Case(node_type()))
    for seed in range(5):
        result = "; ".join(declaration_faults(draw_case(case, Random(seed))))
        assert all(words in result for words in FAULTY[node_type]), result


class AnotherDropout(LSTM):
    dropout: Probability = 0.1


class AnotherBias(Linear):
    bias: bool = False


class AnotherProbability(Dropout):
    p: Probability = 0.1


@pytest.mark.parametrize(
    ("node_type", "result"),
    [
        (AnotherDropout, "dropout is 0.1, but 0.0 in PyTorch"),
        (AnotherBias, "bias is False, but True in PyTorch"),
        (AnotherProbability, "p is 0.1, but 0.5 in PyTorch"),
    ],
)
def test_a_wrong_default_is_reported(node_type, result):
    assert default_faults(node_type) == [result]


class NoPage(Tanh):
    pass


class NoFullStop(Tanh):
    """Hyperbolic tangent"""


class Described(Tanh):
    """Hyperbolic tangent.

    Parameters:
        depth: number of times.
    """

    times: Size = 1


class NoWords(Tanh):
    """Hyperbolic tangent."""

    input = Input("...")


class UnknownSize(Tanh):
    """Hyperbolic tangent."""

    each = ("B", "T")
    input = Input("B T C", "tensor of any shape")
    output = Output("B T half", "the function of each element")


@pytest.mark.parametrize(
    ("node_type", "result"),
    [
        (NoPage, ["no first sentence: ''"]),
        (NoFullStop, ["no first sentence: 'Hyperbolic tangent'"]),
        (
            Described,
            [
                "the parameter times is not described",
                "the parameter depth is described, but there is none",
            ],
        ),
        (NoWords, ["the port input is not described in a few words: ''"]),
        (UnknownSize, ["the size half is not described"]),
    ],
)
def test_a_gap_in_the_manual_is_reported(node_type, result):
    assert manual_faults(node_type) == result


class Alternating(FeedForward):
    activations: ClassVar = cycle(("relu", "gelu"))

    def expand(self, dims: Bindings):
        result = {name: getattr(self, name) for name in FeedForward.model_fields}
        return FeedForward(**{**result, "activation": next(self.activations)}).expand(dims)


def test_a_composite_that_is_not_its_expansion_is_reported():
    (result,) = expansion_faults(draw_case(Case(Alternating()), Random(0)))
    assert result.startswith("output: the expansion gives tensor(")


def test_a_right_attention_has_no_faults():
    drawn_case = draw_case(Case(MultiHeadAttention(num_heads=6), sizes=SELF), Random(0))
    assert declaration_faults(drawn_case) == expansion_faults(drawn_case) == []


def test_a_node_that_is_lost_in_a_file_is_reported():
    assert file_faults(NoPage()) == [
        "NoPage() is loaded as Unknown(type='NoPage', parameters={}, declared=None)"
    ]


def test_a_forward_whose_arguments_are_not_the_input_ports_is_refused():
    with pytest.raises(
        TypeError, match=r"Misnamed\.forward: expected \[.*'input'\], got \[.*'x'\]"
    ):

        class Misnamed(Tanh):
            category = Category.ACTIVATION

            def forward(self, context, x):
                return x
