"""The harness that every node goes through catches the faults that are planted here."""

from itertools import cycle
from random import Random
from typing import ClassVar

import pytest

from nodes.activation import Tanh
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.dropout import Dropout
from nodes.linear import Linear
from nodes.masks import CausalMask
from nodes.recurrent import LSTM
from nodes.reshape import Transpose
from nodes.transformer import FeedForward, MultiHeadAttention
from tests.node_cases import SELF
from tests.one_node import Case, situation
from tests.promises import (
    broken_promises,
    lost_in_a_file,
    strange_defaults,
    undocumented,
    unlike_expansion,
)


class SwappedAxes(LSTM):
    cell = Output("B states hidden_size", "the cell", kind=Kind.STATE)


class SwappedInASquare(MultiHeadAttention):
    attention = Output("B num_heads S T", "how much each step attends to each")


class WrongWidth(Linear):
    output = Output("... I", "vectors of another size")


class LeftAsItWas(Transpose):
    def derive_spread(self, dims: Bindings) -> Shape:
        return dims.spread


class WrongKind(CausalMask):
    output = Output("T T", "true where a row may attend to a column", kind=Kind.FEATURES)


class TransposedWeight(Linear):
    def weights(self, dims: Bindings) -> dict[str, Shape]:
        return {"weight": (dims["I"], dims["O"]), "bias": (dims["O"],)}


class NoBias(Linear):
    def weights(self, dims: Bindings) -> dict[str, Shape]:
        return {"weight": (dims["O"], dims["I"])}


class LessThanNothing(Tanh):
    def flops(self, dims: Bindings) -> AnyDim:
        return -1


PLANTED = {
    SwappedAxes: ("cell: (", "is promised"),
    SwappedInASquare: ("attention: its pattern says (",),
    WrongWidth: ("output: (", "is promised"),
    LeftAsItWas: ("output: (", "is promised"),
    WrongKind: ("output: features are promised, torch.bool comes",),
    TransposedWeight: ("the weights {'weight': (", "are promised"),
    NoBias: ("trained numbers are promised", "the weights {'weight': ("),
    LessThanNothing: ("-1 operations are promised",),
}
SETTINGS = {
    SwappedAxes: Case(
        SwappedAxes(hidden_size=23), without=("lengths initial_hidden initial_cell",)
    ),
    SwappedInASquare: Case(SwappedInASquare(num_heads=6), sizes={"C": 24}, without=("value",)),
    WrongWidth: Case(WrongWidth(out_features=23)),
    TransposedWeight: Case(TransposedWeight(out_features=23)),
}


@pytest.mark.parametrize("node_type", PLANTED, ids=lambda one: one.__name__)
def test_a_broken_promise_is_told(node_type):
    case = SETTINGS.get(node_type, Case(node_type()))
    for seed in range(5):
        told = "; ".join(broken_promises(situation(case, Random(seed))))
        assert all(words in told for words in PLANTED[node_type]), told


class AnotherDropout(LSTM):
    dropout: Probability = 0.1


class AnotherBias(Linear):
    bias: bool = False


class AnotherProbability(Dropout):
    p: Probability = 0.1


@pytest.mark.parametrize(
    ("node_type", "told"),
    [
        (AnotherDropout, "dropout is 0.1, but 0.0 in PyTorch"),
        (AnotherBias, "bias is False, but True in PyTorch"),
        (AnotherProbability, "p is 0.1, but 0.5 in PyTorch"),
    ],
)
def test_a_wrong_default_is_told(node_type, told):
    assert strange_defaults(node_type) == [told]


class NoPage(Tanh):
    pass


class NoFullStop(Tanh):
    """Squeeze each number"""


class Described(Tanh):
    """Squeeze each number.

    Parameters:
        depth: how often.
    """

    times: Size = 1


class NoWords(Tanh):
    """Squeeze each number."""

    input = Input("...")


class UnknownSize(Tanh):
    """Squeeze each number."""

    input = Input("B T C", "any numbers")
    output = Output("B T half", "the function of each")


@pytest.mark.parametrize(
    ("node_type", "told"),
    [
        (NoPage, ["no first sentence: ''"]),
        (NoFullStop, ["no first sentence: 'Squeeze each number'"]),
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
def test_a_gap_in_the_manual_is_told(node_type, told):
    assert undocumented(node_type) == told


class Moody(FeedForward):
    moods: ClassVar = cycle(("relu", "gelu"))

    def expand(self, dims: Bindings):
        told = {name: getattr(self, name) for name in FeedForward.model_fields}
        return FeedForward(**{**told, "activation": next(self.moods)}).expand(dims)


def test_a_composite_that_is_not_its_expansion_is_told():
    (told,) = unlike_expansion(situation(Case(Moody()), Random(0)))
    assert told.startswith("output: the expansion gives tensor(")


def test_an_attention_that_keeps_its_word_is_left_alone():
    here = situation(Case(MultiHeadAttention(num_heads=6), sizes=SELF), Random(0))
    assert broken_promises(here) == unlike_expansion(here) == []


def test_a_node_that_does_not_come_back_from_a_file_is_told():
    assert lost_in_a_file(NoPage()) == [
        "NoPage() comes back as Unknown(type='NoPage', parameters={})"
    ]


def test_code_that_does_not_take_what_the_ports_give_is_told_at_once():
    with pytest.raises(TypeError, match="forward takes"):

        class Misnamed(Tanh):
            category = Category.ACTIVATION

            def forward(self, context, x):
                return x
