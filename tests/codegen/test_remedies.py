"""Remedies are tried before they are shown: each removes its problem and creates no other."""

from dataclasses import replace

import pytest

from codegen.check import CheckCache, Severity, check
from codegen.check.remedy import Connect, Insert, RemoveNode, Several
from examples.build import gpt
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, InputNode, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.port import Kind
from nodes.core.graphs.unknown_node import Unknown
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.length_input import LengthInput
from nodes.io.mask_input import MaskInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.pooling.first_step import FirstStep
from nodes.pooling.mean_pooling import MeanPooling
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.encoder_layer import EncoderLayer
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
    value,
    with_blocks,
)
from tests.planted_faults import FAULTS
from tests.remedy_outcomes import Tally, measure


def titles(model: Model) -> list[str]:
    return [remedy.title for error in check(model).errors for remedy in error.remedies]


def messages(model: Model) -> list[str]:
    return [str(error) for error in check(model).errors]


def require_correct(model: Model) -> list[str]:
    """Require that a model with errors has remedies, and that each leaves none; return titles."""
    remedies = [remedy for error in check(model).errors for remedy in error.remedies]
    assert remedies
    assert all(check(remedy.apply(model)).ok for remedy in remedies)
    return [remedy.title for remedy in remedies]


# -- what is shown ---------------------------------------------------------------------------------


def test_a_size_is_not_proposed_because_its_value_happens_to_match():
    model = chain(GRU(hidden_size=1), GRU(hidden_size=1, num_layers=3), start=FeatureInput())
    model = connect(model, "a.hidden", "b.initial_hidden")
    found = require_correct(model)
    assert "Set hidden_size of a to 3" not in found


def test_no_remedy_is_undone_by_the_next():
    found = require_correct(chain(FirstStep(), LSTM(), start=FeatureInput(features=4)))
    assert "Remove the edge to b.input" not in found


def test_a_candidate_that_creates_another_problem_is_not_shown():
    model = branches(Linear(), Linear(out_features=32), Add())
    warning = check(connect(model, "right.output", "y.input")).problems[-1]
    assert warning.severity is Severity.WARNING  # the sum is not part of the model any more
    assert [remedy.title for remedy in warning.remedies] == ["Remove sum and left"]


def test_an_error_whose_candidates_all_leave_a_warning_has_those_without_another_error():
    (error,) = check(cut(chain(Add()), "a.terms.0")).errors
    assert [remedy.title for remedy in error.remedies] == ["Connect x.output to a.terms.0"]
    fixed = check(error.remedies[0].apply(cut(chain(Add()), "a.terms.0")))
    assert [problem.severity for problem in fixed.problems] == [Severity.WARNING]


def test_a_tie_that_errors_kept_from_being_checked_does_not_count_against_a_remedy():
    builder = GraphBuilder()
    x = builder.add("tokens", TokenInput())
    builder.add("unused", Embedding(num_embeddings=8, embedding_dim=4), x)
    used = builder.add("used", Embedding(num_embeddings=8, embedding_dim=4, tie="unused"), x)
    builder.add("y", GraphOutput(), used)
    model = drop(Model(graph=builder.build()), "tokens")
    for error in check(model).errors:
        assert error.remedies[0].title == "Add TokenInput before unused.input and used.input"
        assert check(error.remedies[0].apply(model)).ok


def test_what_only_becomes_visible_behind_a_problem_is_another_one():
    model = chain(Linear(), MultiHeadAttention(num_heads=8), GELU())
    model = put(cut(model, "a.input"), "other", FeatureInput(features=7))
    (error, *_) = [one for one in check(model).errors if one.location.node == "a"]
    shown = [remedy.title for remedy in error.remedies]
    assert "Connect x.output to a.input" in shown
    assert "Connect other.output to a.input" not in shown


def test_a_fault_behind_every_remedy_is_its_own():
    model = cut(chain(Linear(out_features=64), MultiHeadAttention(num_heads=6)), "a.input")
    (error,) = check(model).errors
    assert "Connect x.output to a.input" in [remedy.title for remedy in error.remedies]


