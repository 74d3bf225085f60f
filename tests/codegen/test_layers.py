"""The layers that PyTorch lacks compute their formulas."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from codegen.layers.attention_weights import (
    AttentionWithSinks,
    attend,
    attention_scores,
    masked_bias,
    soft_cap,
)
from codegen.layers.mask_functions import (
    causal_mask,
    last_steps_mask,
    length_mask,
    window_mask,
)
from codegen.layers.packed_sequence import run_packed
from codegen.layers.position_bias import RelativePositionBias, alibi
from codegen.layers.positions import (
    add_sinusoids,
    count_positions,
    positions_within,
)
from codegen.layers.rotary_tables import rotary_tables, rotate
from codegen.layers.scale_modules import ScaleNorm
from codegen.layers.sequence_pooling import last_step, max_pool, mean_pool
from codegen.layers.shifted_sequence import shift_right
from codegen.layers.width_scale import divide_by_width, scale_by_width

pytestmark = pytest.mark.slow

B, H, T, S, D = 2, 4, 5, 7, 6
LENGTHS = torch.tensor([3, 5])
CPU = torch.device("cpu")


def numbers(*shape):
    """Return the same random numbers every time."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


# -- attention -------------------------------------------------------------------------------------


def attention_inputs(key_heads=H):
    return numbers(B, H, T, D), numbers(B, key_heads, S, D), numbers(B, key_heads, S, D + 1)


def attend_by_hand(query, key, value, attn_mask=None, dropout_p=0.0, scale=None):
    return attend(attention_scores(query, key, scale), value, attn_mask, dropout_p)


@pytest.mark.parametrize("options", [{}, {"scale": 0.3}, {"attn_mask": numbers(T, S) > -1}])
def test_attend_equals_scaled_dot_product_attention(options):
    query, key, value = attention_inputs()
    expected = F.scaled_dot_product_attention(query, key, value, **options)
    close(attend_by_hand(query, key, value, **options)[0], expected)


@pytest.mark.parametrize("key_heads", [1, 2])
def test_attend_supports_grouped_queries_as_pytorch_does(key_heads):
    query, key, value = attention_inputs(key_heads)
    expected = F.scaled_dot_product_attention(query, key, value, enable_gqa=True)
    output, weights = attend_by_hand(query, key, value)
    close(output, expected)
    assert weights.shape == (B, H, T, S)


def test_attention_weights_sum_to_one():
    _, weights = attend_by_hand(*attention_inputs(), numbers(T, S) > -1)
    close(weights.sum(dim=-1), torch.ones(B, H, T))


def test_a_fully_masked_query_gets_zeros():
    mask = torch.ones(T, S, dtype=torch.bool)
    mask[2] = False
    output, weights = attend_by_hand(*attention_inputs(), mask)
    close(output, F.scaled_dot_product_attention(*attention_inputs(), attn_mask=mask))
    assert not output[:, :, 2].any()
    assert not weights[:, :, 2].any()


def test_a_fully_masked_query_has_finite_gradients():
    query, key, value = (x.requires_grad_() for x in attention_inputs())
    attend_by_hand(query, key, value, torch.zeros(T, S, dtype=torch.bool))[0].sum().backward()
    assert query.grad.isfinite().all()
    assert key.grad.isfinite().all()


def test_dropout_changes_the_output_and_not_the_returned_weights():
    query, key, value = attention_inputs()
    output, weights = attend_by_hand(query, key, value, dropout_p=0.9)
    expected, weights_without_dropout = attend_by_hand(query, key, value)
    close(weights, weights_without_dropout)
    assert not torch.allclose(output, expected)


def test_a_bias_with_a_mask_is_an_additive_mask():
    query, key, value = attention_inputs()
    bias, mask = numbers(H, T, S), torch.rand(B, 1, T, S) > 0.5
    mask[0, 0, 1] = False
    by_hand, _ = attend(attention_scores(query, key) + bias, value, mask)
    options = {"attn_mask": masked_bias(bias, mask)}
    close(F.scaled_dot_product_attention(query, key, value, **options), by_hand)


