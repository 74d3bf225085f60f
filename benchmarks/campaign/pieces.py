"""Run generated models with a cache on a sequence in pieces."""

import inspect
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from benchmarks.campaign import inputs

SIZES = inputs.RUNS[0]


def in_pieces(
    module: nn.Module, given: Sequence[Tensor], expected: Sequence[Tensor], lengths: Iterable[int]
) -> list[Tensor]:
    """Run a language model, or an encoder once and its decoder, in pieces.

    Args:
        module: the model.
        given: its inputs.
        expected: its outputs on the whole sequence.
        lengths: the number of steps of each piece, in all those of the longest sequence.

    Returns:
        The outputs of the pieces, joined along their steps.
    """
    counts = {SIZES["T"], SIZES["S"]}
    dims = [next((i for i, n in enumerate(one.shape) if n in counts), None) for one in expected]
    (steps,) = {one.shape[dim] for one, dim in zip(expected, dims, strict=True) if dim is not None}
    call: Callable = module
    if hasattr(module, "decode"):
        call, given = module.decode, _arguments_of_decoder(module, given, steps)
    state, found, start = None, [], 0
    for length in lengths:
        stop = min(start + length, steps)
        if start < stop:
            *outputs, state = call(*(_part(one, steps, start, stop) for one in given), state)
            found.append(outputs)
        start = stop
    return [
        outputs[-1] if dim is None else torch.cat(outputs, dim)
        for dim, outputs in zip(dims, zip(*found, strict=True), strict=True)
    ]


def _arguments_of_decoder(module: nn.Module, given: Sequence[Tensor], steps: int) -> list[Tensor]:
    """Run an encoder; list what its decoder takes: what grows, memories, other inputs."""
    names = [*inspect.signature(module.forward).parameters]
    by_name = dict(zip(names, given, strict=True))
    kept = module.encode(*(by_name[name] for name in inspect.signature(module.encode).parameters))
    first = [one for one in given if steps in one.shape] + list(
        kept if isinstance(kept, tuple) else (kept,)
    )
    taken = inspect.signature(module.decode).parameters.values()
    required = [one.name for one in taken if one.default is one.empty][len(first) :]
    # A name that a memory has as well is numbered.
    return first + [by_name.get(x, by_name.get(x.rpartition("_")[0])) for x in required]


def _part(one: Tensor, steps: int, start: int, stop: int) -> Tensor:
    """Take some steps of a tensor; of pairs of steps the rows, over all keys up to them."""
    dims = [dim for dim, size in enumerate(one.shape) if size == steps]
    if not dims:
        return one
    for dim in dims[1:]:
        one = one.narrow(dim, 0, stop)
    return one.narrow(dims[0], start, stop - start)