def test_one_cause_of_several_problems_is_fixed_at_each_of_them():
    model = gpt()
    model = change(model, "head", out_features=7)
    errors = check(model).errors
    assert len(errors) == 2
    for error in errors:
        assert error.remedies[0].title.endswith("to vocab_size")
        assert check(error.remedies[0].apply(model)).ok


def test_a_removed_node_with_several_readers_is_replaced_at_all_of_them():
    model = branches(Linear(), Linear(), Add())
    model = put(model, "before", GELU())
    for target in ("left.input", "right.input"):
        model = connect(model, "before.output", target)
    model = drop(connect(model, "x.output", "before.input"), "before")
    for error in check(model).errors:
        assert isinstance(error.remedies[0], Several)
        assert check(error.remedies[0].apply(model)).ok


def test_trials_leave_the_cache_and_the_report_as_they_were():
    model, cache = chain(MultiHeadAttention(num_heads=6), GELU()), CheckCache()
    report = check(model, cache)
    kept = dict(cache.latest), dict(cache.graphs), cache.hyperparameters
    assert [problem.remedies for problem in report.problems]
    assert (cache.latest, cache.graphs, cache.hyperparameters) == kept
    assert check(model, cache).problems == report.problems == check(model).problems


def test_no_candidate_is_tried_before_remedies_are_read():
    report = check(chain(MultiHeadAttention(num_heads=6)))
    (problem,) = report.problems
    assert not report.verifier.is_done(problem)
    assert report.verifier.known(problem) == ()
    while not report.verifier.advance(problem):
        assert report.verifier.known(problem) == ()
    assert report.verifier.known(problem) == problem.remedies != ()


def test_several_remedies_are_applied_in_order():
    model = cut(chain(Linear()), "a.input")
    both = Several(
        (
            Connect("", PortRef("x", "output"), PortRef("a", "input")),
            Insert("", PortRef("a", "input"), "GELU"),
        )
    )
    assert both.title == "Connect x.output to a.input and insert GELU before a.input"
    assert check(both.apply(model)).ok
    assert "gelu" in both.apply(model).graph.nodes


# -- heads -----------------------------------------------------------------------------------------

HEADS = (
    (EncoderLayer(num_heads=4), {}),
    (EncoderLayer(num_heads=4, norm_first=True), {}),
    (MultiHeadAttention(num_heads=4), {}),
    (EncoderLayer(num_heads="heads"), {"heads": 4}),
)


@pytest.mark.parametrize(("node", "hyperparameters"), HEADS)
def test_heads_that_do_not_divide_have_the_nearest_divisors_and_the_nearest_width(
    node, hyperparameters
):
    model = chain(node, start=FeatureInput(features=10), **hyperparameters)
    port = node.inputs[0].name
    what = "the hyperparameter heads" if hyperparameters else "num_heads"
    named = "num_heads = heads = 4" if hyperparameters else "num_heads = 4"
    assert messages(model) == [
        f"a.{port}: expected a multiple of {named}, got 10 from x.output. "
        f"Set {what} to 5 or 2, or set features of x to 8."
    ]
    require_correct(model)


def test_a_width_before_several_numbers_of_heads_is_set_to_a_multiple_of_all():
    model = chain(
        Linear(out_features=7), MultiHeadAttention(num_heads=8), MultiHeadAttention(num_heads=6)
    )
    model = connect(model, "a.output", "c.query")
    model = put(model, "sum", Add())
    for number, source in enumerate(("b", "c")):
        model = connect(model, f"{source}.output", f"sum.terms.{number}")
    model = connect(model, "sum.output", "y.input")
    assert len(check(model).errors) == 2
    assert "Set out_features of a to 24" in titles(model)


# -- kinds -----------------------------------------------------------------------------------------

