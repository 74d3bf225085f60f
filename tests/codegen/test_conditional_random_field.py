"""A conditional random field equals the sum over all paths, written out."""

from itertools import pairwise, product

import pytest
import torch

from codegen.layers.tag_sequences import ConditionalRandomField

TAGS, STEPS = 3, 4
MASKS = {
    "whole": [1, 1, 1, 1],
    "right": [1, 1, 0, 0],
    "left": [0, 0, 1, 1],
    "one": [0, 1, 0, 0],
    "holes": [1, 0, 1, 1],
}


def score(field, emissions, tags):
    """Add up the score of one path of one row."""
    total = field.start[tags[0]] + field.end[tags[-1]]
    for step, tag in enumerate(tags):
        total = total + emissions[step, tag]
    for before, after in pairwise(tags):
        total = total + field.transitions[before, after]
    return total


@pytest.fixture
def field():
    torch.manual_seed(3)
    made = ConditionalRandomField(TAGS).double()
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_()
    return made


@pytest.mark.parametrize("name", MASKS)
def test_probabilities_are_those_of_all_paths(field, name):
    mask = torch.tensor([MASKS[name]]).bool()
    emissions = torch.randn(1, STEPS, TAGS, dtype=torch.float64, requires_grad=True)
    valid = emissions[0, mask[0]]
    paths = [*product(range(TAGS), repeat=len(valid))]
    scores = torch.stack([score(field, valid, path) for path in paths])
    for path, expected in zip(paths, torch.log_softmax(scores, 0), strict=True):
        tags = torch.full((1, STEPS), -100)
        tags[mask] = torch.tensor(path)
        found = field.log_likelihood(emissions, tags, mask)
        torch.testing.assert_close(found[0], expected)
    weights = [emissions, *field.parameters()]
    ours = torch.autograd.grad(found, weights)
    theirs = torch.autograd.grad(expected, weights, materialize_grads=True)
    torch.testing.assert_close(ours, theirs)
    best = field.decode(emissions, mask)
    assert best[mask].tolist() == [*paths[int(scores.argmax())]]
    assert not best[~mask].any()


def test_rows_of_other_lengths_are_apart(field):
    emissions, tags = torch.randn(5, STEPS, TAGS).double(), torch.randint(TAGS, (5, STEPS))
    mask = torch.tensor([*MASKS.values()]).bool()
    whole = field.log_likelihood(emissions, tags, mask)
    for row in range(5):
        one = slice(row, row + 1)
        torch.testing.assert_close(
            field.log_likelihood(emissions[one], tags[one], mask[one]), whole[one]
        )
        assert field.decode(emissions, mask)[one].equal(field.decode(emissions[one], mask[one]))


def test_a_row_without_a_step_is_certain(field):
    emissions = torch.randn(1, STEPS, TAGS).double()
    mask = torch.zeros(1, STEPS, dtype=torch.bool)
    assert field.log_likelihood(emissions, torch.zeros(1, STEPS).long(), mask).item() == 0.0
    assert field.decode(emissions, mask).tolist() == [[0] * STEPS]
