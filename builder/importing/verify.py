"""Compares an imported model with the original: the generated code, run with the same weights."""

import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from builder.importing.tracing.trace import Trace
from codegen.compile import compile_model
from codegen.weights.key_map import KeyMap
from nodes.core.graphs.graph import Model


def largest_difference(trace: Trace, model: Model, key_map: KeyMap) -> float:
    """Return the largest difference of the outputs on the examples.

    Raises:
        NotCompiled: the imported model has errors.
        KeyMapError: the key map does not fit the generated code.
    """
    network = _instantiated(compile_model(model).source)
    names, weights = list(network.state_dict()), trace.model.state_dict()
    network.load_state_dict(key_map.convert(names, weights, {}))  # type: ignore[arg-type]
    network.eval()
    given = [x for x in trace.placeholders if trace.example(x).name in model.graph.input_nodes]
    by_name = {trace.example(x).name: x for x in given}
    worst = 0.0
    for values in trace.runs:
        with torch.no_grad():
            found = network(*(values[by_name[name]] for name in model.graph.input_nodes))
        outputs = found if isinstance(found, tuple) else (found,)
        for actual, node in zip(outputs, trace.outputs, strict=True):
            worst = max(worst, _difference(actual, values[node]))
    return worst


def _difference(actual: Tensor, expected: Tensor) -> float:
    if actual.shape != expected.shape:
        return float("inf")
    if not actual.is_floating_point():
        return 0.0 if torch.equal(actual, expected) else float("inf")
    scale = expected.abs().max().clamp(min=1.0)
    difference = (actual - expected).abs().max() / scale
    return float(difference.nan_to_num(nan=float("inf")))


def _instantiated(source: str) -> nn.Module:
    """Make the model of generated code: its last class."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "imported_model.py")
        path.write_text(source, encoding="utf-8")
        spec = spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise ImportError(path.name)
        module = module_from_spec(spec)
        sys.modules[path.stem] = module  # where dataclasses look annotations up
        spec.loader.exec_module(module)
    classes = [x for x in vars(module).values() if isinstance(x, type) and issubclass(x, nn.Module)]
    network: nn.Module = classes[-1](vars(module)["Config"]())
    return network


def unused_weights(trace: Trace, used: Mapping[str, object]) -> list[str]:
    """List the weights of the original that the imported model does not have."""
    parameters = dict(trace.model.named_parameters())
    return [name for name in parameters if name not in used]