STARTS = {
    Kind.TOKENS: TokenInput(),
    Kind.FEATURES: FeatureInput(features=24),
    Kind.MASK: MaskInput(),
    Kind.LENGTHS: LengthInput(),
}
CONVERTED = (
    (Kind.TOKENS, LSTM(), "input", "Insert Embedding(256, 128) before a.input"),
    (Kind.TOKENS, EncoderLayer(), "input", "Insert Embedding(256, 128) before a.input"),
    (Kind.TOKENS, Linear(), "input", "Insert Embedding(256, 128) before a.input"),
    (Kind.LENGTHS, EncoderLayer(), "key_mask", "Insert LengthMask before a.key_mask"),
    (Kind.LENGTHS, MeanPooling(), "mask", "Move the edge from a.mask to a.lengths"),
    (Kind.MASK, MeanPooling(), "lengths", "Move the edge from a.lengths to a.mask"),
    (Kind.FEATURES, EncoderLayer(), "mask", "Insert CausalMask before a.mask"),
    (Kind.TOKENS, EncoderLayer(), "mask", "Insert CausalMask before a.mask"),
    (Kind.FEATURES, GRU(), "initial_hidden", "Insert GRU(128, 1) before a.initial_hidden"),
)


@pytest.mark.parametrize(("kind", "node", "port", "title"), CONVERTED)
def test_a_kind_mismatch_has_the_node_that_converts(kind, node, port, title):
    first = node.inputs[0].name
    model = chain(node, start=FeatureInput(features=128))
    model = connect(put(model, "start", STARTS[kind]), "start.output", f"a.{port}")
    if port == first:
        model = drop(model, "x")
    assert title in require_correct(model)


def test_a_new_embedding_has_the_sizes_of_the_model():
    model = drop(gpt(), "embed")
    model = change(connect(model, "tokens.output", "add.terms.0"), "head", tie="")
    assert titles(model)[0] == "Insert Embedding(vocab_size, d_model) before add.terms.0"
    require_correct(model)


# -- names -----------------------------------------------------------------------------------------


GPT = gpt()
CUT = cut(GPT, "norm.input")
EXPRESSION = "2 * d_modl - d_model"
NORM = Unknown(type="LayerNrom", parameters={"eps": 1e-3})
MISSPELT = (
    (change(GPT, "embed", embedding_dim="d_modle"), "Set embedding_dim to d_model"),
    (change(GPT, "position_embed", embedding_dim=EXPRESSION), "Set embedding_dim to d_model"),
    (chain(GELU(approximate="tanhh")), "Set approximate to tanh"),
    (put(GPT, "blocks", Block(block="Blcok", repeat="num_layers")), "Set block to Block"),
    (change(GPT, "head", tie="embd"), "Set tie to embed"),
    (put(GPT, "norm", NORM), "Set the type of norm to LayerNorm"),
    (connect(CUT, "blocks.output", "norm.inptu"), "Move the edge from norm.inptu to norm.input"),
    (connect(CUT, "blocks.outptu", "norm.input"), "Connect blocks.output to norm.input"),
    (connect(CUT, "block.output", "norm.input"), "Connect blocks.output to norm.input"),
    (connect(CUT, "blocks.output", "nrom.input"), "Move the edge from nrom.input to norm.input"),
    (
        replace(GPT, recipe=LanguageModelling(vocabulary="vocab_sze")),
        "Set vocabulary of the recipe to vocab_size",
    ),
)


@pytest.mark.parametrize(("model", "title"), MISSPELT, ids=[title for _, title in MISSPELT])
def test_a_misspelt_name_has_a_question_and_a_remedy(model, title):
    assert any("; did you mean " in message for message in messages(model))
    assert not any("?." in message for message in messages(model))
    assert require_correct(model)[0] == title


# -- blocks and composites -------------------------------------------------------------------------


def test_a_problem_at_the_boundary_of_a_block_names_the_placement_and_the_source():
    inner = block(Linear()).with_node("x", BlockInput(shape="B T C", kind="features"))
    model = put(with_blocks(Block(block="B"), B=inner), "x", TokenInput())
    assert messages(model)[0].startswith("stack.x: expected features, got token ids from x.output.")
    assert {str(k): str(v) for k, v in check(model).waiting.items()} == {
        "y": "stack",
        "B/a": "stack",
        "B/out": "stack",
    }
    assert require_correct(model)[0] == "Insert Embedding(256, 128) before stack.x"


