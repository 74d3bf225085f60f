"""One wrong model for each message of the check, with all that the check says of it."""

from dataclasses import replace

from examples.build import encoder_classifier, gpt, price_lstm
from nodes.attention import SplitHeads
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.recipe import LanguageModelling
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout import Dropout
from nodes.embedding import Embedding
from nodes.io import BlockInput, FeatureInput, GraphOutput, LengthInput, TokenInput
from nodes.linear import Linear
from nodes.merge import Add
from nodes.pooling import MeanPooling
from nodes.recurrent import LSTM
from nodes.transformer import FeedForward, MultiHeadAttention
from tests.codegen.drawing import (
    block,
    branches,
    chain,
    change,
    connect,
    containing,
    cut,
    drop,
    nested,
    put,
    train,
    value,
    with_blocks,
)

Wrong = tuple[Model, list[str]]

THREE = chain(Linear(), Linear(), Linear())
GPT, CLASSIFIER, PRICES = gpt(), encoder_classifier(), price_lstm()
UNUSED = "it leads to no output, so it is not part of the model."
A, B = block(Linear()), block(Linear(out_features=32))
OUT_OF_BLOCKS = "this input belongs into a block; the model itself takes tokens or features"
NO_W = "there is no hyperparameter w. Set the hyperparameter w to 128."

STRUCTURE: dict[str, Wrong] = {
    "missing edge": (
        cut(THREE, "b.input"),
        [
            "b.input: nothing is connected here. Connect a.output to b.input.",
            f"a: {UNUSED} Remove a.",
        ],
    ),
    "missing edges to a port that takes many": (
        cut(cut(branches(Linear(), Linear(), Add()), "sum.terms.0"), "sum.terms.1"),
        [
            "sum.terms: nothing is connected here. Connect right.output to sum.terms.0, "
            "or connect left.output to sum.terms.0.",
            f"left: {UNUSED} Remove left.",
            f"right: {UNUSED} Remove right.",
        ],
    ),
    "loop": (
        connect(THREE, "c.output", "a.input"),
        ["a: the nodes form a loop: a -> b -> c -> a. Remove the edge to a.input."],
    ),
    "loop of one": (
        connect(THREE, "b.output", "b.input"),
        [
            "b: the nodes form a loop: b -> b. Remove the edge to b.input.",
            f"a: {UNUSED} Remove a.",
        ],
    ),
    "branch without an output": (
        connect(
            connect(put(put(THREE, "d", Linear()), "e", Linear()), "b.output", "d.input"),
            "d.output",
            "e.input",
        ),
        [f"e: {UNUSED} Remove e."],
    ),
    "edge from no node": (
        connect(THREE, "gone.output", "a.input"),
        [
            "a.input: the edge comes from gone.output, but there is no node gone. "
            "Remove the edge to a.input."
        ],
    ),
    "edge from no port": (
        connect(THREE, "a.gone", "b.input"),
        [
            "b.input: the edge comes from a.gone, but a has no port of that name. "
            "Remove the edge to b.input."
        ],
    ),
    "edge to no node": (
        connect(THREE, "a.output", "gone.input"),
        [
            "a.output: the edge from here ends at gone.input, but there is no node gone. "
            "Remove the edge to gone.input."
        ],
    ),
    "edge to no port": (
        connect(THREE, "a.output", "b.gone"),
        [
            "b: an edge ends at gone, but there is no port of that name here. "
            "Remove the edge to b.gone."
        ],
    ),
    "no output": (
        drop(THREE, "y"),
        ["the model has no output. Add a GraphOutput after c.output."],
    ),
    "no input": (
        drop(THREE, "x"),
        [
            "a.input: nothing is connected here.",
            "the model has no input. Add a TokenInput.",
        ],
    ),
    "nothing at all": (
        Model(),
        [
            "the model has no input. Add a TokenInput.",
            "the model has no output. Add a GraphOutput.",
        ],
    ),
}

