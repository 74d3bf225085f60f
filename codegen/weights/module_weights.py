"""The weights of a generated model: their names, shapes and types, without any memory for them."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codegen.compile import compile_model
from nodes.core.graphs.graph import Model


@dataclass(frozen=True)
class ModuleWeights:
    """The weights of a generated model.

    Attributes:
        tensors: each parameter and saved buffer once, on the device "meta".
        tied: the other names by which the model knows one of them, with its name among them.
    """

    tensors: Mapping[str, Tensor]
    tied: Mapping[str, str]


def module_weights(model: Model) -> ModuleWeights:
    """List the weights of the generated model of a graph.

    Raises:
        NotCompiled: the graph has errors.
    """
    compiled = compile_model(model)
    known: dict[str, object] = {"__name__": "model"}
    exec(compile(compiled.source, "model.py", "exec"), known)
    with torch.device("meta"):
        module = _instance(known)
    state = dict(module.state_dict(keep_vars=True))
    first: dict[int, str] = {}
    for name, tensor in state.items():
        first.setdefault(id(tensor), name)
    tied = {name: first[id(tensor)] for name, tensor in state.items()}
    return ModuleWeights(
        {name: tensor.detach() for name, tensor in state.items() if tied[name] == name},
        {name: owner for name, owner in tied.items() if owner != name},
    )


def _instance(known: Mapping[str, object]) -> nn.Module:
    """Make the model of a generated file: its last class, with the values of its ``Config``."""
    classes = [value for value in known.values() if isinstance(value, type)]
    *_, model = (
        value for value in classes if issubclass(value, nn.Module) and value is not nn.Module
    )
    config = known.get("Config")
    module: nn.Module = model(config()) if callable(config) else model()
    return module
