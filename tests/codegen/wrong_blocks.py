"""Wrong blocks and recipes, with all their problems in full."""

from dataclasses import replace

from examples.build import encoder_classifier, gpt, price_lstm
from nodes.core.graphs.graph import Block, Model
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.drawing import (
    block,
    chain,
    change,
    connect,
    containing,
    drop,
    nested,
    put,
    train,
    value,
    with_blocks,
)

Wrong = tuple[Model, list[str]]

GPT, CLASSIFIER, PRICES = gpt(), encoder_classifier(), price_lstm()
THREE = chain(Linear(), Linear(), Linear())
A, B = block(Linear()), block(Linear(out_features=32))
MAIN_INPUT = "expected an input of tokens or features in the main graph, got a block input"

BLOCKS: dict[str, Wrong] = {
    "unknown": (
        put(THREE, "b", Block(block="Gone")),
        ["b.block: expected the name of a block, got 'Gone'. Remove b and read a.output instead."],
    ),
    "each in the other": (
        with_blocks(Block(block="A"), A=containing("B"), B=containing("A")),
        [
            "A: expected a block that does not contain itself, got A -> B -> A. Remove a and "
            "read x.output instead."
        ],
    ),
    "one in itself": (
        with_blocks(Block(block="A"), A=containing("A")),
        [
            "A: expected a block that does not contain itself, got A -> A. Remove a and read "
            "x.output instead."
        ],
    ),
    "doubled again and again": (
        nested(30),
        [
            "B14: expected at most 100,000 nodes with every block expanded, got 131,068; "
            "place fewer blocks in each other."
        ],
    ),
    "repeated too often": (
        value(with_blocks(Block(block="A", repeat="n"), A=A), "n", 10**9),
        ["stack.repeat: expected at most 10000 copies, got 1000000000. Set repeat to 1."],
    ),
    "no output": (
        drop(with_blocks(Block(block="A"), A=A), "out", "A"),
        ["A: expected at least one output, got none. Add GraphOutput out after a.output."],
    ),
    "an input of blocks in the model": (
        connect(put(GPT, "more", BlockInput()), "more.output", "add.terms.2"),
        [f"more: {MAIN_INPUT}. Remove more."],
    ),
    "an input of the model in a block": (
        put(with_blocks(Block(block="A"), A=A), "more", TokenInput(), "A"),
        [
            "stack.more: expected an edge, got none. Remove more.",
            "A/more: expected a block input in a block, got an input of the model. Remove more.",
        ],
    ),
    "wrong inside": (
        with_blocks(Block(block="A"), A=block(Embedding())),
        [
            "A/a.input: expected token ids, got features from x.output. Remove a and read "
            "x.output instead."
        ],
    ),
}

RECIPES: dict[str, Wrong] = {
    "no hyperparameter for the data": (
        replace(CLASSIFIER, recipe=LanguageModelling(vocabulary="letters")),
        [
            "recipe: expected a whole-number hyperparameter letters for the vocabulary of the "
            "data, got none."
        ],
    ),
    "no context": (
        train(GPT, context="longest"),
        [
            "recipe: expected a whole-number hyperparameter longest as the bound of seq_len, "
            "got none. Set the hyperparameter longest to 64."
        ],
    ),
    "sequences longer than the context": (
        train(GPT, seq_len=128),
        [
            "recipe: expected a seq_len of at most context = 64, got 128. Set seq_len of the "
            "recipe to 64, or set the hyperparameter context to 128."
        ],
    ),
    "two inputs": (
        put(GPT, "more", TokenInput()),
        ["recipe: expected one input of token ids, got 2. Remove more."],
    ),
    "an input that the data lacks": (
        put(GPT, "more", FeatureInput(features="d_model")),
        ["more: expected token ids as input for language modelling, got features. Remove more."],
    ),
    "two outputs": (
        connect(put(GPT, "more", GraphOutput()), "norm.output", "more.input"),
        ["recipe: expected one output, got 2. Remove more."],
    ),
    "another size comes out": (
        change(GPT, "head", out_features="d_model", tie=""),
        [
            "logits.input: expected (B, T, vocab_size) for language modelling, got (B, T, "
            "d_model). Set out_features of head to vocab_size, or insert Linear(vocab_size) "
            "before logits.input."
        ],
    ),
    "every step comes out": (
        connect(drop(PRICES, "last"), "lstm.output", "head.input"),
        [
            "forecast.input: expected (B, num_targets) for forecasting, got (B, T, num_targets). "
            "Insert LastStep before forecast.input."
        ],
    ),
    "another size goes in": (
        change(PRICES, "prices", features=4),
        [
            "prices: expected (B, T, num_features) for forecasting, got (B, T, 4). "
            "Set features to num_features."
        ],
    ),
    "rows that the data does not decide": (
        change(CLASSIFIER, "embed", num_embeddings=256),
        [
            "embed.num_embeddings: expected vocab_size, set from the data, got 256. "
            "Set num_embeddings to vocab_size."
        ],
    ),
}
