"""Random input neither fails nor damages the document."""

import pytest

from tests.window.monkey import run


@pytest.mark.parametrize("seed", [1, 2])
def test_random_input_leaves_a_valid_document_and_can_be_undone(seed, tmp_path):
    run(60, seed, tmp_path)
