"""Generated models, made and run as a person would who got the file."""

import sys
from types import ModuleType

from torch import nn

from codegen.compile import compile_model
from nodes.core.graph import Model


def run_source(source: str) -> ModuleType:
    """Run the source of a model file."""
    module = ModuleType("generated_model")
    sys.modules[module.__name__] = module  # where dataclass looks for annotations
    exec(compile(source, "<generated>", "exec"), module.__dict__)
    return module


def network(model: Model) -> nn.Module:
    """Compile a model and make it, with weights drawn from a fixed seed."""
    return made(compile_model(model).source)


def made(source: str) -> nn.Module:
    module = run_source(source)
    *_, last = (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, nn.Module))
    return last(module.Config())
