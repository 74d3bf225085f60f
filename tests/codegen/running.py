"""Generated models, made and run as a person would who got the file."""

import sys
from types import ModuleType

from torch import nn

from codegen.compile import compile_model
from nodes.core.graphs.graph import Model


def run_source(source: str) -> ModuleType:
    """Run the source of a model file."""
    module = ModuleType("generated_model")
    sys.modules[module.__name__] = module  # where a dataclass looks for annotations
    exec(compile(source, "generated_model.py", "exec"), module.__dict__)
    return module


def made(source: str) -> nn.Module:
    """Make the model of a file, which is the last class there."""
    module = run_source(source)
    classes = [
        one for one in vars(module).values() if isinstance(one, type) and issubclass(one, nn.Module)
    ]
    return classes[-1](module.Config())


def network(model: Model) -> nn.Module:
    """Compile a model and make it."""
    return made(compile_model(model).source)
