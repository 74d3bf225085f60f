"""Run generated models with a cache on a sequence in pieces."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn


def in_pieces(
    module: nn.Module,
    given: Mapping[str, Tensor],
    unchanging: Collection[str],
    expected: Sequence[Tensor],
    lengths: Iterable[int],
) -> list[Tensor]:
    """Run a language model, or an encoder once and its decoder, in pieces.

    Args:
        module: the model.
        given: its inputs by the name of their node, in the order in which it takes them.
        unchanging: the names of those with a fixed number of steps.
        expected: its outputs on the whole sequence.
        lengths: the number of steps of each piece, in all those of the longest sequence.

    Returns:
        The outputs of the pieces, joined along their steps.
    """
    call, growing, fixed = (
        _decoder(module, given, unchanging)
        if hasattr(module, "decode")
        else (module, [*given.values()], [])
    )
    longest = growing[0].shape[1]
    state, found, counts, start = None, [], [], 0
    for length in lengths:
        stop = min(start + length, longest)
        if start < stop:
            parts = [_part(one, longest, start, stop) for one in growing]
            *outputs, state = call(*parts, *fixed, state)
            found.append(outputs)
            counts.append(stop - start)
        start = stop
    return [
        _joined(outputs, counts, whole)
        for outputs, whole in zip(zip(*found, strict=True), expected, strict=True)
    ]


def _joined(outputs: Sequence[Tensor], counts: Sequence[int], whole: Tensor) -> Tensor:
    """Join what the calls returned along the steps; what has no steps is the same in each."""
    for dim, size in enumerate(whole.shape):
        sizes = [one.shape[dim] if dim < one.dim() else 0 for one in outputs]
        if size == sum(counts) and sizes == counts:
            return torch.cat([*outputs], dim)
    return outputs[-1]


def _decoder(
    module: nn.Module, given: Mapping[str, Tensor], unchanging: Collection[str]
) -> tuple[Callable, list[Tensor], list[Tensor]]:
    """Run an encoder; return its decoder, what grows of its arguments, and the others."""
    names = [*inspect.signature(module.forward).parameters]
    by_name = dict(zip(names, given.values(), strict=True))
    kept = module.encode(*(by_name[name] for name in inspect.signature(module.encode).parameters))
    kept = [*kept] if isinstance(kept, tuple) else [kept]
    taken = inspect.signature(module.decode).parameters.values()
    required = [one.name for one in taken if one.default is one.empty]
    # A name that something else has as well is numbered.
    inputs = [by_name.get(x, by_name.get(x.rpartition("_")[0])) for x in required]
    steps = inputs[0].shape[1]
    longest = [name for name, one in given.items() if steps in one.shape[:2]]
    growing = [given[name] for name in longest if name not in unchanging]
    return module.decode, growing, kept + inputs[len(growing) + len(kept) :]


def _part(one: Tensor, steps: int, start: int, stop: int) -> Tensor:
    """Take some steps of a tensor; of pairs of steps the rows, over all keys up to them."""
    dims = [dim for dim, size in enumerate(one.shape[:2]) if size == steps]
    for dim in dims[1:]:
        one = one.narrow(dim, 0, stop)
    return one.narrow(dims[0], start, stop - start)
