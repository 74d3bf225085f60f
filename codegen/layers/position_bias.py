"""Biases of attention scores that depend on the distance of query and key."""

import math

import torch
from torch import Tensor, nn


def distances(query: Tensor, key: Tensor, start: int = 0) -> Tensor:
    """Key position minus query position: (B, T, C), (B, S, K) -> (T, start + S)

    The first query and the first of these keys are at position ``start``, after others.
    """
    t, s = start + query.shape[1], start + key.shape[1]
    steps = torch.arange(max(t, s), device=query.device)
    return steps[:s] - steps[start:t, None]


def alibi(query: Tensor, key: Tensor, num_heads: int, start: int = 0) -> Tensor:
    """Attention with linear biases: -slope * distance, a slope for each head.

    query (B, T, C), key (B, S, K) -> (H, T, start + S)
    """
    power = 2 ** math.floor(math.log2(num_heads))
    slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)]
    slopes += [2 ** (-4 * (2 * i + 1) / power) for i in range(num_heads - power)]
    slope = query.new_tensor(slopes)
    return -slope[:, None, None] * distances(query, key, start).abs()


class RelativePositionBias(nn.Module):
    """A learned bias for each head and bucket of distances; buckets grow with distance.

    query (B, T, C), key (B, S, K) -> (H, T, start + S)
    """

    def __init__(
        self,
        num_heads: int,
        num_buckets: int = 32,
        max_distance: int = 128,
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        self.max_distance = max_distance
        self.bidirectional = bidirectional
        self.embedding = nn.Embedding(num_buckets, num_heads)

    def forward(self, query: Tensor, key: Tensor, start: int = 0) -> Tensor:
        buckets = self.bucket(distances(query, key, start))
        return self.embedding(buckets).permute(2, 0, 1)

    def bucket(self, distance: Tensor) -> Tensor:
        """Small distances have buckets of their own, larger ones share on a log scale."""
        buckets = self.embedding.num_embeddings
        first = torch.zeros_like(distance)
        if self.bidirectional:
            buckets //= 2
            first = (distance > 0) * buckets
            distance = distance.abs()
        else:
            distance = (-distance).clamp(min=0)
        exact = buckets // 2
        ratio = torch.log(distance.clamp(min=1) / exact) / math.log(
            self.max_distance / exact
        )
        far = (exact + (ratio * (buckets - exact)).long()).clamp(max=buckets - 1)
        return first + torch.where(distance < exact, distance, far)
