"""A block with a step input is a loop: drawn cells equal the networks of PyTorch."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from codegen.check import check
from codegen.check.check import with_hints
from codegen.compile import compile_model
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.step_loops import FEATURES, HIDDEN, cell, gru_cell, lstm_cell, model_of
from tests.one_node import instance

CELLS = {
    "rnn": (cell, nn.RNN, ("new",), ("hidden",)),
    "gru": (gru_cell, nn.GRU, ("reset", "update", "new"), ("hidden",)),
    "lstm": (lstm_cell, nn.LSTM, ("input", "forget", "new", "output"), ("hidden", "cell")),
}

EMBED = Embedding(num_embeddings="vocab_size", embedding_dim="hidden_size")


def module_of(model):
    return instance(compile_model(model).source, "Loop").double()


def copied(module, network, gates):
    """Copy the weights of a network of PyTorch into the gates of a drawn cell."""
    with torch.no_grad():
        for number, gate in enumerate(gates):
            rows = slice(number * HIDDEN, (number + 1) * HIDDEN)
            for suffix, source in (("x", "ih"), ("h", "hh")):
                linear = getattr(module.loop, f"{gate}_{suffix}")
                linear.weight.copy_(getattr(network, f"weight_{source}_l0")[rows])
                linear.bias.copy_(getattr(network, f"bias_{source}_l0")[rows])


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("given", [False, True])
def test_a_drawn_cell_equals_the_network_of_pytorch(name, given):
    body, network_type, gates, states = CELLS[name]
    model = loads(dumps(model_of(body(), *(states if given else ()))))
    assert check(model).problems == ()
    module, network = module_of(model), network_type(FEATURES, HIDDEN, batch_first=True).double()
    copied(module, network, gates)
    x = torch.randn(2, 7, FEATURES, dtype=torch.float64)
    starts = [torch.randn(2, 7, HIDDEN, dtype=torch.float64) for _ in states] if given else []
    first = [start[None, :, 0] for start in starts]
    packed = (tuple(first) if len(first) > 1 else first[0]) if given else None
    expected, last = network(x, packed)
    lasts = last if isinstance(last, tuple) else (last,)
    output, *ends = module(x, *starts)
    torch.testing.assert_close(output, expected)
    for end, one in zip(ends, lasts, strict=True):
        torch.testing.assert_close(end, one[0])
    ours = torch.autograd.grad(output.sum(), [*module.parameters()])
    theirs = torch.autograd.grad(expected.sum(), [*network.parameters()])
    torch.testing.assert_close(sum(g.sum() for g in ours), sum(g.sum() for g in theirs))


def language_model_of(body: Graph, **parts: Graph) -> Model:
    """Build a language model whose recurrence is a drawn cell, or blocks that contain it."""
    builder = GraphBuilder(blocks={"Cell": body, **parts})
    x = builder.add("embed", EMBED, builder.add("tokens", TokenInput()))
    x = builder.add("loop", Block(block=[*builder.blocks][-1], repeat=2 if parts else 1), x)
    builder.add("logits", GraphOutput(), builder.add("head", Linear(out_features="vocab_size"), x))
    sizes = {"vocab_size": 11, "hidden_size": HIDDEN}
    hyperparameters = {name: Hyperparameter(value) for name, value in sizes.items()}
    blocks = dict(builder.blocks)
    recipe = LanguageModelling()
    return Model("LM", builder.build(), blocks, hyperparameters, recipe=recipe)


def stack_of_cells() -> Graph:
    """Build a block around a loop, to be repeated with a residual connection."""
    builder = GraphBuilder(blocks={"Cell": lstm_cell()})
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    y = builder.add("cell", Block(block="Cell"), x)
    builder.add("output", GraphOutput(), builder.add("residual", Add(), x, y))
    return builder.build()


@pytest.mark.parametrize("parts", [{}, {"Layer": stack_of_cells()}], ids=["loop", "stack"])
@pytest.mark.parametrize("body", [cell, gru_cell, lstm_cell])
def test_a_language_model_with_a_loop_has_a_cache(body, parts):
    model = language_model_of(lstm_cell() if parts else body(), **parts)
    assert with_hints(model, check(model)).problems == ()
    module = instance(compile_model(model).source, "LM").double()
    tokens = torch.randint(11, (2, 9))
    expected, _ = module(tokens)
    for lengths in ((1,) * 9, (3, 3, 3), (5, 4)):
        past, pieces = None, []
        for piece in tokens.split(lengths, 1):
            logits, past = module(piece, past)
            pieces.append(logits)
        torch.testing.assert_close(torch.cat(pieces, 1), expected)


def problems_of(model: Model) -> list[str]:
    return [f"{problem.location}: {problem.message}" for problem in check(model).problems]


def test_what_a_loop_cannot_be_is_a_problem_with_its_place():
    body, model = cell(), model_of(cell())
    assert problems_of(replace(model, graph=body)) == [
        "x: expected an input of tokens or features in the main graph, got a step input",
        "hidden: expected an input of tokens or features in the main graph, got a state input",
        "next_hidden: expected an output in the main graph, got a state output",
    ]
