"""Frequencies of rotary positions that reach beyond the context length of the training."""

import math

import torch
from torch import Tensor


def ntk_base(width: int, factor: float, base: float) -> float:
    """NTK-aware base: the lowest frequency is divided by ``factor``, the highest kept."""
    return base * factor ** (width / max(width - 2, 1))


def llama3_frequencies(
    frequency: Tensor,
    factor: float,
    context: int,
    low_freq_factor: float = 1.0,
    high_freq_factor: float = 4.0,
) -> Tensor:
    """Frequencies of Llama 3: divide by ``factor`` those of few periods in a context.

    A frequency is divided with at most ``low_freq_factor`` periods in ``context`` steps,
    kept with ``high_freq_factor`` or more, and mixed in between. (D / 2) -> (D / 2)
    """
    periods = frequency * (context / (2 * math.pi))
    span = max(high_freq_factor - low_freq_factor, 1e-6)
    kept = ((periods - low_freq_factor) / span).clamp(0, 1)
    return frequency * (kept + (1 - kept) / factor)


def yarn_frequencies(
    frequency: Tensor,
    factor: float,
    context: int,
    betas: tuple[float, float] = (32.0, 1.0),
    truncate: bool = True,
    base: float = 10_000.0,
) -> Tensor:
    """Frequencies of YaRN: divide by ``factor`` those of few periods in a context.

    Those of the first of ``betas`` periods in ``context`` steps or more are kept, those
    of the second or fewer divided, and mixed in between. (D / 2) -> (D / 2)
    """
    width = 2 * len(frequency)
    growth = 2 * math.log(base) / width or 1e-9  # of the period from pair to pair
    fast, slow = (
        (math.log(context) - math.log(2 * math.pi * periods)) / growth
        for periods in betas
    )
    if truncate:
        fast, slow = math.floor(fast), math.ceil(slow)
    first, last = max(fast, 0), min(slow, width - 1)
    pairs = torch.arange(width // 2, device=frequency.device)
    divided = ((pairs - first) / ((last - first) or 0.001)).clamp(0, 1)
    return frequency * (1 - divided + divided / factor)


def yarn_attention_factor(factor: float) -> float:
    """Factor of rotated queries and keys, which sharpens attention over more steps."""
    return 0.1 * math.log(max(factor, 1.0)) + 1.0
