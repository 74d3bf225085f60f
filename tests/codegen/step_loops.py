"""Models that run a loop over the steps of their input."""

from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.pooling.first_step import FirstStep

FEATURES, HIDDEN = 3, 5
FIRST = FirstStep()


def model_of(body: Graph, *initial: str) -> Model:
    """Build the model that runs a body over its input, from initial states if these are named."""
    builder = GraphBuilder(blocks={"Cell": body})
    signal = builder.add("signal", FeatureInput(features=FEATURES))
    starts = {}
    for name in initial:
        first = builder.add(f"{name}_steps", FeatureInput(features="hidden_size"))
        starts[name] = builder.add(f"first_{name}", FIRST, first)
    loop = builder.add("loop", Block(block="Cell"), signal, **starts)
    builder.add("output", GraphOutput(), loop)
    for name, node in body.output_nodes.items():
        if node.is_state:
            builder.add(f"last_{name}", GraphOutput(), loop[name])
    return Model(
        "loop",
        builder.build(),
        {"Cell": body},
        {"hidden_size": Hyperparameter(HIDDEN)},
    )
