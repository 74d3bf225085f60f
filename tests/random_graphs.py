"""Random valid models of all node types, half of them with difficult names."""

import json
from random import Random

from benchmarks.campaign import generator, naming
from codegen.check import check
from nodes.core.files.model_file import loads
from nodes.core.graphs.graph import Model

LANGUAGE_MODELS = 5
"""One model in so many is a language model."""

STRIDE = 1_000_000
"""The distance of the seeds from which one model is drawn again."""


def random_model(seed: int) -> Model:
    """Generate a model that the check accepts; a few drawn ones fit some lengths alone."""
    drawn = (_drawn(seed, other) for other in range(seed, seed + 100 * STRIDE, STRIDE))
    return next(model for model in drawn if check(model).ok)


def _drawn(seed: int, drawn_from: int) -> Model:
    make = generator.language_model if seed % LANGUAGE_MODELS == 0 else generator.document
    document = make(drawn_from)
    if seed % 2:
        document = naming.difficult(document, Random(seed))
    return loads(json.dumps(document).encode())
