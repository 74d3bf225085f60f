"""What the manual pages of the nodes along the time axis promise, computed from formulas."""

from itertools import product

import pytest
import torch

from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.merge.split import Split
from nodes.pooling.first_step import FirstStep
from nodes.pooling.last_step import LastStep
from nodes.pooling.max_pooling import MaxPooling
from nodes.pooling.mean_pooling import MeanPooling
from nodes.reshape.select import Select
from nodes.reshape.shift_right import ShiftRight
from nodes.reshape.slice import Slice
from tests.formulas import B, C, T, assert_close, compiled, numbers, weights


@pytest.mark.parametrize(
    "node",
    [
        Conv1d(out_channels=4, kernel_size=3),
        Conv1d(out_channels=4, kernel_size=3, padding=2, stride=2),
        Conv1d(out_channels=4, kernel_size=2, padding="causal", dilation=3),
        Conv1d(out_channels=4, kernel_size=3, padding="causal", stride=2),
        Conv1d(out_channels=4, kernel_size=3, padding="same", dilation=2),
        Conv1d(out_channels=4, kernel_size=2, groups=2, bias=False),
    ],
    ids=str,
)
def test_a_convolution_computes_its_formula(node):
    module, x = compiled(node, input=(B, T, C)), numbers(B, T, C)
    w, output = weights(module), module(x)
    reach = node.dilation * (node.kernel_size - 1)
    before = {"causal": reach, "same": reach // 2}.get(node.padding, node.padding)
    after = {"causal": 0, "same": reach - before}.get(node.padding, node.padding)
    assert output.shape[1] == (T + before + after - reach - 1) // node.stride + 1
    inner, rows = C // node.groups, 4 // node.groups
    for t, channel in product(range(output.shape[1]), range(4)):
        first = channel // rows * inner
        total = w["bias"][channel] if node.bias else torch.zeros(())
        steps = {k: node.stride * t + node.dilation * k - before for k in range(node.kernel_size)}
        for k, step in steps.items():
            if 0 <= step < T:
                total = total + w["weight"][channel, :, k] @ x[:, step, first : first + inner].T
        assert_close(output[:, t, channel], total.expand(B).double())


@pytest.mark.parametrize("node", [MaxPool1d(), MaxPool1d(kernel_size=3, stride=1, padding=1)])
def test_max_pooling_takes_the_maximum_of_each_window(node):
    module, x = compiled(node, input=(B, T, C)), numbers(B, T, C) - 10
    output, stride = module(x), node.stride or node.kernel_size
    assert output.shape[1] == (T + 2 * node.padding - node.kernel_size) // stride + 1
    for t in range(output.shape[1]):
        start = stride * t - node.padding
        window = x[:, max(0, start) : start + node.kernel_size]
        assert_close(output[:, t], window.amax(1))


@pytest.mark.parametrize("with_lengths", [False, True], ids=["mask", "lengths"])
def test_pooling_reads_the_valid_steps_and_gives_zeros_without_any(with_lengths):
    x, lengths = numbers(B, T, C), torch.tensor([0, 4, T])
    given = lengths if with_lengths else torch.arange(T) < lengths[:, None]
    port = {"lengths": (B,)} if with_lengths else {"mask": (B, T)}
    for node, pool in (
        (MeanPooling(), lambda steps: steps.mean(0)),
        (MaxPooling(), lambda steps: steps.amax(0)),
        (LastStep(), lambda steps: steps[-1]),
    ):
        output = compiled(node, input=(B, T, C), **port)(x, given)
        assert output[0].eq(0).all()
        for row in (1, 2):
            assert_close(output[row], pool(x[row, : lengths[row]]))
    assert compiled(FirstStep(), input=(B, T, C))(x).equal(x[:, 0])


def test_slices_and_shifts_follow_python():
    x = numbers(B, T, C)
    assert compiled(Slice(start=1, stop=-1, step=2), input=(B, T, C))(x).equal(x[:, 1:-1:2])
    assert compiled(Select(dim=-1, index=-2), input=(B, T, C))(x).equal(x[..., -2])
    shifted = compiled(ShiftRight(steps=2, fill=-3), input=(B, T, C))(x)
    assert shifted[:, :2].eq(-3).all()
    assert shifted[:, 2:].equal(x[:, :-2])
    first, second = compiled(Split(size=2), ("first", "second"), input=(B, T, C))(x)
    assert first.equal(x[..., :2])
    assert second.equal(x[..., 2:])
