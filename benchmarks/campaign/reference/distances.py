"""Biases of attention scores by the distance of query and key, pair by pair."""

import math

import torch
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError

EDGE = 1e-5
"""A distance as near to the edge of a bucket may fall on either side in float32."""


def _pairs(query: Tensor, key: Tensor) -> list[list[int]]:
    """Return key position minus query position, for each query and key."""
    return [[s - t for s in range(key.shape[1])] for t in range(query.shape[1])]


def alibi(call: Call, query: Tensor, key: Tensor) -> Tensor:
    heads = call.num_heads
    whole = 1
    while 2 * whole <= heads:
        whole *= 2
    slopes = [2 ** (-8 * (head + 1) / whole) for head in range(whole)]
    finer = [2 ** (-8 * (head + 1) / (2 * whole)) for head in range(2 * whole)]
    slopes += finer[::2][: heads - whole]
    distances = torch.tensor(_pairs(query, key), dtype=torch.float64).abs()
    distances = distances.reshape(query.shape[1], key.shape[1])
    call.strict(query.shape[0] == key.shape[0], "attention sizes")
    return torch.stack([-slope * distances for slope in slopes])


def relative_position_bias(call: Call, query: Tensor, key: Tensor) -> Tensor:
    call.require(call.num_buckets >= (4 if call.bidirectional else 2), "too few buckets")
    call.require(call.max_distance > call.num_buckets, "buckets for larger distances")
    call.strict(query.shape[0] == key.shape[0], "attention sizes")
    table = call.inside("embedding").weight("weight", call.num_buckets, call.num_heads)
    buckets = [[_bucket(call, distance) for distance in row] for row in _pairs(query, key)]
    indices = torch.tensor(buckets, dtype=torch.long).reshape(query.shape[1], key.shape[1])
    return table[indices].permute(2, 0, 1)


def _bucket(call: Call, distance: int) -> int:
    buckets, first = call.num_buckets, 0
    if call.bidirectional:
        buckets //= 2
        first = buckets if distance > 0 else 0
        distance = abs(distance)
    else:
        distance = max(-distance, 0)
    exact = buckets // 2
    if distance < exact:
        return first + distance
    share = math.log(distance / exact) / math.log(call.max_distance / exact)
    number = share * (buckets - exact)
    if distance > exact and number <= buckets - exact - 1 and abs(number - round(number)) < EDGE:
        raise UndeterminedError("a distance at the edge of a bucket")
    return first + min(buckets - 1, exact + int(number))