def test_sinks_take_a_part_of_the_attention_and_give_nothing():
    query, key, value = attention_inputs()
    layer = AttentionWithSinks(H)
    mask = torch.ones(T, S, dtype=torch.bool)
    mask[2] = False
    scores = attention_scores(query, key)
    for sink in (-5.0, 0.7):
        nn.init.constant_(layer.weight, sink)
        output, weights = layer(scores, value, mask)
        exponentials = scores.exp() * mask
        close(weights, exponentials / (exponentials.sum(-1, keepdim=True) + math.exp(sink)))
        close(output, weights @ value)


def test_a_soft_cap_bounds_and_keeps_small_values():
    assert float(soft_cap(torch.tensor(1e6), 5.0)) == 5.0
    close(soft_cap(torch.tensor(1e-3), 5.0), torch.tensor(1e-3))


def test_linear_biases_have_the_slopes_of_the_paper():
    x = torch.zeros(1, 4, 1)
    eight = -alibi(x, x, 8)[:, 1, 0]
    close(eight, torch.tensor([2.0**-i for i in range(1, 9)]))
    three = -alibi(x, x, 3)[:, 1, 0]
    close(three, torch.tensor([2**-4, 2**-8, 2**-2]))
    close(
        alibi(x, x, 8)[0], -0.5 * torch.tensor([[abs(i - j) for j in range(4)] for i in range(4)])
    )


@pytest.mark.parametrize(
    ("bidirectional", "expected"),
    [
        (
            True,
            {0: 0, -1: 1, -7: 7, -8: 8, -127: 15, -500: 15, 1: 17, 7: 23, 8: 24, 127: 31, 500: 31},
        ),
        (False, {0: 0, 3: 0, -1: 1, -15: 15, -16: 16, -127: 31, -500: 31}),
    ],
)
def test_near_distances_have_buckets_of_their_own(bidirectional, expected):
    layer = RelativePositionBias(2, 32, 128, bidirectional)
    assert layer.bucket(torch.tensor([*expected])).tolist() == [*expected.values()]


# -- masks -----------------------------------------------------------------------------------------


def table(rule):
    return torch.tensor([[rule(row, column) for column in range(T)] for row in range(T)])


def test_a_window_after_earlier_steps_is_the_last_rows_of_the_whole():
    assert window_mask(2, 3, CPU, start=S - 2).equal(window_mask(S, 3, CPU)[-2:])


def test_a_causal_mask_excludes_later_steps():
    assert causal_mask(T, CPU).equal(table(lambda row, column: column <= row))


def test_the_last_steps_see_what_they_see_in_the_whole_sequence():
    key = numbers(B, 2, S, D)
    for length in range(2, S + 1):
        whole = causal_mask(S, CPU)
        assert last_steps_mask(numbers(B, H, length, D), key).equal(whole[S - length :])
    assert last_steps_mask(numbers(B, H, 1, D), key) is None


def test_a_causal_window_includes_the_last_steps():
    assert window_mask(T, 2, CPU).equal(table(lambda row, column: column in (row - 1, row)))


def test_a_window_includes_the_nearest_steps_on_both_sides():
    expected = table(lambda row, column: abs(row - column) <= 1)
    assert window_mask(T, 2, CPU, causal=False).equal(expected)


def test_a_window_as_long_as_the_sequence_is_a_causal_mask():
    assert window_mask(T, T, CPU).equal(causal_mask(T, CPU))


def test_a_length_mask_is_true_for_the_first_steps():
    assert length_mask(LENGTHS, T).int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


# -- positions -------------------------------------------------------------------------------------


def test_positions_begin_at_start():
    assert count_positions(numbers(B, 3, D), start=4).tolist() == [4, 5, 6]


def test_positions_beyond_the_limit_are_refused():
    assert positions_within(7, numbers(B, 3, D), start=4).equal(
        count_positions(numbers(B, 3, D), 4)
    )
    with pytest.raises(ValueError, match="expected at most 6 time steps, got 7"):
        positions_within(6, numbers(B, 3, D), start=4)