def test_two_placements_of_a_block_have_their_own_problems_at_the_boundary():
    model = with_blocks(Block(block="B"), B=block(Linear()))
    model = connect(put(model, "tokens", TokenInput()), "tokens.output", "stack.x")
    model = connect(put(model, "again", Block(block="B")), "tokens.output", "again.x")
    assert {str(error.location) for error in check(model).errors} == {"stack.x", "again.x"}


def test_a_problem_inside_a_composite_names_the_ports_that_the_user_connected():
    for message in messages(chain(EncoderLayer(num_heads=4), start=FeatureInput(features=10))):
        assert "self_attn" not in message and "input.output" not in message


def test_ports_that_read_another_by_default_add_no_problem():
    model = chain(MultiHeadAttention(num_heads=4), start=TokenInput())
    assert [str(error.location) for error in check(model).errors] == ["a.query"]
    model = connect(chain(MultiHeadAttention(num_heads=4)), "gone.output", "a.query")
    assert [str(error.location) for error in check(model).errors] == ["a.query"]


# -- structure -------------------------------------------------------------------------------------


def test_removing_an_unknown_node_in_a_chain_reconnects_its_ends():
    model = put(chain(Linear(), Linear(), Linear()), "b", Unknown(type="Mamba", parameters={}))
    (error,) = check(model).errors
    assert error.remedies == (RemoveNode("", "b", PortRef("a", "output")),)
    fixed = error.remedies[0].apply(model)
    assert fixed.graph.edges[PortRef("c", "input")] == PortRef("a", "output")
    assert check(fixed).ok


def test_a_missing_edge_is_connected_to_a_source_that_fits_by_kind_and_shape():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=24))
    mask = builder.add("mask", MaskInput())
    pooled = builder.add("pool", MeanPooling(), x, mask=mask)
    builder.add("y", GraphOutput(), builder.add("head", Linear(), pooled))
    model = cut(Model(graph=builder.build()), "pool.input")
    assert require_correct(model)[0] == "Connect x.output to pool.input"


def test_a_missing_hyperparameter_is_added_with_a_value_that_fits():
    model = chain(Linear(out_features=96), MultiHeadAttention(num_heads="heads"))
    found = require_correct(model)
    assert found
    assert "Set the hyperparameter heads to 128" not in found


def test_a_value_of_a_hyperparameter_that_is_no_size_is_replaced():
    model = value(chain(Linear(out_features="w"), Linear(out_features="w")), "w", 1.5)
    assert all(title.startswith("Set the hyperparameter w to ") for title in require_correct(model))


def test_an_input_that_is_missing_is_added_at_all_its_readers():
    model = drop(branches(Linear(), Linear(), Add()), "x")
    for error in check(model).errors:
        assert error.remedies
        assert check(error.remedies[0].apply(model)).ok


def test_an_output_of_a_block_that_is_missing_gets_its_name_back():
    model = drop(with_blocks(Block(block="B"), B=block(Linear())), "out", "B")
    assert "Add GraphOutput out after a.output" in require_correct(model)


def test_an_input_node_of_a_block_that_is_missing_gets_its_name_back():
    model = drop(with_blocks(Block(block="B"), B=block(Linear())), "x", "B")
    (first, *_) = check(model).errors
    fixed = first.remedies[0].apply(model)
    assert check(fixed).ok
    assert isinstance(fixed.blocks["B"].nodes["x"], InputNode)


# -- planted faults --------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [range(start, start + 6) for start in (100, 200)], ids=str)
def test_remedies_of_planted_faults_leave_correct_graphs(seeds):
    total = Tally()
    for kind in FAULTS:
        for seed in seeds:
            total.add(measure(kind, seed))
    assert total.faults > len(FAULTS)
    assert total.with_remedy >= 0.90 * total.faults
    assert total.correct >= 0.95 * total.remedies


def test_every_kind_of_fault_is_planted_in_some_model():
    def plants(kind: str) -> bool:
        return any(measure(kind, seed).faults for seed in range(40))

    assert [kind for kind in FAULTS if not plants(kind)] == []
