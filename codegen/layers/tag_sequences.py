"""A linear-chain conditional random field over the tags of a sequence."""

import torch
from torch import Tensor, nn


class ConditionalRandomField(nn.Module):
    """Scores of tag sequences: of each tag at its step, and of each pair of neighbours.

    A step where the boolean mask (B, T) is False is passed over, as if it were not there.
    """

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.end = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.transitions = nn.Parameter(
            torch.empty(num_tags, num_tags).uniform_(-0.1, 0.1)
        )

    def log_likelihood(
        self, emissions: Tensor, tags: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Logarithm of the probability of the tags.

        emissions (B, T, K), tags (B, T) -> (B,), 0 for a row without valid steps
        """
        mask = torch.ones_like(tags, dtype=torch.bool) if mask is None else mask
        tags = tags.masked_fill(~mask, 0)
        total = torch.zeros_like(emissions[:, 0])
        score, before = total[:, 0], tags[:, 0]
        begun = torch.zeros_like(mask[:, 0])
        steps = zip(emissions.unbind(1), tags.unbind(1), mask.unbind(1), strict=True)
        for emission, tag, valid in steps:
            pairs = torch.logsumexp(total[:, :, None] + self.transitions, dim=1)
            into = torch.where(begun[:, None], pairs, self.start)
            total = torch.where(valid[:, None], into + emission, total)
            step = torch.where(begun, self.transitions[before, tag], self.start[tag])
            step = step + emission.gather(1, tag[:, None])[:, 0]
            score = torch.where(valid, score + step, score)
            before = torch.where(valid, tag, before)
            begun = begun | valid
        normalizer = torch.logsumexp(total + self.end, dim=1)
        return torch.where(begun, score + self.end[before] - normalizer, 0.0)

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Most probable tags, by the algorithm of Viterbi: (B, T, K) -> (B, T), 0 if masked"""
        mask = emissions.new_ones(emissions.shape[:2]).bool() if mask is None else mask
        best = torch.zeros_like(emissions[:, 0])
        begun = torch.zeros_like(mask[:, 0])
        stay = torch.arange(best.shape[1], device=best.device).expand_as(best)
        pointers = []
        for emission, valid in zip(emissions.unbind(1), mask.unbind(1), strict=True):
            pairs, pointer = (best[:, :, None] + self.transitions).max(dim=1)
            into = torch.where(begun[:, None], pairs, self.start)
            best = torch.where(valid[:, None], into + emission, best)
            pointers.append(torch.where(valid[:, None], pointer, stay))
            begun = begun | valid
        tag = (best + self.end).argmax(dim=1)
        path = []
        for pointer in reversed(pointers):
            path.append(tag)
            tag = pointer.gather(1, tag[:, None])[:, 0]
        return torch.stack(path[::-1], dim=1).masked_fill(~mask, 0)
