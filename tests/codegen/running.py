"""Executes generated model files and instantiates their models."""

import sys
from types import ModuleType

from torch import nn

from codegen.compile import compile_model
from nodes.core.graphs.graph import Model


def run_source(source: str) -> ModuleType:
    """Execute the source of a model file as a module."""
    module = ModuleType("generated_model")
    sys.modules[module.__name__] = module  # where dataclasses look annotations up
    exec(compile(source, "generated_model.py", "exec"), module.__dict__)
    return module


def instantiate(source: str) -> nn.Module:
    """Instantiate the model of a file: its last class."""
    module = run_source(source)
    types = (value for value in vars(module).values() if isinstance(value, type))
    classes = [type_ for type_ in types if issubclass(type_, nn.Module)]
    return classes[-1](module.Config())


def network(model: Model) -> nn.Module:
    """Compile a model and instantiate it."""
    return instantiate(compile_model(model).source)
