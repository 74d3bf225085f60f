"""What is declared of the steps that an output depends on contains what is measured."""

from dataclasses import replace
from random import Random

import pytest
import torch

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.dependence import dependence_faults
from codegen.harness.one_node import draw_case, instance
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Composite, InputNode, Model, OutputNode
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.time.receptive_field import Order
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.reshape.reshape import Reshape
from nodes.reshape.slice import Slice
from tests.node_cases import cases
from tests.random_graphs import random_model
from tests.time_measurement import compare_model, reads_padding, sees_order
from tests.time_models import chain, random_classifier

PRIMITIVES = [
    node_type
    for node_type in node_types().values()
    if not issubclass(node_type, Composite | InputNode | OutputNode)
]


@pytest.mark.parametrize("node_type", PRIMITIVES, ids=lambda one: one.__name__)
def test_a_node_depends_on_no_more_than_it_declares(node_type):
    torch.manual_seed(0)
    for number, case in enumerate(cases(node_type)):
        assert dependence_faults(draw_case(case, Random(number))) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(22))
def test_a_model_depends_on_no_more_than_it_declares(seed):
    torch.manual_seed(seed)
    model = random_model(seed)
    compiled = compile_model(model)
    module = instance(compiled.source, model.name).double().eval()
    for compared in compare_model(model, compiled.report, module):
        assert compared.is_sound, (compared.output, compared.source)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_a_classifier_that_reads_padding_or_order_is_declared_to(seed):
    torch.manual_seed(seed)
    model = random_classifier(seed)
    problems = check(model).problems
    compiled = compile_model(replace(model, recipe=None))
    module = instance(compiled.source, model.name).double().eval()
    if reads_padding(module, 30):
        assert any("padding" in problem.message for problem in problems)
    if sees_order(module, 30):
        assert check(model).fields.results["logits"].order is not Order.NONE


def test_a_node_that_says_nothing_of_a_dimension_is_refused():
    with pytest.raises(TypeError, match=r"Silent: expected each word .* got C in neither"):

        class Silent(Node):
            category = Category.LINEAR
            each = ("...",)
            input = Input("... C", "vectors")
            output = Output("... C", "vectors")


def regrouped(*patterns):
    return chain(
        ("cut", Slice(dim=1, stop=4)),
        *((f"reshape{i}", Reshape(pattern=pattern)) for i, pattern in enumerate(patterns)),
        ("mix", Linear(out_features=3)),
    )


@pytest.mark.parametrize(
    "body",
    [
        regrouped("B 4 C -> B C 4"),
        regrouped("B 4 C -> B (4 C)"),
        regrouped("B (2 n) C -> B 2 n C", "B 2 n C -> B n (C 2)"),
    ],
)
def test_a_number_in_a_pattern_is_a_dimension_like_any_other(body):
    torch.manual_seed(0)
    builder = GraphBuilder()
    x = body(builder, builder.add("x", FeatureInput(features=4)))
    builder.add("y", GraphOutput(), x)
    model = Model("M", builder.build())
    compiled = compile_model(model)
    module = instance(compiled.source, model.name).double().eval()
    for compared in compare_model(model, compiled.report, module):
        assert compared.is_sound, compared.source