def test_sinusoids_follow_the_paper():
    for p, row in enumerate(add_sinusoids(torch.zeros(1, T, D))[0]):
        angles = [p / 10_000 ** (2 * i / D) for i in range(D // 2)]
        close(row, torch.tensor([f(angle) for angle in angles for f in (math.sin, math.cos)]))


def turned_by(x, start=0, base=10_000.0):
    steps = torch.arange(start, start + x.shape[-2])
    return rotate(x, rotary_tables(steps, x.shape[-1], base))


def test_rotation_is_multiplication_by_a_complex_number():
    x = numbers(B, H, T, D)
    frequency = 100.0 ** (-torch.arange(0, D, 2) / D)
    turn = torch.polar(torch.ones(T, D // 2), torch.outer(torch.arange(T).float(), frequency))
    turned = torch.complex(*x.chunk(2, dim=-1)) * turn
    close(turned_by(x, base=100.0), torch.cat((turned.real, turned.imag), dim=-1))


def test_rotated_products_depend_only_on_the_distance():
    query, key = numbers(1, 1, 1, D), numbers(1, 2, 1, D)[:, :1]
    near = turned_by(query, start=3) @ turned_by(key, start=1).mT
    far = turned_by(query, start=103) @ turned_by(key, start=101).mT
    torch.testing.assert_close(near, far, rtol=1e-4, atol=1e-4)


def test_rotation_and_sinusoids_begin_at_start():
    x, heads = numbers(B, T, D), numbers(B, H, T, D)
    close(add_sinusoids(x[:, 2:], start=2), add_sinusoids(x)[:, 2:])
    close(turned_by(heads[:, :, 2:], start=2), turned_by(heads)[:, :, 2:])


@pytest.mark.parametrize("add_position", [add_sinusoids, turned_by])
def test_position_encodings_keep_the_dtype(add_position):
    assert add_position(numbers(B, T, D).bfloat16()).dtype is torch.bfloat16


# -- pooling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (mean_pool, lambda steps: steps.mean(dim=0)),
        (max_pool, lambda steps: steps.amax(dim=0)),
        (last_step, lambda steps: steps[-1]),
    ],
)
def test_pooling_ignores_the_padding(pool, expected):
    x = numbers(B, T, D)
    alone = [expected(steps[:length]) for steps, length in zip(x, LENGTHS, strict=True)]
    close(pool(x, length_mask(LENGTHS, T)), torch.stack(alone))


def test_the_last_step_of_any_mask_is_selected():
    x = numbers(1, T, D)
    close(last_step(x, torch.tensor([[False, True, False, True, False]])), x[:, 3])


@pytest.mark.parametrize("pool", [mean_pool, max_pool, last_step])
def test_the_pool_of_no_steps_is_zero(pool):
    x = numbers(B, T, D).requires_grad_()
    pooled = pool(x, length_mask(torch.tensor([0, T]), T))
    assert not pooled[0].any()
    close(pooled[1:], pool(x[1:], torch.ones(1, T, dtype=torch.bool)))
    pooled.square().sum().backward()
    assert not x.grad[0].any()


@pytest.mark.parametrize("pool", [mean_pool, max_pool, last_step])
def test_what_stands_at_the_padding_does_not_matter(pool):
    x, mask = numbers(B, T, D), length_mask(LENGTHS, T)
    for filler in (float("nan"), float("inf"), -float("inf")):
        close(pool(x.masked_fill(~mask[..., None], filler), mask), pool(x, mask))


# -- recurrent networks ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_run_packed_equals_one_run_per_sequence(kind, bidirectional):
    rnn = kind(D, 3, num_layers=2, bidirectional=bidirectional, batch_first=True)
    x = numbers(B, T, D)
    output, state = run_packed(rnn, x, LENGTHS)
    for i, length in enumerate(LENGTHS):
        alone, last = rnn(x[i : i + 1, :length])
        close(output[i : i + 1, :length], alone)
        assert not output[i, length:].any()
        states, expected = (s if isinstance(s, tuple) else (s,) for s in (state, last))
        close([s[:, i : i + 1] for s in states], list(expected))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("begun", [False, True])
def test_a_sequence_of_no_steps_keeps_its_state(kind, begun):
    rnn = kind(D, 3, num_layers=2, batch_first=True)
    initial = numbers(2, B, 3) if begun else torch.zeros(2, B, 3)
    state = (initial, initial + 1) if kind is nn.LSTM and begun else initial
    output, last = run_packed(rnn, numbers(B, T, D), torch.tensor([0, 2]), state if begun else None)
    assert not output[0].any()
    assert output[1, :2].all()
    last, expected = (s[0] if isinstance(s, tuple) else s for s in (last, state))
    close(last[:, 0], expected[:, 0])
    assert (last[:, 1] != expected[:, 1]).any()


def test_run_packed_refuses_lengths_beyond_the_sequence():
    rnn = nn.GRU(D, 3, batch_first=True)
    with pytest.raises(ValueError, match=f"expected lengths of at most {T} steps, got {T + 1}"):
        run_packed(rnn, numbers(B, T, D), torch.tensor([T + 1, 2]))


def test_run_packed_begins_with_the_initial_state():
    rnn = nn.LSTM(D, 3, batch_first=True)
    state = numbers(1, B, 3), numbers(1, B, 4)[..., :3]
    full = torch.full((B,), T)
    close(run_packed(rnn, numbers(B, T, D), full, state)[0], rnn(numbers(B, T, D), state)[0])


# -- other layers ---------------------------------------------------------------------------------


def test_scale_norm_scales_vectors_to_one_norm():
    norm = ScaleNorm(D)
    close(norm(numbers(B, T, D)).norm(dim=-1), torch.full((B, T), math.sqrt(D)))
    with torch.no_grad():
        norm.scale.fill_(2.0)
    close(norm(100 * numbers(B, T, D)).norm(dim=-1), torch.full((B, T), 2.0))


def test_scale_norm_of_zeros_is_zero():
    assert not ScaleNorm(D)(torch.zeros(B, D)).any()


def test_scaling_by_the_width_is_by_its_square_root():
    x = numbers(B, T, D)
    close(scale_by_width(x), x * math.sqrt(D))
    close(divide_by_width(x), x / math.sqrt(D))


def test_vectors_of_no_channels_have_scores_of_zero():
    assert not attention_scores(numbers(B, H, T, 0), numbers(B, H, S, 0)).any()


def test_a_sequence_of_no_steps_is_divided_by_their_number():
    assert divide_by_width(numbers(B, D, 0)).shape == (B, D, 0)


@pytest.mark.parametrize(
    ("steps", "expected"), [(1, [9, 1, 2, 3]), (3, [9, 9, 9, 1]), (4, [9] * 4), (6, [9] * 4)]
)
def test_shift_right_fills_the_first_steps(steps, expected):
    assert shift_right(torch.tensor([[1, 2, 3, 4]]), steps, fill=9).tolist() == [expected]


def test_shift_right_moves_whole_vectors():
    x = numbers(B, T, D)
    shifted = shift_right(x)
    close(shifted[:, 1:], x[:, :-1])
    assert not shifted[:, 0].any()


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (attend_by_hand, (*attention_inputs(2), numbers(T, S) > 0)),
        (rotate, (numbers(B, H, T, D), (numbers(T, D), numbers(T, D)))),
        (add_sinusoids, (numbers(B, T, D),)),
        (max_pool, (numbers(B, T, D), length_mask(LENGTHS, T))),
        (last_step, (numbers(B, T, D), length_mask(LENGTHS, T))),
        (shift_right, (numbers(B, T, D),)),
        (ScaleNorm(D), (numbers(B, T, D),)),
    ],
    ids=lambda part: getattr(part, "__name__", None) or type(part).__name__,
)
def test_a_layer_compiles_to_one_graph(layer, inputs):
    torch.compiler.reset()
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    close(compiled(*inputs), layer(*inputs))
