"""Boolean masks, True where attention is allowed or where a step is no padding."""

import torch
from torch import Tensor


def check_mask(name: str, mask: Tensor) -> None:
    """Refuse a mask that is not boolean: an additive one says the opposite with 0."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            f"{name}: expected a boolean mask, True at valid steps, got {mask.dtype}. "
            f"Convert it, such as by {name} == 1."
        )


def causal_mask(length: int, device: torch.device, start: int = 0) -> Tensor:
    """Causal boolean mask (T, start + T): each step attends to itself and earlier steps.

    The first step is at position ``start``.
    """
    mask = torch.ones(length, start + length, dtype=torch.bool, device=device)
    return mask.tril(start)


def last_steps_mask(query: Tensor, key: Tensor) -> Tensor | None:
    """Causal boolean mask (T, S) of the last T of S steps; None if T is 1: it sees all.

    query (B, H, T, D), key (B, K, S, D)
    """
    t, s = query.shape[2], key.shape[2]
    return None if t == 1 else query.new_ones(t, s, dtype=torch.bool).tril(s - t)


def window_mask(
    length: int,
    window: int,
    device: torch.device,
    causal: bool = True,
    start: int = 0,
) -> Tensor:
    """Sliding-window boolean mask (T, start + T): True for distances below ``window``.

    The first step is at position ``start``.
    """
    steps = torch.arange(start + length, device=device)
    distance = steps[start:, None] - steps
    if not causal:
        distance = distance.abs()
    return (distance >= 0) & (distance < window)


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Boolean mask: lengths (B,) -> (B, T), True for the first ``lengths`` steps."""
    return torch.arange(length, device=lengths.device) < lengths[:, None]
