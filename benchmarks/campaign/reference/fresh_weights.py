"""Weights that are drawn when they are first read."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from benchmarks.campaign.reference.outcome import ImpossibleError

Path = tuple[str | int, ...]


@dataclass
class FreshWeights:
    """Weights that are drawn when they are first read."""

    seed: int = 0
    scale: float = 0.5
    drawn: dict[Path, Tensor] = field(default_factory=dict)
    fixed: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = torch.Generator().manual_seed(self.seed)

    def get(self, path: Path, shape: tuple[int, ...], tied: Path | None = None) -> Tensor:
        path = path if tied is None else tied
        if path not in self.drawn:
            if any(size < 1 for size in shape) or len(shape) > 3:
                raise ImpossibleError(f"a weight of shape {shape}")
            drawn = torch.randn(shape, generator=self.random, dtype=torch.float64)
            self.drawn[path] = drawn * self.scale
        if self.drawn[path].shape != shape:
            raise ImpossibleError(f"{path} has the shape {[*self.drawn[path].shape]}, not {shape}")
        return self.drawn[path]

    def fix(self, path: Path, size: int) -> None:
        if self.fixed.setdefault(path, size) != size:
            raise ImpossibleError(f"{path} is made for {self.fixed[path]}, not {size}")
