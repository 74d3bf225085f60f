"""One wrong model for each message of the check, with all its problems in full."""

from examples.build import encoder_classifier, gpt, price_lstm
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.length_input import LengthInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.pooling.mean_pooling import MeanPooling
from nodes.recurrent.lstm import LSTM
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.codegen.drawing import (
    block,
    branches,
    chain,
    change,
    connect,
    cut,
    drop,
    put,
    with_blocks,
)
from tests.codegen.wrong_blocks import BLOCKS, RECIPES

Wrong = tuple[Model, list[str]]

THREE = chain(Linear(), Linear(), Linear())
GPT, CLASSIFIER, PRICES = gpt(), encoder_classifier(), price_lstm()
UNUSED = "expected a path to an output, got none, so it is not part of the model."
TOKENS = BlockInput(shape="B T", kind="token ids")
A, B = block(Linear()), block(Linear(out_features=32))
MAIN_INPUT = "expected an input of tokens or features in the main graph, got a block input"
NO_W = "expected the name of a hyperparameter, got w. Set the hyperparameter w to 128."

STRUCTURE: dict[str, Wrong] = {
    "missing edge": (
        cut(THREE, "b.input"),
        [
            "b.input: expected an edge, got none. Connect a.output to b.input.",
            f"a: {UNUSED} Remove a.",
        ],
    ),
    "missing edges to a port that takes many": (
        cut(cut(branches(Linear(), Linear(), Add()), "sum.terms.0"), "sum.terms.1"),
        [
            "sum.terms: expected an edge, got none. Connect right.output to sum.terms.0 "
            "and connect left.output to sum.terms.1.",
            f"left: {UNUSED} Remove left.",
            f"right: {UNUSED} Remove right.",
        ],
    ),
    "loop": (
        connect(THREE, "c.output", "a.input"),
        [
            "a: expected an acyclic graph, got the cycle a -> b -> c -> a. Connect x.output to "
            "a.input."
        ],
    ),
    "loop of one": (
        connect(THREE, "b.output", "b.input"),
        [
            "b: expected an acyclic graph, got the cycle b -> b. Connect a.output to b.input.",
            "a: expected a path to an output, got none, so it is not part of the model. Remove a.",
        ],
    ),
    "branch without an output": (
        connect(
            connect(put(put(THREE, "d", Linear()), "e", Linear()), "b.output", "d.input"),
            "d.output",
            "e.input",
        ),
        [
            "e: expected a path to an output, got none, so it is not part of the model. Remove e "
            "and d."
        ],
    ),
    "edge from no node": (
        connect(THREE, "gone.output", "a.input"),
        [
            "a.input: expected an edge from an existing node, got one from gone.output. Connect "
            "x.output to a.input."
        ],
    ),
    "edge from no port": (
        connect(THREE, "a.gone", "b.input"),
        [
            "b.input: expected an edge from an output of a, got one from a.gone. Connect "
            "a.output to b.input."
        ],
    ),
    "edge to no node": (
        connect(THREE, "a.output", "gone.input"),
        [
            "a.output: expected an edge to an existing node, got one to gone.input. "
            "Remove the edge to gone.input."
        ],
    ),
    "edge to no port": (
        connect(THREE, "a.output", "b.gone"),
        [
            "b: expected an edge to an input of the node, got one to gone. "
            "Remove the edge to b.gone."
        ],
    ),
    "no output": (
        drop(THREE, "y"),
        ["expected at least one output, got none. Add GraphOutput after c.output."],
    ),
    "no input": (
        drop(THREE, "x"),
        [
            "a.input: expected an edge, got none. Add FeatureInput(128) before a.input.",
            "expected at least one input, got none. Add FeatureInput(128) before a.input.",
        ],
    ),
    "nothing at all": (
        Model(),
        [
            "expected at least one input, got none. Add TokenInput, or add FeatureInput.",
            "expected at least one output, got none.",
        ],
    ),
}

