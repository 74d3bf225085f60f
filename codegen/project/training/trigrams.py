import torch
from torch import Tensor
from train import Data


# --------------------------------------------------------------------------- baseline
def grams(tokens: Tensor, order: int, base: int) -> Tensor:
    """One number for the last `order` tokens up to each token from the third on."""
    number = torch.zeros(len(tokens) - 2, dtype=torch.long)
    for back in reversed(range(order)):
        number = number * base + tokens[2 - back : len(tokens) - back]
    return number


def look_up(keys: Tensor, values: Tensor, wanted: Tensor) -> Tensor:
    """The value of each wanted key, 0 where it is missing; keys are sorted."""
    place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return torch.where(keys[place] == wanted, values[place], 0)


def trigram_loss(data: Data) -> float:
    """Nats per character of a trigram model, interpolated as Witten and Bell do.

    A gram has the share of its context that was counted; what is left, one count for
    each different continuation, is shared out as the next shorter context says.
    """
    base = len(data.codec.vocabulary)
    text = torch.cat((data.train[-1:], data.validation))
    chance = torch.full((len(text) - 2,), 1 / base, dtype=torch.double)
    for order in (1, 2, 3):
        seen, counts = grams(data.train, order, base).unique(return_counts=True)
        contexts, group, kinds = (seen // base).unique(
            return_inverse=True, return_counts=True
        )
        totals = torch.zeros_like(kinds).index_add(0, group, counts)
        wanted = grams(text, order, base)
        total = look_up(contexts, totals, wanted // base)
        rest = look_up(contexts, kinds, wanted // base)
        mixed = (look_up(seen, counts, wanted) + rest * chance) / (total + rest)
        chance = torch.where(total > 0, mixed, chance)
    return -chance.log().mean().item()
