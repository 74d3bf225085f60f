"""A custom initialization leaves the weights whose first values have a meaning."""

from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from codegen.harness.one_node import compile_graph, draw_case, instance, one_node_graph
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode
from nodes.core.graphs.node import Node
from tests.node_cases import cases

NO_LAYERS = (Block, Composite, InputNode, OutputNode)
LAYERS = [one for one in node_types().values() if not issubclass(one, NO_LAYERS)]
CASES = [
    pytest.param(one, number, id=f"{one.__name__}-{number}")
    for one in LAYERS
    for number in range(len(cases(one)))
]


def weights(
    node_type: type[Node], number: int, initialization: str, seed: int
) -> dict[str, Tensor]:
    """Return the weights of one node in a model, as they are initialized."""
    drawn = draw_case(cases(node_type)[number], Random(number))
    incoming = {f"to_{port.replace('.', '_')}": spec for port, spec in drawn.specs.items()}
    graph = one_node_graph(drawn, tuple(port.name for port in node_type.outputs))
    model = replace(drawn.model(), initialization=initialization)
    compiled = compile_graph(model, graph, incoming)
    torch.manual_seed(seed)
    return dict(instance(compiled.source, model.name).named_parameters())


@pytest.mark.parametrize(("node_type", "number"), CASES)
def test_matrices_are_drawn_anew_but_for_those_of_a_meaning(node_type, number):
    own, normal = (weights(node_type, number, how, 1) for how in ("torch", "normal"))
    other = weights(node_type, number, "torch", 2)
    for name, weight in normal.items():
        if weight.dim() < 2 or name.endswith(node_type.own_starts or ("\0",)):
            assert weight.equal(own[name]), name
            continue
        assert not own[name].equal(other[name]), f"{name} has a value of its own at the start"
        assert not weight.equal(own[name]), name
        assert weight.abs().max() < 0.2, name