SHAPES: dict[str, Wrong] = {
    "sizes that differ": (
        branches(Linear(), Linear(out_features=32), Add()),
        [
            "sum.terms.1: expected (B, T, 64), as at terms.0, got (B, T, 32) from right.output. "
            "Set out_features of right to 64, or set features of x to 32, or insert Linear(64) "
            "before sum.terms.1."
        ],
    ),
    "too many dimensions": (
        chain(SplitHeads(num_heads=4), LSTM()),
        [
            "b.input: expected 3 dimensions (B T C), got 4: (B, 4, T, 16) from a.output. Insert "
            "MergeHeads before b.input, or insert Select(0) before b.input."
        ],
    ),
    "token ids for features": (
        chain(Linear(), start=TokenInput()),
        [
            "a.input: expected features, got token ids from x.output. "
            "Insert Embedding(256, 128) before a.input."
        ],
    ),
    "features for token ids": (
        chain(Embedding()),
        [
            "a.input: expected token ids, got features from x.output. Remove a and read x.output "
            "instead."
        ],
    ),
    "lengths for a mask": (
        connect(put(chain(MeanPooling()), "n", LengthInput()), "n.output", "a.mask"),
        [
            "a.mask: expected a mask, got lengths from n.output. Move the edge from a.mask to "
            "a.lengths, or insert LengthMask before a.mask."
        ],
    ),
    "heads that do not divide the width": (
        chain(MultiHeadAttention(num_heads=6)),
        [
            "a.query: expected a multiple of num_heads = 6, got 64 from x.output. Set num_heads "
            "to 4 or 8, or set features of x to 66."
        ],
    ),
    "heads by name that do not divide the width": (
        chain(SplitHeads(num_heads="heads"), heads=6),
        [
            "a.input: expected a multiple of num_heads = heads = 6, got 64 from x.output. Set "
            "the hyperparameter heads to 4 or 8, or set features of x to 66."
        ],
    ),
    "steps for a width": (
        connect(chain(MultiHeadAttention(num_heads=4), FeedForward()), "a.attention", "b.input"),
        [
            "b.input: expected a static size for I, an axis of a weight, got T from a.attention. "
            "Connect a.output to b.input."
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
            "stack: expected (B, T, 64) at out, as at x, to repeat the node, got (B, T, 32). "
            "Set repeat to 1."
        ],
    ),
    "a chain whose copies take another kind": (
        put(
            put(with_blocks(Block(block="A", repeat=3), A=block(Embedding())), "x", TOKENS, "A"),
            "x",
            TokenInput(),
        ),
        [
            "stack: expected token ids (B, T) at out, as at x, to repeat the node, "
            "got features (B, T, 128). Set repeat to 1."
        ],
    ),
}

PARAMETERS: dict[str, Wrong] = {
    "a rule between two": (
        chain(MultiHeadAttention(num_heads=8, num_kv_heads=3)),
        [
            "a.num_kv_heads: expected a divisor of num_heads = 8, got 3. "
            "Clear num_kv_heads, or set num_kv_heads to 1."
        ],
    ),
    "too large": (
        chain(Dropout(p="rate"), rate=1.5),
        [
            "a.p: expected a number from 0 to below 1, got rate = 1.5. Set the hyperparameter "
            "rate to 0.5."
        ],
    ),
    "too small": (
        chain(Linear(out_features="w - 8"), w=8),
        [
            "a.out_features: expected a whole number of at least 1, got w - 8 = 0. Set the "
            "hyperparameter w to 128 or 64."
        ],
    ),
    "no whole number": (
        chain(Linear(out_features="w"), w=1.5),
        [
            "a.out_features: expected a whole number for w, got 1.5; change it. Set the "
            "hyperparameter w to 2 or 128."
        ],
    ),
    "unknown names": (
        chain(Linear(out_features="w"), Dropout(p="rate")),
        [
            "a.out_features: expected the name of a hyperparameter, got w. Set the "
            "hyperparameter w to 128 or 64.",
            "b.p: expected the name of a hyperparameter, got rate. Set the hyperparameter rate "
            "to 0.5.",
        ],
    ),
    "a name that nothing uses": (
        chain(Linear(), w=3),
        ["w: expected a use of the hyperparameter, got none. Remove the hyperparameter w."],
    ),
    "unknown type": (
        put(THREE, "b", Unknown(type="Mamba", parameters={"d": 3})),
        [
            "b: expected an installed node type, got 'Mamba'; its parameters and edges are kept. "
            "Remove b and read a.output instead."
        ],
    ),
    "a tie to nothing": (
        change(GPT, "head", tie="gone"),
        ["head.tie: expected the name of a node, got 'gone'. Clear tie."],
    ),
    "a tie to itself": (
        change(GPT, "head", tie="head"),
        ["head.tie: expected another node, got the node itself. Clear tie."],
    ),
    "a tie to what has no weight": (
        change(GPT, "head", tie="norm"),
        ["head.tie: expected a node with a weight, got norm. Clear tie."],
    ),
    "a tie of other sizes": (
        change(GPT, "head", tie="position_embed"),
        [
            "head.tie: expected a node with a weight of vocab_size x d_model, got position_embed "
            "with context x d_model. Clear tie."
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
