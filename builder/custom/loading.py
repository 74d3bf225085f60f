"""Imports files and packages of custom nodes, which the user has allowed, into this process."""

import ast
import contextlib
import importlib
import importlib.util
import re
import sys
import warnings
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from builder.custom.class_rules import broken_class_rules, broken_layer_names
from builder.custom.node_problem import Faulty, NodeProblem
from builder.custom.node_source import LIMITS, NodeSource
from builder.custom.split_source import SplitSource, split
from nodes.core.files.strict_json import FileError, read_file
from nodes.core.graphs.catalog import CustomSource, add_source, declared, remove_source
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_guard import describe_error, guard, place_in

_ENTRY = re.compile(r"([\w.]+)\s*:\s*(\w+)")


def load(source: NodeSource) -> None:
    """Import a source, and add its nodes to the catalogue, in place of those it had before.

    The user must have allowed it.

    Raises:
        Faulty: it cannot be used; nothing of it is in the catalogue.
    """
    remove_source(source.origin)
    if source.problem is not None:
        raise Faulty(source.problem)
    custom = _package(source) if source.is_package else _file(source)
    for message in broken_layer_names(custom):
        raise Faulty(NodeProblem(source.name, message))
    try:
        add_source(custom)
    except ValueError as error:
        lines = _lines(source)
        taken = next((line for name, line in lines.items() if f" {name}," in str(error)), None)
        raise Faulty(NodeProblem(source.name, str(error), taken)) from None
    for node_type in custom.types:
        node_type.origin = source.origin
        guard(node_type)


class _ProgramLoader(SourceFileLoader):
    """Runs the part of a file that is no layer; cached bytecode is neither read nor written."""

    def __init__(self, name: str, path: str, program: ast.Module) -> None:
        super().__init__(name, path)
        self.program = program

    def get_code(self, fullname: str) -> CodeType:
        """Compile the program."""
        return compile(self.program, self.path, "exec")


def _file(source: NodeSource) -> CustomSource:
    parts = split(source.data, source.name)
    stem = re.sub(r"\W", "_", Path(source.name).stem, flags=re.ASCII)
    module = _run(f"wireformer_nodes_{source.identity[-16:]}_{stem}", source.name, parts)
    types = tuple(declared(module, Node))
    if not types:
        message = "expected a class derived from Node or Composite, got none; define one"
        raise Faulty(NodeProblem(source.name, message))
    for node_type in types:
        _require_rules(node_type, source.name, parts.nodes.get(node_type.__name__))
    return CustomSource(source.origin, types, parts.layers)


def _package(source: NodeSource) -> CustomSource:
    types, layers = [], {}
    for name, value in source.modules:
        match = _ENTRY.fullmatch(value)
        if match is None:
            message = f"expected an entry point {name} = module:{name}, got {value}"
            raise Faulty(NodeProblem(source.name, f"{message}; correct the package"))
        path, parts = _module_source(source, match[1])
        layers[match[1]] = parts.layers
        module = sys.modules.get(match[1]) or _run(match[1], path, parts)
        node_type = getattr(module, match[2], None)
        if not (isinstance(node_type, type) and issubclass(node_type, Node)):
            message = f"expected a class derived from Node at {value}, got none"
            raise Faulty(NodeProblem(source.name, f"{message}; correct the package"))
        if node_type.__name__ != name:
            message = f"expected the entry point {node_type.__name__}, as its class, got {name}"
            raise Faulty(NodeProblem(source.name, f"{message}; rename one"))
        _require_rules(node_type, path, parts.nodes.get(name))
        types.append(node_type)
    return CustomSource(source.origin, tuple(types), "\n\n\n".join(filter(None, layers.values())))


def _module_source(source: NodeSource, name: str) -> tuple[str, SplitSource]:
    """Find the file of a module of a package; its parents are imported."""
    with _faults(source.name):
        spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        message = f"expected a module {name} in Python source, got none; install the package again"
        raise Faulty(NodeProblem(source.name, message))
    try:
        return spec.origin, split(read_file(spec.origin, LIMITS), spec.origin)
    except FileError as error:
        raise Faulty(NodeProblem(spec.origin, error.message)) from None


def _run(name: str, path: str, parts: SplitSource) -> ModuleType:
    """Run the program of a file as a module."""
    loader = _ProgramLoader(name, path, parts.program)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _faults(path):
            loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _faults(path: str) -> Iterator[None]:
    """Turn what the code of the user raises into a problem with its line; keep what it prints."""
    # What a command prints is its result, which may be JSON.
    output = contextlib.redirect_stdout(sys.stderr) if sys.stderr else contextlib.nullcontext()
    try:
        with output, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ModuleNotFoundError as error:
        expected = f"expected an installed module {error.name}, got none"
        message = f"{expected}; install it, or remove the import (files do not see each other)"
        raise Faulty(NodeProblem(path, message, place_in(error, path))) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the code of the user may raise any)
        message = f"expected a file that can be imported, got {describe_error(error)}; correct it"
        raise Faulty(NodeProblem(path, message, place_in(error, path))) from None


def _require_rules(node_type: type[Node], path: str, line: int | None) -> None:
    for message in broken_class_rules(node_type):
        raise Faulty(NodeProblem(path, message, line))


def _lines(source: NodeSource) -> dict[str, int]:
    return dict(split(source.data, source.name).nodes) if source.data else {}
