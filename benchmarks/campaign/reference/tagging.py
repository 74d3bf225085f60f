"""The conditional random field, row by row over the valid steps."""

import torch
from torch import Tensor

from benchmarks.campaign.reference.call import Call
from benchmarks.campaign.reference.outcome import UndeterminedError

CLOSE = 1e-7


def conditional_random_field(
    call: Call, emissions: Tensor, tags: Tensor | None = None, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    count = emissions.shape[-1]
    given = [x for x in (tags, mask) if x is not None]
    call.require(all(x.shape == emissions.shape[:2] for x in given), "other steps")
    start, end = call.weight("start", count), call.weight("end", count)
    between = call.weight("transitions", count, count)
    paths, likelihoods = [], []
    for row, scores in enumerate(emissions):
        valid = [t for t in range(len(scores)) if mask is None or bool(mask[row, t])]
        path = torch.zeros(len(scores), dtype=torch.long)
        likelihood = scores.new_zeros(())
        if valid:
            path[valid] = _best(scores[valid], start, between, end)
            chosen = path if tags is None else tags[row]
            likelihood = _likelihood(scores[valid], chosen[valid], (start, between, end))
        paths.append(path)
        likelihoods.append(likelihood)
    return torch.stack(paths), torch.stack(likelihoods)


def _best(scores: Tensor, start: Tensor, between: Tensor, end: Tensor) -> Tensor:
    """Choose each tag by what is best before it and what is best behind it."""
    before, behind = [scores[0] + start], [end]
    for one in scores[1:]:
        before.append((before[-1][:, None] + between).amax(0) + one)
    for one in scores.flip(0)[:-1]:
        behind.append((between + one + behind[-1]).amax(1))
    totals = torch.stack(before) + torch.stack(behind[::-1])
    ordered = totals.sort(dim=1, descending=True)
    if totals.shape[1] > 1:
        gap = ordered.values[:, 0] - ordered.values[:, 1]
        if not bool((gap > CLOSE * (1 + totals.abs().max())).all()):
            raise UndeterminedError("two paths are the best")
    return ordered.indices[:, 0]


def _likelihood(scores: Tensor, tags: Tensor, weights: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    start, between, end = weights
    if bool((tags >= scores.shape[1]).any()):
        raise UndeterminedError("an id is no tag")
    score = start[tags[0]] + end[tags[-1]] + scores.gather(1, tags[:, None]).sum()
    score = score + between[tags[:-1], tags[1:]].sum()
    total = start + scores[0]
    for one in scores[1:]:
        total = torch.logsumexp(total[:, None] + between + one, dim=0)
    return score - torch.logsumexp(total + end, dim=0)
