"""A block with a step input is a loop: drawn cells equal the networks of PyTorch."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from codegen.check import check
from codegen.check.check import with_hints
from codegen.compile import compile_model
from codegen.harness.one_node import instance
from examples.sequence_to_sequence import seq2seq_bahdanau
from nodes.activation.softmax import Softmax
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.time.reach import EACH, EARLIER, INF
from nodes.core.time.term import STEPS, Source
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.state_input import StateInput
from nodes.io.state_output import StateOutput
from nodes.io.step_input import StepInput
from nodes.io.token_input import TokenInput
from nodes.library.recurrent_cells import gru_cell, lstm_cell
from nodes.library.recurrent_cells import rnn_cell as cell
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.concatenate import Concatenate
from nodes.recurrent.lstm import LSTM
from nodes.reshape.reshape import Reshape
from nodes.reshape.select import Select
from nodes.tasks.language_modelling import LanguageModelling
from tests.codegen.step_loops import FEATURES, HIDDEN, model_of

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


def test_a_loop_body_belongs_in_a_block():
    assert problems_of(replace(model_of(cell()), graph=cell())) == [
        "x: expected an input of tokens or features in the main graph, got a step input",
        "hidden: expected an input of tokens or features in the main graph, got a state input",
        "next_hidden: expected an output in the main graph, got a state output",
    ]


WHOLE = cell().with_node("first", Select(dim=0)).with_node("number", Select(dim=0))
WHOLE = WHOLE.with_edge(PortRef("tanh", "output"), PortRef("first", "input"))
WHOLE = WHOLE.with_edge(PortRef("first", "output"), PortRef("number", "input"))
STATE = PortRef("next_hidden", "state")
TWO = cell().with_node("other", StateOutput())
TWO = TWO.with_edge(PortRef("tanh", "output"), PortRef("other", "input"))
TWO = TWO.with_edge(PortRef("hidden", "output"), PortRef("other", "state"))
MIXED = cell().with_node("mixed", Softmax(dim=0))
MIXED = MIXED.with_edge(PortRef("tanh", "output"), PortRef("mixed", "input"))
WRONG_BODIES = {
    "no pair": (
        cell().without_edge(STATE),
        ["Cell/next_hidden.state: expected an edge, got none"],
        "Connect hidden.output to next_hidden.state",
    ),
    "a pair of a wrong node": (
        cell().with_edge(PortRef("tanh", "output"), STATE),
        ["Cell/next_hidden.state: expected an edge from a StateInput, got one from tanh.output"],
        "Connect hidden.output to next_hidden.state",
    ),
    "another size": (
        cell().with_node("hidden", StateInput(size=4)),
        [
            "Cell/next_hidden.state: expected C = hidden_size = 5, as at input, "
            "got 4 from hidden.output"
        ],
        "Set size of hidden to hidden_size",
    ),
    "no output": (
        cell().without_node("next_hidden"),
        ["Cell/hidden: expected a StateOutput that gives it its next value, got none"],
        "",
    ),
    "two outputs": (
        TWO,
        ["Cell/other.state: expected one StateOutput for hidden, got a second one"],
        "",
    ),
    "an output without the batch": (
        WHOLE.with_edge(PortRef("number", "output"), PortRef("output", "input")),
        ["Cell/output.input: expected the batch B as first dimension of each step, got ()"],
        "Connect tanh.output to output.input",
    ),
    "rows that mix": (
        MIXED.with_edge(PortRef("mixed", "output"), PortRef("output", "input")),
        ["Cell/mixed: expected each row of the batch to depend on itself alone, got other rows"],
        "Set dim to -1",
    ),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
def test_what_is_wrong_in_a_loop_body_is_a_problem_with_its_place(name):
    body, messages, remedy = WRONG_BODIES[name]
    problems = check(model_of(body)).problems
    assert [f"{problem.location}: {problem.message}" for problem in problems] == messages
    titles = [each.title for each in problems[0].remedies]
    assert (titles[:1] or [""]) == [remedy]


def test_a_loop_is_repeated_within_a_block():
    model = model_of(cell())
    model = model.edit("", lambda graph: graph.with_node("loop", Block(block="Cell", repeat=2)))
    assert problems_of(model) == [
        "loop.repeat: expected repeat 1, as the block is a loop over steps; for a stack of loops, "
        "repeat a block that contains it; got 2"
    ]


def test_a_concatenation_of_one_part_mixes_no_rows():
    model = language_model_of(cell())
    graph = cell().with_node("joined", Concatenate(dim=0))
    graph = graph.with_edge(PortRef("x", "output"), PortRef("joined", "parts.0"))
    graph = graph.with_edge(PortRef("joined", "output"), PortRef("new_x", "input"))
    assert problems_of(replace(model, blocks={"Cell": graph})) == [
        "Cell/joined.parts: expected at least two edges, got one, which the node passes on "
        "unchanged"
    ]


def test_a_look_ahead_before_a_loop_is_found_through_it():
    model = language_model_of(cell())
    both = LSTM(hidden_size="hidden_size", bidirectional=True)
    graph = model.graph.with_node("both", both)
    graph = graph.with_edge(PortRef("embed", "output"), PortRef("both", "input"))
    model = model.with_graph("", graph.with_edge(PortRef("both", "output"), PortRef("loop", "x")))
    (problem,) = check(model).problems
    assert str(problem.location) == "both"
    assert [each.title for each in problem.remedies] == ["Set bidirectional to False"]


def test_a_loop_sees_the_steps_until_its_own():
    fields = check(model_of(lstm_cell())).fields
    steps = Source("signal", STEPS, "T")
    field = fields.results["output"]
    assert field.reach(steps, field.dims[1][0]) == EARLIER
    assert fields.results["last_next_cell"].reach(steps, None) == (0, INF)
    assert fields.results["last_next_cell"].padding == {"T": INF}
    pointwise = cell().with_edge(PortRef("new_x", "output"), PortRef("output", "input"))
    field = check(model_of(pointwise)).fields.results["output"]
    assert field.reach(steps, field.dims[1][0]) == EACH


def loop_in_a_loop() -> Graph:
    """Build a recurrence whose steps are halves that another recurrence reads one by one."""
    builder = GraphBuilder(blocks={"Cell": cell()})
    x, hidden = builder.add("x", StepInput()), builder.add("old", StateInput(size="hidden_size"))
    halves = Reshape(pattern="B (size C) -> B size C", size=2)
    word = builder.add("word", Block(block="Cell"), builder.add("halves", halves, x))
    new = builder.add("new", Add(), word["next_hidden"], hidden)
    builder.add("output", GraphOutput(), new)
    builder.add("next", StateOutput(), new, hidden)
    return builder.build()


def test_a_loop_within_a_loop_keeps_rows_and_steps_apart():
    model = language_model_of(cell())
    width = Hyperparameter(6)
    model = replace(model, hyperparameters={**model.hyperparameters, "hidden_size": width})
    model = replace(model, blocks={"Cell": cell(), "Outer": loop_in_a_loop()})
    model = model.with_graph("", model.graph.with_node("loop", Block(block="Outer")))
    assert problems_of(model) == []
    module = instance(compile_model(model).source, "LM").double()
    tokens = torch.randint(11, (3, 6))
    logits = module(tokens)[0]
    for row in range(3):
        torch.testing.assert_close(module(tokens[row : row + 1])[0], logits[row : row + 1])
    torch.testing.assert_close(module(tokens[:, :4])[0], logits[:, :4])
    steps = Source("tokens", STEPS, "T")
    field = check(model).fields.results["logits"]
    assert field.reach(steps, field.dims[1][0]) == EARLIER


def test_attention_inside_a_recurrence_is_that_of_the_paper():
    source = compile_model(seq2seq_bahdanau()).source
    model = instance(source, "Seq2SeqBahdanau").double().eval()
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.2)
    source, target = torch.randint(256, (2, 5)), torch.randint(256, (2, 6))
    lengths = torch.tensor([5, 3])
    logits, alignment = model(source, lengths, target)
    for row, length in enumerate(lengths.tolist()):
        memory, hidden = model.encoder(model.embed(source[row : row + 1, :length]))
        state = torch.tanh(model.start(hidden[1]))
        step, keys = model.decoder, model.keys(memory)
        for t, word in enumerate(model.target_embed(target[row])):
            energy = torch.tanh(step.query(state)[:, None] + keys) @ step.score.weight.mT
            weights = torch.softmax(energy[..., 0], dim=1)
            context = torch.einsum("bs,bsm->bm", weights, memory)
            state = step.cell(torch.cat((word[None], context), dim=1), state)
            read = model.head(torch.cat((state, context, word[None]), dim=1))
            torch.testing.assert_close(logits[row, t], read[0])
            torch.testing.assert_close(alignment[row, t, :length], weights[0])
            assert not alignment[row, t, length:].any()
