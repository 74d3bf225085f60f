"""The parts that several examples share."""

from collections.abc import Mapping

from nodes.core.graphs.graph import Hyperparameter, HyperparameterValue, Model
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.tasks.language_modelling import LanguageModelling

VOCABULARY = Hyperparameter(256, "number of characters, set from the data")
CLASSES = Hyperparameter(2, "number of labels, set from the data")
EMBEDDING = Embedding(num_embeddings="vocab_size", embedding_dim="d_model")
TIED = Linear(out_features="vocab_size", bias=False, tie="embed")
UNTIED = Linear(out_features="vocab_size", bias=False)
SIZES: dict[str, HyperparameterValue] = {"d_model": 128, "num_layers": 4, "num_heads": 4}


def language_model(
    title: str,
    builder: GraphBuilder,
    x: NodeHandle,
    sizes: dict[str, HyperparameterValue],
    initialization: str = "normal",
) -> Model:
    """Make a language model of a graph whose last node computes the logits."""
    builder.add("logits", GraphOutput(), x)
    context = "context" if "context" in sizes else None
    return Model(
        title,
        builder.build(),
        blocks=builder.blocks,
        hyperparameters={
            "vocab_size": VOCABULARY,
            **{name: Hyperparameter(value) for name, value in sizes.items()},
        },
        initialization=initialization,
        recipe=LanguageModelling(steps=800, learning_rate=3e-3, context=context),
    )


def plain_model(
    title: str,
    builder: GraphBuilder,
    sizes: Mapping[str, HyperparameterValue],
    initialization: str = "normal",
) -> Model:
    """Make a model without a recipe."""
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model(
        title,
        builder.build(),
        blocks=builder.blocks,
        hyperparameters=known,
        initialization=initialization,
    )
