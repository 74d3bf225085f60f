"""Operations along the time axis: positions, masks, pooling, convolution and recurrence."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError
from benchmarks.campaign.reference.rotations import check_positions


def position_ids(call: Call, input: Tensor) -> Tensor:
    steps = range(call.offset, call.offset + input.shape[1])
    return torch.tensor(steps, dtype=torch.int64)


def padded_position_ids(call: Call, mask: Tensor) -> Tensor:
    call.strict(mask.dtype == torch.bool, "kind")
    rows = []
    for row in mask.tolist():
        seen = [sum(row[:step]) for step in range(len(row))]
        pairs = zip(seen, row, strict=True)
        rows.append([call.offset + count if valid else call.padding for count, valid in pairs])
    return torch.tensor(rows, dtype=torch.int64).reshape(mask.shape)


def sinusoidal_encoding(call: Call, input: Tensor, positions: Tensor | None = None) -> Tensor:
    width = input.shape[-1]
    call.strict(width % 2 == 0, "odd width")
    call.require(width % 2 == 0, "an odd width")
    if positions is None:
        positions = torch.arange(input.shape[1])
    else:
        check_positions(call, positions, *input.shape[:2])
    wave = torch.empty(*positions.shape, width, dtype=torch.float64)
    for pair in range(width // 2):
        angle = positions.double() / call.base ** (2 * pair / width)
        wave[..., 2 * pair], wave[..., 2 * pair + 1] = angle.sin(), angle.cos()
    return input + wave


def learned_encoding(call: Call, input: Tensor, positions: Tensor | None = None) -> Tensor:
    weight = call.weight("weight", call.max_length, input.shape[-1])
    if positions is not None:
        check_positions(call, positions, *input.shape[:2])
        if bool((positions >= call.max_length).any()):
            raise UndeterminedError("a position is beyond the table")
        return input + weight[positions]
    if input.shape[1] > call.max_length:
        raise UndeterminedError("a sequence is longer than its table of positions")
    return input + weight[: input.shape[1]]


def causal_mask(call: Call, input: Tensor) -> Tensor:
    steps = torch.arange(input.shape[1])
    return steps[None, :] <= steps[:, None]


def window_mask(call: Call, input: Tensor) -> Tensor:
    steps = torch.arange(input.shape[1])
    back = steps[:, None] - steps[None, :]
    near = back.abs() < call.window
    return near & (back >= 0) if call.causal else near


def padding_mask(call: Call, mask: Tensor) -> Tensor:
    return mask.reshape(mask.shape[0], 1, 1, mask.shape[1])


def length_mask(call: Call, lengths: Tensor, input: Tensor) -> Tensor:
    call.require(lengths.shape[0] == input.shape[0], "batches differ")
    _inside(lengths, input)
    return torch.stack([torch.arange(input.shape[1]) < length for length in lengths])


def combine_masks(call: Call, masks: list[Tensor]) -> Tensor:
    call.broadcast(*masks)
    together = masks[0]
    for mask in masks[1:]:
        together = torch.logical_and(together, mask)
    return together


def either_mask(call: Call, masks: list[Tensor]) -> Tensor:
    call.broadcast(*masks)
    together = masks[0]
    for mask in masks[1:]:
        together = torch.logical_or(together, mask)
    return together


def token_mask(call: Call, input: Tensor) -> Tensor:
    return torch.logical_not(input == call.padding_id)


def _inside(lengths: Tensor, input: Tensor) -> None:
    """Refuse to judge lengths of a sequence that was shortened."""
    if int(lengths.max()) > input.shape[1]:
        raise UndeterminedError("lengths of a sequence that was shortened")


def _valid(call: Call, input: Tensor, mask: Tensor | None, lengths: Tensor | None) -> Tensor:
    """Return where steps are valid, for a pooling."""
    call.strict(mask is None or lengths is None, "padding given twice")
    valid = torch.ones(input.shape[:2], dtype=torch.bool)
    if lengths is not None:
        valid = length_mask(call, lengths, input)
    if mask is not None:
        call.require(mask.shape == input.shape[:2], "a mask of another sequence")
        valid = mask
    if not bool(valid.any(1).all()):
        raise UndeterminedError("a sequence without a valid step")
    return valid


def mean_pooling(
    call: Call, input: Tensor, mask: Tensor | None = None, lengths: Tensor | None = None
) -> Tensor:
    valid = _valid(call, input, mask, lengths)
    return torch.stack([x[steps].mean(0) for x, steps in zip(input, valid, strict=True)])


def max_pooling(
    call: Call, input: Tensor, mask: Tensor | None = None, lengths: Tensor | None = None
) -> Tensor:
    valid = _valid(call, input, mask, lengths)
    return torch.stack([x[steps].amax(0) for x, steps in zip(input, valid, strict=True)])


def last_step(
    call: Call, input: Tensor, mask: Tensor | None = None, lengths: Tensor | None = None
) -> Tensor:
    valid = _valid(call, input, mask, lengths)
    return torch.stack([x[steps][-1] for x, steps in zip(input, valid, strict=True)])


def first_step(call: Call, input: Tensor) -> Tensor:
    return torch.select(input, 1, 0)


def conv1d(call: Call, input: Tensor) -> Tensor:
    width, groups = input.shape[-1], call.groups
    call.require(groups > 0 and width % groups == 0, "groups do not divide the input")
    call.require(call.out_channels % groups == 0, "groups do not divide the output")
    if call.padding == "same":
        call.require(call.stride == 1, "same needs a stride of 1")
    weight = call.weight("weight", call.out_channels, width // groups, call.kernel_size)
    bias = call.weight("bias", call.out_channels) if call.bias else None
    x = input.permute(0, 2, 1)
    padding = call.padding
    if padding == "causal":
        x = F.pad(x, (call.dilation * (call.kernel_size - 1), 0))
        padding = 0
    options = (call.stride, padding, call.dilation, groups)
    return F.conv1d(x, weight, bias, *options).permute(0, 2, 1)


def max_pool1d(call: Call, input: Tensor) -> Tensor:
    x = input.permute(0, 2, 1)
    return F.max_pool1d(x, call.kernel_size, call.stride, call.padding).permute(0, 2, 1)


def unfold(call: Call, input: Tensor) -> Tensor:
    size = call.kernel_size
    call.require(input.shape[1] >= size, "a window is longer than the sequence")
    starts = range(0, input.shape[1] - size + 1, call.stride or size)
    windows = [input[:, start : start + size].permute(0, 2, 1).flatten(1) for start in starts]
    return torch.stack(windows, 1)


# -- recurrence ----------------------------------------------------------------------------------

State = tuple[Tensor, ...]
Cell = Callable[[Tensor, Tensor, State], State]


def rnn_cell(call: Call) -> Cell:
    squash = torch.tanh if call.nonlinearity == "tanh" else torch.relu
    return lambda x, h, state: (squash(x + h),)


def gru_cell(call: Call) -> Cell:
    def step(x: Tensor, h: Tensor, state: State) -> State:
        (xr, xz, xn), (hr, hz, hn) = x.chunk(3, -1), h.chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        n = torch.tanh(xn + r * hn)
        return ((1 - z) * n + z * state[0],)

    return step


def lstm_cell(call: Call) -> Cell:
    def step(x: Tensor, h: Tensor, state: State) -> State:
        i, f, g, o = (x + h).chunk(4, -1)
        cell = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell

    return step


def recurrent(gates: int, make_cell: Callable[[Call], Cell], states: int) -> Callable[..., tuple]:
    """Return the operation of a recurrent network, computed step by step."""

    def run(call: Call, input: Tensor, lengths: Tensor | None = None, **initial: Tensor) -> tuple:
        hidden, projected = call.hidden_size, call.parameters.get("proj_size") or call.hidden_size
        if states == 2:
            call.require(call.proj_size < hidden, "a projection is below hidden_size")
            call.strict(len(initial) in (0, 2), "one state of two")
        if lengths is not None:
            call.require(lengths.shape[0] == input.shape[0], "batches differ")
            _inside(lengths, input)
        if not input.is_floating_point():
            raise TypeError("recurrent networks take real numbers")
        call.require(call.num_layers > 0, "a network has a layer")
        directions = 1 + call.bidirectional
        shapes = {"initial_hidden": projected, "initial_cell": hidden}
        rows = directions * call.num_layers
        begins = [
            initial.get(name, input.new_zeros(rows, input.shape[0], width))
            for name, width in [*shapes.items()][:states]
        ]
        for begin, width in zip(begins, shapes.values(), strict=False):
            call.require(begin.shape == (rows, input.shape[0], width), "a state of another shape")
        ends: list[State] = []
        x = input
        for layer in range(call.num_layers):
            outputs = []
            for direction in range(directions):
                begin = tuple(b[directions * layer + direction] for b in begins)
                suffix = f"l{layer}" + "_reverse" * direction
                one = _Layer(call, gates, make_cell(call), suffix)
                output, end = one.run(x, begin, lengths, bool(direction))
                outputs.append(output)
                ends.append(end)
            x = torch.cat(outputs, -1)
        return x, *(torch.stack(rows) for rows in zip(*ends, strict=True))

    return run


def one_step(gates: int, make_cell: Callable[[Call], Cell]) -> Callable[..., object]:
    """Return the operation of one step of a recurrent network."""

    def run(call: Call, input: Tensor, hidden: Tensor, cell: Tensor | None = None) -> object:
        state = (hidden,) if cell is None else (hidden, cell)
        for one in state:
            call.require(
                one.shape == (input.shape[0], call.hidden_size), "a state of another shape"
            )
        rows, parts = gates * call.hidden_size, []
        for name, x in (("ih", input), ("hh", hidden)):
            weight = call.weight(f"weight_{name}", rows, x.shape[1])
            parts.append(
                F.linear(x, weight, call.weight(f"bias_{name}", rows) if call.bias else None)
            )
        new = make_cell(call)(*parts, state)
        return new[0] if cell is None else new

    return run


class _Layer:
    """One layer of a recurrent network in one direction."""

    def __init__(self, call: Call, gates: int, cell: Cell, suffix: str) -> None:
        self.call, self.rows, self.cell, self.suffix = call, gates * call.hidden_size, cell, suffix

    def run(
        self, x: Tensor, state: State, lengths: Tensor | None, backward: bool
    ) -> tuple[Tensor, State]:
        """Run over the valid steps of each sequence; the output at padding is zero."""
        projected, call = state[0].shape[-1], self.call
        into = F.linear(x, *self.affine("ih", x.shape[-1]))
        w, b = self.affine("hh", projected)
        narrow = None
        if call.parameters.get("proj_size"):
            narrow = call.weight(f"weight_hr_{self.suffix}", projected, call.hidden_size)
        steps = range(x.shape[1])
        outputs: dict[int, Tensor] = {}
        for step in reversed(steps) if backward else steps:
            new = self.cell(into[:, step], F.linear(state[0], w, b), state)
            new = (new[0] if narrow is None else new[0] @ narrow.mT, *new[1:])
            outputs[step] = new[0]
            if lengths is not None:
                valid = (step < lengths)[:, None]
                outputs[step] = torch.where(valid, new[0], 0.0)
                new = tuple(torch.where(valid, n, s) for n, s in zip(new, state, strict=True))
            state = new
        return torch.stack([outputs[step] for step in steps], 1), state

    def affine(self, name: str, width: int) -> tuple[Tensor, Tensor | None]:
        weight = self.call.weight(f"weight_{name}_{self.suffix}", self.rows, width)
        bias = f"bias_{name}_{self.suffix}"
        return weight, self.call.weight(bias, self.rows) if self.call.bias else None
