"""What the manual pages of the nodes promise, computed from formulas without PyTorch layers."""

import math
from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

from nodes.activation.elu import ELU
from nodes.activation.gelu import GELU
from nodes.activation.leaky_relu import LeakyReLU
from nodes.activation.log_softmax import LogSoftmax
from nodes.activation.relu import ReLU
from nodes.activation.sigmoid import Sigmoid
from nodes.activation.silu import SiLU
from nodes.activation.softmax import Softmax
from nodes.activation.softplus import Softplus
from nodes.activation.tanh import Tanh
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.node import Node
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.causal_mask import CausalMask
from nodes.masks.length_mask import LengthMask
from nodes.masks.window_mask import WindowMask
from nodes.merge.affine import Affine
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.normalization.scale_norm import ScaleNorm
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds
from nodes.position.position_ids import PositionIds
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.formulas import B, C, T, assert_close, compiled, numbers, weights

# -- functions of one tensor -----------------------------------------------------------------------


def phi(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def tanh_gelu(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


ELEMENTWISE: list[tuple[Node, Callable[[float], float]]] = [
    (ReLU(), lambda x: max(0.0, x)),
    (GELU(), lambda x: x * phi(x)),
    (GELU(approximate="tanh"), tanh_gelu),
    (SiLU(), lambda x: x / (1 + math.exp(-x))),
    (Tanh(), lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))),
    (Sigmoid(), lambda x: 1 / (1 + math.exp(-x))),
    (LeakyReLU(negative_slope=0.3), lambda x: x if x > 0 else 0.3 * x),
    (ELU(alpha=0.4), lambda x: x if x > 0 else 0.4 * (math.exp(x) - 1)),
    (Softplus(), lambda x: math.log(1 + math.exp(x))),
    (Affine(scale=-2.0, shift=0.5), lambda x: -2 * x + 0.5),
]


@pytest.mark.parametrize(("node", "formula"), ELEMENTWISE, ids=lambda one: str(one)[:20])
def test_an_elementwise_node_computes_its_formula(node, formula):
    x = 3 * numbers(B, T, C)
    expected = torch.tensor([formula(one) for one in x.flatten().tolist()], dtype=x.dtype)
    assert_close(compiled(node, input=(B, T, C))(x), expected.view(B, T, C))


def test_softmax_sums_to_one_and_log_softmax_is_its_logarithm():
    x = numbers(B, T, C)
    probabilities = compiled(Softmax(dim=1), input=(B, T, C))(x)
    assert_close(probabilities, x.exp() / x.exp().sum(1, keepdim=True))
    assert_close(compiled(LogSoftmax(dim=1), input=(B, T, C))(x), probabilities.log())


def test_dropout_keeps_the_expected_value_and_is_the_identity_in_evaluation():
    module = compiled(Dropout(p=0.25), input=(B, T, C))
    x = numbers(B, T, C)
    assert_close(module(x), x)
    dropped = module.train()(x)
    kept = dropped != 0
    assert not kept.all()
    assert_close(dropped[kept], x[kept] / 0.75)


@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_normalizations_compute_their_formulas(eps):
    x = 5 * numbers(B, T, C) + 2
    mean = x.mean(-1, keepdim=True)
    layer = compiled(LayerNorm(eps=eps), input=(B, T, C))
    variance = (x - mean).square().mean(-1, keepdim=True)
    assert_close(layer(x), (x - mean) / (variance + eps).sqrt())
    rms = compiled(RMSNorm(eps=eps), input=(B, T, C))
    assert_close(rms(x), x / (x.square().mean(-1, keepdim=True) + eps).sqrt())
    scale = compiled(ScaleNorm(eps=eps), input=(B, T, C))
    assert weights(scale)["scale"].item() == pytest.approx(math.sqrt(C), rel=1e-6)
    length = x.square().sum(-1, keepdim=True).sqrt().clamp(min=eps)
    assert_close(scale(x), weights(scale)["scale"] * x / length)


