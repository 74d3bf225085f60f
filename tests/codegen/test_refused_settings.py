"""Settings that would be dropped silently, or crash at run time, are problems at their place."""

import warnings

import pytest
import torch

from codegen.check import Severity, check
from codegen.compile import compile_model
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.node import Node
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.pooling.mean_pooling import MeanPooling
from nodes.position.learned_encoding import LearnedEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.reshape.reshape import Reshape
from nodes.reshape.shift_right import ShiftRight
from nodes.reshape.slice import Slice
from nodes.reshape.transpose import Transpose
from tests.codegen.drawing import block, chain, change, connect, put, value, with_blocks
from tests.codegen.running import instantiate, network

# -- dropout of one recurrent layer ----------------------------------------------------------------

ONE_LAYER = {
    "LSTM": chain(LSTM(hidden_size=8, dropout=0.5)),
    "GRU": chain(GRU(hidden_size=8, dropout=0.5)),
    "RNN": chain(RNN(hidden_size=8, dropout=0.5, bidirectional=True)),
    "layers by a hyperparameter": chain(LSTM(num_layers="n", dropout=0.5), n=1),
    "layers by an expression": chain(LSTM(num_layers="n - 1", dropout=0.5), n=2),
    "dropout by a hyperparameter": chain(LSTM(dropout="p"), p=0.5),
    "both": chain(GRU(num_layers="n", dropout="p"), n=1, p=0.5),
    "before another layer": chain(LSTM(dropout=0.5), LSTM()),
    "in a block": with_blocks(Block(block="B"), B=block(GRU(hidden_size=64, dropout=0.5))),
}


def warnings_of(model: Model) -> list[str]:
    return [
        str(problem.location)
        for problem in check(model).problems
        if problem.severity is Severity.WARNING
    ]


@pytest.mark.parametrize("model", ONE_LAYER.values(), ids=ONE_LAYER)
def test_dropout_of_one_layer_is_a_warning_that_its_remedies_resolve(model):
    (problem,) = check(model).problems
    assert problem.severity is Severity.WARNING
    assert problem.location.node == "a"
    assert problem.location.parameter == "dropout"
    assert "expected at least 2 layers" in problem.message
    assert [remedy.title for remedy in problem.remedies] == [
        "Move dropout to a Dropout after a",
        "Set dropout to 0.0",
    ]
    for remedy in problem.remedies:
        after = check(remedy.apply(model))
        assert after.ok
        assert warnings_of(remedy.apply(model)) == []


@pytest.mark.parametrize("model", ONE_LAYER.values(), ids=ONE_LAYER)
def test_moved_dropout_is_applied(model):
    (problem,) = check(model).problems
    moved = problem.remedies[0].apply(model)
    assert any(isinstance(n, Dropout) for g in moved.graphs.values() for n in g.nodes.values())
    module, x = network(moved), torch.randn(2, 5, 64)
    assert not torch.equal(module(x), module(x))
    assert torch.equal(module.eval()(x), module(x))


@pytest.mark.parametrize("name", ["LSTM", "both", "dropout by a hyperparameter"])
def test_dropout_of_one_layer_is_not_left_out_of_the_code(name):
    source = compile_model(ONE_LAYER[name]).source
    assert "dropout=" in source
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        instantiate(source)


@pytest.mark.parametrize(
    "model",
    [
        chain(LSTM(num_layers=2, dropout=0.5)),
        chain(LSTM(num_layers="n", dropout="p"), n=2, p=0.5),
        chain(GRU(num_layers="n", dropout="p"), n=1, p=0.0),
    ],
    ids=["two layers", "two layers by a hyperparameter", "no dropout"],
)
def test_dropout_that_is_applied_or_zero_is_no_problem(model):
    assert check(model).problems == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = network(model)
    x = torch.randn(2, 5, 64)
    is_applied = module.a.dropout > 0
    assert torch.equal(module(x), module(x)) is not is_applied


def test_the_warning_follows_a_hyperparameter():
    model = chain(LSTM(num_layers="n", dropout=0.5), n=2)
    assert warnings_of(model) == []
    assert warnings_of(value(model, "n", 1)) == ["a.dropout"]


def test_a_layer_of_which_only_the_state_is_read_is_not_given_a_dropout():
    model = connect(chain(GRU(dropout=0.5)), "a.hidden", "y.input")
    (problem,) = check(model).problems
    assert [remedy.title for remedy in problem.remedies] == ["Set dropout to 0.0"]


# -- fills that are no ids -------------------------------------------------------------------------


def shifted(*nodes: Node, **sizes: float) -> Model:
    return chain(*nodes, Embedding(num_embeddings=30, embedding_dim=8), start=TokenInput(), **sizes)


