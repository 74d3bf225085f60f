import torch
from torch import Tensor
from train import Data


# --------------------------------------------------------------------------- baseline
def grams(tokens: Tensor, order: int, base: int) -> Tensor:
    """Encode the n-gram that ends at each token, from the third on, as a number."""
    number = torch.zeros(len(tokens) - 2, dtype=torch.long)
    for back in reversed(range(order)):
        number = number * base + tokens[2 - back : len(tokens) - back]
    return number


def look_up(keys: Tensor, values: Tensor, wanted: Tensor) -> Tensor:
    """Look up the value of each wanted key among sorted keys; 0 if it is missing."""
    place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return torch.where(keys[place] == wanted, values[place], 0)


def trigram_loss(data: Data) -> float:
    """Cross-entropy of a trigram model, in nats per character.

    Witten-Bell smoothing (1991): counts are interpolated with the model of the next
    shorter context, which weighs as much as the number of different continuations.
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
