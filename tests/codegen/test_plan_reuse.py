"""After an edit of one parameter the code is the one that a compilation without a cache writes."""

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from pydantic import ValidationError

from codegen.check import CheckCache
from codegen.compile import NotCompiled, compile_model
from examples.build import gpt
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Model
from nodes.dropout.dropout import Dropout
from nodes.linear.linear import Linear
from nodes.recurrent.gru import GRU
from tests import time_models
from tests.codegen.drawing import chain, put
from tests.random_graphs import random_model
from tests.time_models import WIDTH, language_model

VALUES = (
    False,
    True,
    0.25,
    2.0,
    "rate",
    "half * half",
    1,
    2,
    3,
    "h",
    "h // 3",
    "tanh",
    "relu",
    None,
)


def edits(model: Model, random: Random) -> Iterator[Model]:
    """Set parameters of some nodes to other values, one after the other."""
    names = random.sample([*model.graph.nodes], min(6, len(model.graph.nodes)))
    fields = [(name, key) for name in names for key in type(model.graph.nodes[name]).model_fields]
    for (name, key), chosen in product(fields, random.sample(VALUES, 3)):
        node = model.graph.nodes[name]
        try:
            other = type(node).model_validate(node.as_written() | {key: chosen})
        except ValidationError:
            continue
        yield (edited := put(model, name, other))
        if random.random() < 0.5:
            model = edited


def outcome(model: Model, cache: CheckCache | None) -> object:
    try:
        compiled = compile_model(model, cache)
    except NotCompiled as error:
        return str(error)
    return compiled.source, compiled.lines


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_the_code_after_an_edit_of_a_parameter_is_that_of_a_fresh_compilation(seed):
    model, cache = random_model(seed), CheckCache()
    assert outcome(model, cache) == outcome(model, None)
    for edited in edits(model, Random(seed)):
        assert outcome(edited, cache) == outcome(edited, None)


def reused(model: Model, edited: Model) -> bool:
    """Check that the second plan is made of the first, and writes what a fresh one does."""
    cache = CheckCache()
    compile_model(model, cache)
    before = cache.plan
    assert outcome(edited, cache) == outcome(edited, None)
    return cache.plan is before


def test_the_plan_is_reused_where_no_statement_changes():
    model = chain(Linear(), Dropout(), Linear(bias=False))
    assert reused(model, put(model, "b", Dropout(p=0.5)))
    assert reused(model, put(model, "c", Linear()))
    assert not reused(model, put(model, "c", Linear(out_features=3)))


def test_a_reused_plan_drops_the_fields_that_no_node_reads_any_more():
    model = chain(Dropout(p="p"), Linear(), p=0.5)
    assert not reused(model, put(model, "a", Dropout(p=0.1)))
    assert not reused(put(model, "a", Dropout(p=0.1)), model)


def test_two_edits_of_two_nodes_are_both_in_the_code():
    model, cache = chain(Dropout(), Linear(), Dropout()), CheckCache()
    compile_model(model, cache)
    for name, p in (("a", 0.3), ("c", 0.4), ("a", 0.5)):
        model = put(model, name, Dropout(p=p))
        assert outcome(model, cache) == outcome(model, None)


def test_a_node_that_keeps_earlier_steps_after_an_edit_gets_its_state():
    conv = Conv1d(out_channels=WIDTH, kernel_size=1, padding="causal")
    model = language_model(time_models.chain(("gru", GRU(hidden_size=WIDTH)), ("conv", conv)))
    wider = put(model, "conv", conv.model_copy(update={"kernel_size": 3}))
    assert not reused(model, wider)


def test_an_edit_of_a_block_is_part_of_the_code_of_the_model():
    model, cache = gpt(), CheckCache()
    compile_model(model, cache)
    (block,) = (name for name, graph in model.blocks.items() if graph.nodes)
    for name, node in model.blocks[block].nodes.items():
        if isinstance(node, Dropout):
            model = put(model, name, Dropout(p=0.7), block)
    assert outcome(model, cache) == outcome(model, None)
