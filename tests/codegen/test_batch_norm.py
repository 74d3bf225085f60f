"""BatchNorm is that of PyTorch in both modes; where its statistics matter, it is reported."""

import pytest
import torch
from torch import Tensor, nn

from codegen.check import Severity, check
from codegen.compile import compile_model
from nodes.activation.relu import ReLU
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import Model
from nodes.io.feature_input import FeatureInput
from nodes.normalization.batch_norm import BatchNorm
from nodes.pooling.mean_pooling import MeanPooling
from nodes.reshape.reshape import Reshape
from tests.codegen import drawing
from tests.codegen.running import network
from tests.time_models import chain, classifier, forecaster, language_model

WIDTH = 6
START = FeatureInput(features=WIDTH)
SPLIT = Reshape(pattern="B T (size C) -> B T size C", size=2)


def heads(x: Tensor) -> Tensor:
    return x.unflatten(-1, (2, -1))


OF_EACH_RANK = {
    "steps": (drawing.chain(BatchNorm(momentum=0.3), start=START), torch.Tensor.clone),
    "one vector": (drawing.chain(MeanPooling(), BatchNorm(), start=START), lambda x: x.mean(1)),
    "heads": (drawing.chain(SPLIT, BatchNorm(eps=0.1), start=START), heads),
}


@pytest.mark.parametrize(("model", "before"), OF_EACH_RANK.values(), ids=OF_EACH_RANK)
def test_it_normalizes_by_the_batch_in_training_and_by_running_averages_after(model, before):
    module = network(model).double()
    (name,) = (key for key, node in model.graph.nodes.items() if isinstance(node, BatchNorm))
    node, layer = model.graph.nodes[name], module.get_submodule(name)
    nn.init.normal_(layer.weight), nn.init.normal_(layer.bias)
    mean, variance = torch.zeros_like(layer.weight), torch.ones_like(layer.weight)
    for training in (True, True, False):
        module.train(training)
        given = torch.randn(4, 5, WIDTH, dtype=torch.float64)
        x = before(given)
        vectors = x.reshape(-1, x.shape[-1])
        used = vectors.mean(0), vectors.var(0, correction=0)
        if training:
            mean = mean + node.momentum * (used[0] - mean)
            variance = variance + node.momentum * (vectors.var(0) - variance)
        else:
            used = mean, variance
        normal = (x - used[0]) / (used[1] + node.eps).sqrt()
        torch.testing.assert_close(module(given), normal * layer.weight + layer.bias)


def test_after_a_convolution_it_is_written_as_a_person_would():
    model = drawing.chain(Conv1d(out_channels=WIDTH), BatchNorm(), ReLU(), start=START)
    expected = "self.b(self.a(x.transpose(1, 2))).transpose(1, 2)"
    assert expected in compile_model(model).source


def warnings(model: Model) -> list[str]:
    found = [one for one in check(model).problems if one.location.node == "norm"]
    assert all(one.severity is Severity.WARNING for one in found)
    return [one.message for one in found]


NORM = ("norm", BatchNorm())
CONV = ("conv", Conv1d(out_channels="16", padding="causal"))


def test_statistics_of_later_steps_are_reported_with_a_remedy_that_works():
    model = language_model(chain(CONV, NORM))
    (found,) = warnings(model)
    assert found.endswith("got statistics that include later steps in training")
    (problem,) = (one for one in check(model).problems if one.location.node == "norm")
    assert [remedy.title for remedy in problem.remedies] == ["Replace norm by LayerNorm"]
    assert warnings(problem.remedies[0].apply(model)) == []


def test_statistics_of_padding_are_reported():
    pooled = ("pool", MeanPooling())
    (found,) = warnings(classifier(chain(CONV, NORM, pooled)))
    assert found.endswith("got statistics that include padding in training")


def test_statistics_of_whole_sequences_or_of_single_vectors_are_not_reported():
    pooled = ("pool", MeanPooling())
    assert warnings(forecaster(chain(CONV, NORM, pooled))) == []
    assert warnings(classifier(chain(pooled, NORM))) == []
    assert warnings(drawing.chain(BatchNorm(), start=START)) == []
