"""Compares an imported model with the original: the generated code, run with the same weights."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, fx, nn

from builder.importing.tracing.samples import Entrance
from builder.importing.tracing.trace import Trace
from codegen.compile import compile_model
from codegen.weights.key_map import KeyMap
from nodes.core.graphs.graph import Model

SIZES = {"B": 4, "T": 5, "S": 8}
"""The sizes of the inputs on which the outputs are compared, others than those of the trace."""


def largest_difference(
    trace: Trace, model: Model, key_map: KeyMap, inputs: Sequence[fx.Node]
) -> float:
    """Return the largest difference of the outputs to those of the original, in evaluation.

    Args:
        trace: the original, traced.
        model: the imported model.
        key_map: the names of its weights in the original.
        inputs: which inputs of the original it takes, in order.

    Raises:
        NotCompiled: the imported model has errors.
        KeyMapError: the key map does not fit the generated code.
    """
    network = _instantiated(compile_model(model).source)
    converted = key_map.convert(network.state_dict(), trace.model.state_dict(), {})
    network.load_state_dict(converted)
    network.eval()
    drawn = trace.drawn(SIZES)
    values = dict(zip(trace.placeholders, drawn, strict=True))
    with torch.no_grad(), _plain_attention():
        expected = Entrance(trace.model, trace.examples)(*drawn)
        found = network(*(values[x] for x in inputs))
    outputs = found if isinstance(found, tuple) else (found,)
    pairs = zip(outputs, expected, strict=True)
    return max(_difference(actual, original) for actual, original in pairs)


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Disable the fast path of nn.TransformerEncoder, which returns zeros at padding."""
    was_enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_enabled)


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