SHAPES: dict[str, Wrong] = {
    "sizes that differ": (
        branches(Linear(), Linear(out_features=32), Add()),
        [
            "sum.terms.1: expected (B, T, 64), as at terms.0, got (B, T, 32) from right.output. "
            "Put a Linear(64) before sum.terms.1."
        ],
    ),
    "too many dimensions": (
        chain(SplitHeads(num_heads=4), LSTM()),
        [
            "b.input: expected 3 dimensions (B T C), got 4: (B, 4, T, 16) "
            "from a.output. Remove the edge to b.input."
        ],
    ),
    "token ids for features": (
        chain(Linear(), start=TokenInput()),
        [
            "a.input: expected features, got token ids from x.output. "
            "Put an Embedding(256, 128) before a.input."
        ],
    ),
    "features for token ids": (
        chain(Embedding()),
        ["a.input: expected token ids, got features from x.output. Remove the edge to a.input."],
    ),
    "lengths for a mask": (
        connect(put(chain(MeanPooling()), "n", LengthInput()), "n.output", "a.mask"),
        ["a.mask: expected a mask, got lengths from n.output. Remove the edge to a.mask."],
    ),
    "heads that do not divide the width": (
        chain(MultiHeadAttention(num_heads=6)),
        [
            "a.query: expected a multiple of num_heads = 6, got 64 from "
            "x.output. Set num_heads to 4, or set num_heads to 8."
        ],
    ),
    "heads by name that do not divide the width": (
        chain(SplitHeads(num_heads="heads"), heads=6),
        [
            "a.input: expected a multiple of num_heads = heads = 6, got 64 from "
            "x.output. Set the hyperparameter heads to 4, or set the hyperparameter heads to 8."
        ],
    ),
    "steps for a width": (
        connect(chain(MultiHeadAttention(num_heads=4), FeedForward()), "a.attention", "b.input"),
        [
            "b: inside it, FeedForward/up.input: expected a static size for I, an axis of "
            "a weight, got T from input.output."
        ],
    ),
    "sizes equal only now": (
        branches(Linear(out_features="v"), Linear(out_features="w"), Add(), v=32, w=32),
        [
            "sum: expected v = 32, as at terms.0, got w = 32: equal only at the present values; "
            "write both alike."
        ],
    ),
    "a chain whose copies do not fit": (
        with_blocks(Block(block="B", repeat=3), B=B),
        [
            "stack: it is repeated, but (B, T, 64) goes in at x and (B, T, 32) comes out at out. "
            "Set repeat to 1."
        ],
    ),
}

PARAMETERS: dict[str, Wrong] = {
    "a rule between two": (
        chain(MultiHeadAttention(num_heads=8, num_kv_heads=3)),
        [
            "a.num_kv_heads: a divisor of num_heads = 8 is expected, not 3. "
            "Leave num_kv_heads empty, or set num_kv_heads to 1."
        ],
    ),
    "too large": (
        chain(Dropout(p="rate"), rate=1.5),
        ["a.p: expected a number from 0 to below 1, got rate = 1.5. Set p to 0.5."],
    ),
    "too small": (
        chain(Linear(out_features="w - 8"), w=8),
        [
            "a.out_features: expected a whole number of at least 1, got w - 8 = 0. "
            "Leave out_features empty."
        ],
    ),
    "no whole number": (
        chain(Linear(out_features="w"), w=1.5),
        [
            "a.out_features: w is 1.5, but sizes are whole numbers; change it. "
            "Leave out_features empty."
        ],
    ),
    "larger than layers can be": (
        chain(Linear(out_features="w"), w=2**32),
        [
            "a.out_features: a size of at most 2147483647 is expected, not 4294967296. "
            "Leave out_features empty."
        ],
    ),
    "unknown names": (
        chain(Linear(out_features="w"), Dropout(p="rate")),
        [
            f"a.out_features: {NO_W}",
            "b.p: there is no hyperparameter rate. Set the hyperparameter rate to 0.5.",
        ],
    ),
    "a name that nothing uses": (
        chain(Linear(), w=3),
        ["w: nothing uses this hyperparameter. Remove the hyperparameter w."],
    ),
    "unknown type": (
        put(THREE, "b", Unknown(type="Mamba", parameters={"d": 3})),
        ["b: there is no node type 'Mamba' here; its parameters and edges are kept. Remove b."],
    ),
    "a tie to nothing": (
        change(GPT, "head", tie="gone"),
        [
            "head.tie: its weight is tied to 'gone', but there is no such node here. "
            "Leave tie empty."
        ],
    ),
    "a tie to itself": (
        change(GPT, "head", tie="head"),
        ["head.tie: its weight is tied to itself. Leave tie empty."],
    ),
    "a tie to what has no weight": (
        change(GPT, "head", tie="norm"),
        ["head.tie: its weight is tied to norm, which has no weight to share. Leave tie empty."],
    ),
    "a tie of other sizes": (
        change(GPT, "head", tie="position_embed"),
        [
            "head.tie: its weight is vocab_size x d_model, but that of position_embed, to which "
            "it is tied, is context x d_model. Leave tie empty."
        ],
    ),
}

