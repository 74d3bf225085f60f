"""Every entry of the library is a layer that runs, and its blocks are named by nothing else."""

from dataclasses import replace
from itertools import product

import pytest
import torch

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.port import Kind
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.mask_input import MaskInput
from nodes.library.library import LibraryEntry, library
from tests.time_models import WIDTH as TIME_WIDTH
from tests.time_models import chain, language_model

WIDTH = 128


def model_of(entry: LibraryEntry) -> Model:
    """Connect every required port of an entry with an input of the width of its layers."""
    known = {name: Hyperparameter(value) for name, value in entry.sizes.items()}
    blocks = Model(blocks=entry.blocks)
    inputs, outputs = blocks.ports(entry.node)
    graph = Graph().with_node("layer", entry.node)
    for port in inputs:
        if port.optional or port.default:
            continue
        length = "S" if port.name in ("memory", "keys", "mask") else "T"
        node = FeatureInput(features=sizes(entry), length=length)
        node = MaskInput(length=length) if port.kind is Kind.MASK else node
        graph = graph.with_node(port.name, node)
        graph = graph.with_edge(PortRef(port.name, "output"), PortRef("layer", port.name))
    for port in outputs:
        graph = graph.with_node(f"the_{port.name}", GraphOutput())
        graph = graph.with_edge(PortRef("layer", port.name), PortRef(f"the_{port.name}", "input"))
    return Model("Layer of library", graph, entry.blocks, known)


def sizes(entry: LibraryEntry) -> str | int:
    names = [name for name in ("d_model", "hidden_size") if name in entry.sizes]
    return names[0] if names else WIDTH


@pytest.mark.parametrize("name", library())
def test_an_entry_of_the_library_is_a_layer_that_runs(name):
    entry = library()[name]
    model = loads(dumps(model_of(entry)))
    assert check(model).problems == ()
    module = instance(compile_model(model).source, "LayerOfLibrary").eval()
    given = [
        torch.ones(2, 5, dtype=torch.bool)
        if isinstance(node, MaskInput)
        else torch.randn(2, 5, WIDTH)
        for node in model.graph.input_nodes.values()
    ]
    result = module(*given)
    first = result[0] if isinstance(result, tuple) else result
    assert first.shape[:2] == (2, 5)
    assert bool(first.isfinite().all())


def test_a_highway_layer_is_that_of_the_paper():
    model = model_of(library()["Highway layer"])
    module = instance(compile_model(model).source, "LayerOfLibrary").double()
    layer, x = module.layer, torch.randn(2, 5, WIDTH, dtype=torch.float64)
    gate = torch.sigmoid(layer.gate_scores(x))
    torch.testing.assert_close(module(x), gate * layer.transform(x).relu() + (1 - gate) * x)


def test_a_mamba2_layer_is_the_recurrence_of_the_paper():
    """The heads of the paper, one step after another (Dao & Gu 2024, sections 2.1 and 7)."""
    model = model_of(library()["Mamba-2 layer"])
    module = instance(compile_model(model).source, "LayerOfLibrary").double()
    layer, x = module.layer, torch.randn(2, 5, WIDTH, dtype=torch.float64)
    for weight in layer.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    inner, size, heads = 2 * WIDTH, 16, 4
    normal = layer.norm(x)
    gate, read = layer.gate_proj(normal), layer.in_proj(normal)
    delta = layer.dt_proj(normal).exp().log1p()
    kernel, bias = layer.conv.weight[:, 0], layer.conv.bias
    before = torch.cat((torch.zeros_like(read[:, :3]), read), 1)
    read = sum(before[:, i : i + 5] * kernel[:, i] for i in range(4)) + bias
    u, b, c = (read * read.sigmoid()).split([inner, size, size], -1)
    u = u.unflatten(-1, (heads, -1))
    state, outputs = torch.zeros(2, heads, inner // heads, size, dtype=torch.float64), []
    for t in range(5):
        step = delta[:, t, :, None, None]
        added = step * u[:, t, :, :, None] * b[:, t, None, None]
        state = (-step * layer.scan.A_log.exp()[:, None, None]).exp() * state + added
        outputs.append((state * c[:, t, None, None]).sum(-1) + layer.scan.D[:, None] * u[:, t])
    y = torch.stack(outputs, 1).flatten(-2) * gate * gate.sigmoid()
    y = y * (y.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * layer.gated_norm.weight
    expected = x + y @ layer.out_proj.weight.T
    torch.testing.assert_close(module(x), expected, rtol=1e-9, atol=1e-9)


def test_a_model_of_mamba2_layers_generates_with_a_state():
    entry = library()["Mamba-2 layer"]
    layers = chain(("layers", Block(block="Mamba-2 layer", repeat=2)))
    model = language_model(layers, entry.blocks)
    known = {name: Hyperparameter(value) for name, value in entry.sizes.items()}
    known |= {**model.hyperparameters, "d_model": Hyperparameter(TIME_WIDTH)}
    model = replace(model, blocks=entry.blocks, hyperparameters=known)
    module = instance(compile_model(model).source, "M").double().eval()
    tokens, state, outputs = torch.randint(30, (2, 13)), None, []
    for part in tokens.split((1, 3, 5, 4), dim=1):
        logits, state = module(part, state)
        outputs.append(logits)
    torch.testing.assert_close(torch.cat(outputs, 1), module(tokens)[0], rtol=1e-9, atol=1e-9)


def test_adaptive_computation_is_the_algorithm_of_the_universal_transformer():
    """The halting of Dehghani et al. 2019, appendix C, position by position."""
    model = model_of(library()["Adaptive computation"])
    module = instance(compile_model(model).source, "LayerOfLibrary").double().eval()
    step = module.layer.steps
    torch.nn.init.normal_(step.score.weight, std=0.1)
    x = torch.randn(2, 7, WIDTH, dtype=torch.float64)
    states, taken = [x], []
    for _ in range(6):
        states.append(step.layer(states[-1]))
    chances = [torch.sigmoid(step.score(state))[..., 0] for state in states]
    expected = torch.zeros_like(x)
    for place in product(range(2), range(7)):
        halted, number, ends = 0.0, 0, False
        while number < 6 and not ends:
            p = float(chances[number][place])
            number += 1
            ends = halted + p > 0.99
            weight = 1 - halted if ends else p
            halted += weight
            new = states[number][place]
            expected[place] = weight * new + (1 - weight) * expected[place]
        taken.append(number)
    torch.testing.assert_close(module(x), expected, rtol=1e-9, atol=1e-9)
    assert len({*taken}) > 1
