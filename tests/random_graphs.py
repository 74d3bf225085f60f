"""Random valid models of all node types, half of them with difficult names."""

import json
from random import Random

from benchmarks.campaign import generator, naming
from nodes.core.files.model_file import loads
from nodes.core.graphs.graph import Model

LANGUAGE_MODELS = 5
"""One model in so many is a language model."""


def random_model(seed: int) -> Model:
    """Generate a valid model."""
    make = generator.language_model if seed % LANGUAGE_MODELS == 0 else generator.document
    document = make(seed)
    if seed % 2:
        document = naming.difficult(document, Random(seed))
    return loads(json.dumps(document).encode())