WRONG_FILLS = {
    "negative": (shifted(ShiftRight(fill=-1)), "a", "expected a token id, 0 or above, got -1"),
    "negative by a hyperparameter": (
        shifted(ShiftRight(fill="n - 2"), n=1),
        "a",
        "expected a token id, 0 or above, got n - 2",
    ),
    "a negative length": (
        chain(Reshape(pattern="B -> B 1"), ShiftRight(fill=-1), start=LengthInput()),
        "b",
        "expected a length, 0 or above, got -1",
    ),
    "the number of ids": (
        shifted(ShiftRight(fill=30)),
        "a",
        "expected an id below num_embeddings = 30 of b, got 30",
    ),
    "far beyond": (
        shifted(ShiftRight(fill=10**6)),
        "a",
        "expected an id below num_embeddings = 30 of b, got 1000000",
    ),
    "through other nodes": (
        shifted(ShiftRight(fill=31), Slice(start=1), ShiftRight(fill=2), Transpose(dim0=0, dim1=1)),
        "a",
        "expected an id below num_embeddings = 30 of e, got 31",
    ),
    "by a hyperparameter": (
        shifted(ShiftRight(fill="v"), v=30),
        "a",
        "expected an id below num_embeddings = 30 of b, got v",
    ),
}


@pytest.mark.parametrize(("model", "node", "message"), WRONG_FILLS.values(), ids=WRONG_FILLS)
def test_a_fill_that_is_no_id_is_refused_at_its_place(model, node, message):
    (problem,) = check(model).errors
    assert (str(problem.location), problem.message) == (f"{node}.fill", message)
    assert problem.remedies
    for remedy in problem.remedies:
        assert check(remedy.apply(model)).ok


def test_a_fill_is_followed_into_blocks_and_out_of_them():
    tokens = {"kind": "token ids", "shape": "B T"}
    looked_up = block(Embedding(num_embeddings=30, embedding_dim=8))
    looked_up = looked_up.with_node("x", BlockInput(**tokens))
    made = block(ShiftRight(fill=30)).with_node("x", BlockInput(**tokens))
    blocks = {"Shift": made, "Look": looked_up}
    model = with_blocks(Block(block="Shift"), **blocks)
    model = put(put(model, "x", TokenInput()), "look", Block(block="Look"))
    model = connect(connect(model, "stack.out", "look.x"), "look.out", "y.input")
    (problem,) = check(model).errors
    assert (problem.location.graph, problem.location.node) == ("Shift", "a")
    for remedy in problem.remedies:
        assert check(remedy.apply(model)).ok


@pytest.mark.parametrize("fill", [0, 29, "v - 1"])
def test_a_fill_that_is_an_id_is_no_problem(fill):
    model = shifted(ShiftRight(fill=fill), v=30)
    assert check(model).ok
    tokens = torch.randint(30, (2, 5))
    assert network(model)(tokens).shape == (2, 5, 8)


def test_a_start_token_of_its_own_is_no_problem():
    embedding = Embedding(num_embeddings="v + 1", embedding_dim=8)
    model = chain(ShiftRight(fill="v"), embedding, start=TokenInput(), v=30)
    assert check(model).ok
    assert network(model)(torch.randint(30, (2, 5))).isfinite().all()


@pytest.mark.parametrize("fill", [-1, 30])
def test_a_fill_of_features_may_be_any_number(fill):
    assert check(chain(ShiftRight(fill=fill))).problems == ()


@pytest.mark.parametrize(("fill", "ok"), [(0, True), (1, True), (2, False), (-1, False)])
def test_the_fill_of_a_mask_is_0_or_1(fill, ok):
    model = put(put(chain(MeanPooling()), "m", MaskInput()), "shift", ShiftRight(fill=fill))
    model = connect(connect(model, "m.output", "shift.input"), "shift.output", "a.mask")
    assert [str(problem.location) for problem in check(model).errors] == [
        "shift.fill" for _ in range(not ok)
    ]


@pytest.mark.parametrize("fill", [0.5, True, "0.5", None])
def test_a_fill_that_is_no_whole_number_is_refused(fill):
    with pytest.raises(ValueError, match="fill"):
        change(shifted(ShiftRight()), "a", fill=fill)


# -- positions that run out ------------------------------------------------------------------------


def test_a_sequence_beyond_the_learned_positions_is_refused_by_the_generated_code():
    module = network(chain(LearnedEncoding(max_length=6)))
    assert module(torch.randn(2, 6, 64)).shape == (2, 6, 64)
    with pytest.raises(ValueError, match="expected at most 6 time steps, got 7"):
        module(torch.randn(2, 7, 64))


# -- masks of another dtype ------------------------------------------------------------------------


def pooled() -> Model:
    return connect(put(chain(MeanPooling()), "real", MaskInput()), "real.output", "a.mask")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.uint8])
def test_a_mask_that_is_not_boolean_is_refused_by_the_generated_code(dtype):
    module, mask = network(pooled()), torch.ones(2, 5, dtype=torch.bool)
    assert module(torch.randn(2, 5, 64), mask).shape == (2, 64)
    with pytest.raises(TypeError, match=r"real: expected a boolean mask, True at valid steps, got"):
        module(torch.randn(2, 5, 64), mask.to(dtype))


def test_the_generated_docstring_states_dtype_and_polarity_of_a_mask():
    module = network(pooled())
    assert "`real` is boolean: True at valid steps, False at padding." in module.forward.__doc__


@pytest.mark.parametrize("name", ["check_mask", "causal_mask", "mean_pool", "length_mask"])
def test_a_variable_does_not_shadow_a_function_of_the_file(name):
    model = connect(put(chain(MeanPooling()), name, MaskInput()), f"{name}.output", "a.mask")
    mask = torch.ones(2, 5, dtype=torch.bool)
    assert network(model)(torch.randn(2, 5, 64), mask).shape == (2, 64)