BLOCKS: dict[str, Wrong] = {
    "unknown": (
        put(THREE, "b", Block(block="Gone")),
        ["b.block: there is no block 'Gone'."],
    ),
    "each in the other": (
        with_blocks(Block(block="A"), A=containing("B"), B=containing("A")),
        ["A: a block cannot contain itself, but this one does: A -> B -> A. Remove a."],
    ),
    "one in itself": (
        with_blocks(Block(block="A"), A=containing("A")),
        ["A: a block cannot contain itself, but this one does: A -> A. Remove a."],
    ),
    "doubled again and again": (
        nested(30),
        [
            "at most 100,000 nodes are expected once every block is written out, but there are "
            "4,294,967,295; place fewer blocks in each other."
        ],
    ),
    "repeated too often": (
        value(with_blocks(Block(block="A", repeat="n"), A=A), "n", 10**9),
        ["stack.repeat: at most 10000 copies are expected, not 1000000000. Set repeat to 1."],
    ),
    "no output": (
        drop(with_blocks(Block(block="A"), A=A), "out", "A"),
        ["A: the block has no output. Add a GraphOutput after a.output."],
    ),
    "an input of blocks in the model": (
        connect(put(GPT, "more", BlockInput()), "more.output", "add.terms.2"),
        [f"more: {OUT_OF_BLOCKS}. Remove more."],
    ),
    "an input of the model in a block": (
        put(with_blocks(Block(block="A"), A=A), "more", TokenInput(), "A"),
        [
            "stack.more: nothing is connected here.",
            "A/more: this input belongs into the model; a block takes what a block input gives. "
            "Remove more.",
        ],
    ),
    "wrong inside": (
        with_blocks(Block(block="A"), A=block(Embedding())),
        ["A/a.input: expected token ids, got features from x.output. Remove the edge to a.input."],
    ),
}

RECIPES: dict[str, Wrong] = {
    "no hyperparameter for the data": (
        replace(CLASSIFIER, recipe=LanguageModelling(vocabulary="letters")),
        [
            "recipe: the data decides the vocabulary: a whole-number hyperparameter letters is "
            "expected, but there is none. Set the hyperparameter letters to 256."
        ],
    ),
    "no context": (
        train(GPT, context="longest"),
        [
            "recipe: longest bounds the length: a whole-number hyperparameter longest is "
            "expected, but there is none. Set the hyperparameter longest to 64."
        ],
    ),
    "sequences longer than the context": (
        train(GPT, seq_len=128),
        [
            "recipe: a seq_len of at most context = 64 is expected, not 128. "
            "Set the hyperparameter context to 128."
        ],
    ),
    "two inputs": (
        put(GPT, "more", TokenInput()),
        ["recipe: one input of token ids is expected, but there are 2. Remove more."],
    ),
    "an input that the data lacks": (
        put(GPT, "more", FeatureInput(features="d_model")),
        ["more: the data for language-modelling gives no features. Remove more."],
    ),
    "two outputs": (
        connect(put(GPT, "more", GraphOutput()), "norm.output", "more.input"),
        ["recipe: one output is expected, but there are 2. Remove more."],
    ),
    "another size comes out": (
        change(GPT, "head", out_features="d_model", tie=""),
        [
            "logits: the recipe expects (B, T, vocab_size) here, not (B, T, d_model). "
            "Put a Linear(vocab_size) before logits.input."
        ],
    ),
    "every step comes out": (
        connect(drop(PRICES, "last"), "lstm.output", "head.input"),
        [
            "forecast: the recipe expects (B, num_targets) here, not (B, T, num_targets). "
            "Put a LastStep before forecast.input."
        ],
    ),
    "another size goes in": (
        change(PRICES, "prices", features=4),
        [
            "prices: the recipe expects (B, T, num_features) here, not (B, T, 4). "
            "Set features to num_features."
        ],
    ),
    "rows that the data does not decide": (
        change(CLASSIFIER, "embed", num_embeddings=256),
        [
            "embed.num_embeddings: vocab_size is expected, as the data decides, not 256. "
            "Set num_embeddings to vocab_size."
        ],
    ),
}

WRONG = {
    f"{family}: {title}": one
    for family, table in {
        "structure": STRUCTURE,
        "shapes": SHAPES,
        "parameters": PARAMETERS,
        "blocks": BLOCKS,
        "recipe": RECIPES,
    }.items()
    for title, one in table.items()
}
