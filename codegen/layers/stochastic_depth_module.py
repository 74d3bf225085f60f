"""Regularization that ``torch.nn`` lacks."""

from torch import Tensor, nn


class StochasticDepth(nn.Module):
    """In training, zero whole sequences with probability p. (B, ...) -> (B, ...)"""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        kept = x.new_empty(x.shape[0], *[1] * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)
