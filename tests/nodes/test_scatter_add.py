"""A distribution that copies words of the source is that of pointer-generator networks."""

import torch

from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.merge.learned_mix import LearnedMix
from nodes.reshape.scatter_add import ScatterAdd


def copying_model() -> Model:
    """Build a mix of a distribution over words with the attention to words of the source."""
    builder = GraphBuilder()
    source = builder.add("source", TokenInput(length="S", steps="source_length"))
    attention = builder.add("attention", FeatureInput(features="source_length"))
    words = builder.add("words", FeatureInput(features="vocab_size"))
    copied = builder.add("copied", ScatterAdd(size="vocab_size"), attention, source)
    builder.add("output", GraphOutput(), builder.add("mix", LearnedMix(), copied, words))
    sizes = {"vocab_size": 6, "source_length": 4}
    known = {name: Hyperparameter(size) for name, size in sizes.items()}
    return Model("Copying", builder.build(), hyperparameters=known)


def test_words_of_the_source_share_the_attention_to_them():
    source = torch.tensor([[5, 2, 5, 0], [1, 1, 1, 3]])
    attention = torch.rand(2, 3, 4).softmax(-1)
    words = torch.rand(2, 3, 6).softmax(-1)
    module = instance(compile_model(copying_model()).source, "Copying")
    expected = torch.zeros(2, 3, 6)
    for row in range(2):
        for step in range(3):
            for place, word in enumerate(source[row].tolist()):
                expected[row, step, word] += attention[row, step, place]
    expected = (expected + words) / 2  # the weights of the mix begin at a half
    found = module(source, attention, words)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 3))