# -- embedding and positions -----------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "factor"), [(1.0, 1.0), (0.5, 0.5), ("sqrt", math.sqrt(8))])
def test_an_embedding_is_a_scaled_look_up_and_refuses_other_ids(scale, factor):
    node = Embedding(num_embeddings=5, embedding_dim=8, scale=scale)
    module, ids = compiled(node, input=(B, T)), torch.randint(5, (B, T))
    assert_close(module(ids), factor * weights(module)["weight"][ids])
    with pytest.raises(IndexError):
        module(ids + 5)


def test_sinusoids_alternate_and_have_growing_wavelengths():
    encoding = compiled(SinusoidalEncoding(base=100.0), input=(1, T, C))(
        torch.zeros(1, T, C, dtype=torch.float64)
    )[0]
    for p in range(T):
        for i in range(C // 2):
            angle = p / 100 ** (2 * i / C)
            assert encoding[p, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert encoding[p, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_positions_are_counted_from_zero():
    assert compiled(PositionIds(), input=(B, T, C))(numbers(B, T, C)).tolist() == [*range(T)]
    learned = compiled(LearnedEncoding(max_length=9), input=(B, T, C))
    x = numbers(B, T, C)
    assert_close(learned(x), x + weights(learned)["weight"][:T])


def test_padded_positions_count_the_valid_steps():
    padding = 1
    ids = torch.tensor([[5, 6, 7, 1, 1], [1, 1, 5, 6, 7], [1, 1, 1, 1, 1]])
    plain = compiled(PaddedPositionIds(), mask=(3, 5))(ids != padding)
    assert plain.tolist() == [[0, 1, 2, 0, 0], [0, 0, 0, 1, 2], [0] * 5]
    node = PaddedPositionIds(offset=padding + 1, padding=padding)
    of_roberta = (ids != padding).int().cumsum(1) * (ids != padding) + padding
    assert compiled(node, mask=(3, 5))(ids != padding).equal(of_roberta)
    assert compiled(PositionIds(offset=2), input=(B, 4, C))(numbers(B, 4, C)).tolist() == [
        2,
        3,
        4,
        5,
    ]


@pytest.mark.parametrize("node", [LearnedEncoding(max_length=9), SinusoidalEncoding()])
@pytest.mark.parametrize("shape", [(T,), (B, T), (B, 1)], ids=str)
def test_an_encoding_takes_the_positions_of_the_caller(node, shape):
    module = compiled(node, input=(B, T, C), positions=shape)
    counted = compiled(node, input=(B, 9, C))
    counted.load_state_dict(module.state_dict())
    x, ids = numbers(B, T, C), torch.randint(9, shape)
    rows = counted(torch.zeros(B, 9, C, dtype=x.dtype))[0][ids.expand(B, T)]
    assert_close(module(x, ids), x + rows)


def rotate_pairs(x: Tensor, pairs: list[tuple[int, int]], base: float) -> Tensor:
    """Rotate pairs of channels of x (T, D) by p * base^(-i / half)."""
    rotated = x.clone()
    for p, row in enumerate(x.tolist()):
        for i, (first, second) in enumerate(pairs):
            angle = p * base ** (-i / len(pairs))
            a, b = row[first], row[second]
            rotated[p, first] = a * math.cos(angle) - b * math.sin(angle)
            rotated[p, second] = a * math.sin(angle) + b * math.cos(angle)
    return rotated


def test_rotary_pairs_the_halves_of_a_head():
    half = C // 2
    x = numbers(1, 1, T, C)
    rotated = compiled(RotaryEncoding(base=100.0), input=(1, 1, T, C))(x)[0, 0]
    halves = [(i, i + half) for i in range(half)]
    torch.testing.assert_close(rotated, rotate_pairs(x[0, 0], halves, 100.0), rtol=1e-5, atol=1e-5)


def test_rotary_of_neighbouring_channels_is_a_permutation_of_channels_away():
    half = C // 2
    x = numbers(T, C)
    neighbours = rotate_pairs(x, [(2 * i, 2 * i + 1) for i in range(half)], 100.0)
    order = [*range(0, C, 2), *range(1, C, 2)]
    module = compiled(RotaryEncoding(base=100.0), input=(1, 1, T, C))
    permuted = module(x[None, None][..., order])[0, 0]
    torch.testing.assert_close(permuted, neighbours[:, order], rtol=1e-5, atol=1e-5)


# -- recurrent -------------------------------------------------------------------------------------


def gates(w: dict[str, Tensor], x: Tensor, h: Tensor, count: int) -> tuple[list, list]:
    """Return the input's and the state's part of each gate."""
    from_x = w["weight_ih_l0"] @ x + w["bias_ih_l0"]
    from_h = w["weight_hh_l0"] @ h + w["bias_hh_l0"]
    return list(from_x.chunk(count)), list(from_h.chunk(count))


def rnn_step(w: dict[str, Tensor], x: Tensor, state: tuple) -> tuple:
    (a,), (b,) = gates(w, x, state[0], 1)
    return ((a + b).tanh(),)


def gru_step(w: dict[str, Tensor], x: Tensor, state: tuple) -> tuple:
    (r, z, n), (r_h, z_h, n_h) = gates(w, x, state[0], 3)
    reset, update = (r + r_h).sigmoid(), (z + z_h).sigmoid()
    return ((1 - update) * (n + reset * n_h).tanh() + update * state[0],)


def lstm_step(w: dict[str, Tensor], x: Tensor, state: tuple) -> tuple:
    of_x, of_h = gates(w, x, state[0], 4)
    i, f, g, o = (a + b for a, b in zip(of_x, of_h, strict=True))
    cell = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
    hidden = o.sigmoid() * cell.tanh()
    return (w["weight_hr_l0"] @ hidden if "weight_hr_l0" in w else hidden), cell


@pytest.mark.parametrize(
    ("node", "step"),
    [
        (RNN(hidden_size=5), rnn_step),
        (GRU(hidden_size=5), gru_step),
        (LSTM(hidden_size=5), lstm_step),
        (LSTM(hidden_size=5, proj_size=2), lstm_step),
    ],
    ids=["RNN", "GRU", "LSTM", "LSTM with a projection"],
)
def test_a_recurrent_node_computes_its_formula(node, step):
    module, x = compiled(node, input=(B, T, C)), numbers(B, T, C)
    w = weights(module)
    output = module(x)
    for row, given in zip(output, x, strict=True):
        size = row.shape[-1]
        state = (torch.zeros(size).double(), torch.zeros(5).double())[: 1 + (step is lstm_step)]
        for ours, vector in zip(row, given, strict=True):
            state = step(w, vector, state)
            assert_close(ours, state[0])


def test_a_gru_is_not_the_one_of_the_paper_and_is_smaller_than_an_lstm():
    gru, x = compiled(GRU(hidden_size=5), input=(1, 1, C), initial_hidden=(1, 1, 5)), numbers(C)
    w, state = weights(gru), numbers(5)
    (r, z, n), (r_h, z_h, _) = gates(w, x, state, 3)
    reset, update = (r + r_h).sigmoid(), (z + z_h).sigmoid()
    inside = w["weight_hh_l0"].chunk(3)[2] @ (reset * state) + w["bias_hh_l0"].chunk(3)[2]
    paper = (1 - update) * (n + inside).tanh() + update * state
    ours = gru(x[None, None], state[None, None])[0, 0]
    assert_close(ours, gru_step(w, x, (state,))[0])
    assert (ours - paper).abs().max() > 1e-3
    lstm = compiled(LSTM(hidden_size=5), input=(1, 1, C))
    count = [sum(one.numel() for one in module.parameters()) for module in (gru, lstm)]
    assert 4 * count[0] == 3 * count[1]


# -- linear maps -----------------------------------------------------------------------------------


def test_linear_and_matrix_products_compute_their_formulas():
    linear, x = compiled(Linear(out_features=4), input=(B, T, C)), numbers(B, T, C)
    w = weights(linear)
    assert_close(linear(x), torch.einsum("btc,oc->bto", x, w["weight"]) + w["bias"])
    multiply = compiled(MatMul(transpose_right=True, scale="sqrt"), left=(B, T, C), right=(B, 5, C))
    other = numbers(B, 5, C)
    assert_close(multiply(x, other), torch.einsum("btc,bsc->bts", x, other) / math.sqrt(C))


def test_feed_forward_networks_compute_their_formulas():
    x = numbers(B, T, C)
    plain = compiled(FeedForward(), input=(B, T, C))
    w = weights(plain)
    hidden = (x @ w["up.weight"].T + w["up.bias"]).clamp(min=0)
    assert hidden.shape[-1] == 4 * C
    assert_close(plain(x), hidden @ w["down.weight"].T + w["down.bias"])
    gated = compiled(GatedFeedForward(hidden_size=8 * C // 3), input=(B, T, C))
    w = weights(gated)
    gate = x @ w["gate.weight"].T
    hidden = gate * gate.sigmoid() * (x @ w["up.weight"].T)
    assert_close(gated(x), hidden @ w["down.weight"].T)
    matrices = [p.numel() for p in plain.parameters() if p.dim() == 2]
    assert sum(p.numel() for p in gated.parameters()) == sum(matrices)


# -- attention -------------------------------------------------------------------------------------


def test_heads_are_consecutive_channels_and_merging_is_the_inverse_of_splitting():
    x = numbers(B, T, C)
    split = compiled(SplitHeads(num_heads=3), input=(B, T, C))(x)
    for head in range(3):
        assert split[:, head].equal(x[..., 2 * head : 2 * head + 2])
    assert compiled(MergeHeads(), input=(B, 3, T, 2))(split).equal(x)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention_computes_its_formula_for_groups_of_query_heads(causal, scale):
    node = ScaledDotProductAttention(causal=causal, scale=scale)
    shapes = {"query": (B, 4, T, C), "key": (B, 2, T, C), "value": (B, 2, T, 5)}
    module = compiled(node, ("output", "attention"), **shapes, mask=(B, 1, T, T))
    query, key, value = (numbers(*shape) for shape in shapes.values())
    mask = torch.rand(B, 1, T, T) < 0.6
    mask[0, 0, 2] = False
    output, attention = module(query, key, value, mask)
    for b, head, t in product(range(B), range(4), range(T)):
        seen = [s for s in range(T) if mask[b, 0, t, s] and (s <= t or not causal)]
        scores = key[b, head // 2] @ query[b, head, t] * (scale or C**-0.5)
        expected = torch.zeros(T, dtype=torch.float64)
        expected[seen] = scores[seen].softmax(0)
        assert_close(attention[b, head, t], expected)
        assert_close(output[b, head, t], expected @ value[b, head // 2])


@pytest.mark.parametrize("shape", [(), (T,)], ids=["one value", "one for each key"])
def test_a_mask_of_few_dimensions_is_broadcast(shape):
    module = compiled(MultiHeadAttention(num_heads=2), query=(B, T, C), mask=shape)
    full = compiled(MultiHeadAttention(num_heads=2), query=(B, T, C), mask=(B, 1, T, T))
    full.load_state_dict(module.state_dict())
    x, mask = numbers(B, T, C), torch.ones(shape, dtype=torch.bool)
    if shape:
        mask[1] = False
    assert_close(module(x, mask), full(x, mask.expand(B, 1, T, T)))


def test_a_step_that_attends_to_nothing_gets_the_bias_of_the_output_projection():
    module = compiled(MultiHeadAttention(num_heads=2), query=(B, T, C), key_mask=(B, T))
    mask = torch.ones(B, T, dtype=torch.bool)
    mask[1] = False
    output = module(numbers(B, T, C), mask)
    assert_close(output[1], weights(module)["out.bias"].expand(T, C))


def test_masks_compute_their_formulas():
    x = numbers(B, T, C)
    steps = range(T)
    causal = compiled(CausalMask(), input=(B, T, C))(x)
    assert causal.tolist() == [[j <= i for j in steps] for i in steps]
    window = compiled(WindowMask(window=3), input=(B, T, C))(x)
    assert window.tolist() == [[0 <= i - j < 3 for j in steps] for i in steps]
    both = compiled(WindowMask(window=3, causal=False), input=(B, T, C))(x)
    assert both.tolist() == [[abs(i - j) < 3 for j in steps] for i in steps]
    lengths = torch.tensor([0, 4, T])
    length = compiled(LengthMask(), lengths=(B,), input=(B, T, C))(lengths, x)
    assert length.tolist() == [[t < n for t in steps] for n in lengths.tolist()]
