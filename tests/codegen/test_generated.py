"""Generated code is correct for any names, and the same on every machine."""

import ast
import copy
import doctest
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import torch

from codegen import compile as compiler
from codegen.check import CheckedGraph
from codegen.compile import Compiled, compile_model
from codegen.source.identifiers import identifier
from codegen.source.layer_sources import library
from examples.build import EXAMPLES
from nodes.core.graphs.graph import Block, InputNode
from nodes.core.graphs.location import Location
from tests.codegen.hostile import NAMES, PAYLOADS, named, saying, write_all
from tests.codegen.running import instantiate

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EVERY_NAME = pytest.mark.parametrize("name", NAMES, ids=ascii)
EVERY_PAYLOAD = pytest.mark.parametrize("text", PAYLOADS, ids=ascii)
EVERY_EXAMPLE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.__name__)
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}(\.([a-z][a-z0-9_]{0,39}|[0-9]+))*")
SHORT = 12
"""Longer names, with the suffix of reserved ones, may change the line breaks."""

SHORT_NAMES = [name for name in NAMES if len(identifier(name)) <= SHORT]


@cache
def source_of(name: str) -> str:
    return compile_model(named(name)).source


def every_source() -> list[str]:
    texts = [compile_model(saying(text)).source for text in PAYLOADS]
    examples = [compile_model(example()).source for example in EXAMPLES]
    return [*map(source_of, NAMES), *texts, *examples]


class NameEraser(ast.NodeTransformer):
    """Replaces every name and every string, which leaves the structure of the code."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, "_")
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("_") if isinstance(node.value, str) else node


def structure(source: str) -> str:
    return ast.dump(NameEraser().visit(ast.parse(source)))


@cache
def harmless_structures() -> frozenset[str]:
    """Collect the structures of the model with harmless names, short and long."""
    return frozenset(structure(source_of("q" * length)) for length in range(1, 2 * SHORT))


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@EVERY_NAME
def test_weights_are_saved_and_loaded_under_any_name(name):
    model, x = instantiate(source_of(name)), torch.randn(1, 2, 8)
    harmless = instantiate(source_of("harmless"))
    weights = model.state_dict()
    assert [weight.shape for weight in weights.values()] == [
        weight.shape for weight in harmless.state_dict().values()
    ]
    assert [key for key in weights if not KEY.fullmatch(key)] == []
    harmless.load_state_dict(dict(zip(harmless.state_dict(), weights.values(), strict=True)))
    assert torch.equal(model(x)[0], harmless(x)[0])


@EVERY_NAME
def test_a_model_with_any_name_is_copied_and_converted(name):
    model, x = instantiate(source_of(name)), torch.randn(3, 5, 8)
    other = copy.deepcopy(model).train().eval().requires_grad_(False)
    output, state = other(x)
    assert (output.shape, state.shape) == ((3, 5, 4), (1, 3, 2))
    assert torch.equal(output, model(x)[0])
    assert other.double()(x.double())[0].dtype is torch.float64


@pytest.mark.parametrize(
    "name", [name for name in NAMES if len(identifier(name)) <= SHORT], ids=ascii
)
def test_a_name_does_not_change_the_code_around_it(name):
    assert structure(source_of(name)) in harmless_structures()


@EVERY_PAYLOAD
def test_a_text_does_not_change_the_code_around_it(text):
    source = compile_model(saying(text)).source
    assert structure(source) in harmless_structures()


@EVERY_PAYLOAD
def test_python_reads_the_bytes_of_a_file_as_its_text(text):
    source = compile_model(saying(text)).source
    assert ast.dump(ast.parse(source.encode("ascii"))) == ast.dump(ast.parse(source))


def test_ruff_finds_no_violation(tmp_path):
    write_all(tmp_path, every_source())
    for command in (["check"], ["format", "--check"]):
        result = run("-m", "ruff", *command, "--isolated", "--no-cache", "--quiet", tmp_path)
        assert result.stdout + result.stderr == ""


RUNNER = """
import runpy, sys, torch
from pathlib import Path

events = []
def watch(event, args):
    if event in {"os.system", "subprocess.Popen", "socket.connect"}:
        events.append(event)
    if event == "open" and (args[1] or "r")[0] != "r":
        events.append(args[0])

sys.dont_write_bytecode = True
sys.addaudithook(watch)
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    runpy.run_path(str(path))
print(events)
"""


def test_no_text_is_executed(tmp_path):
    folder, here = tmp_path / "models", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    write_all(folder, [compile_model(saying(text)).source for text in PAYLOADS])
    result = run("-c", RUNNER, folder, cwd=here)
    assert (result.stdout, result.stderr, [*here.iterdir()]) == ("[]\n", "", [])


HASHED = """
import hashlib
from codegen.compile import compile_model
from examples.build import EXAMPLES
for example in EXAMPLES:
    print(hashlib.sha256(compile_model(example()).source.encode()).hexdigest())
"""


@pytest.mark.parametrize("seed", range(6))
def test_the_same_model_gives_the_same_bytes_in_every_process(seed):
    env = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    result = run("-c", HASHED, env=env, cwd=ROOT)
    assert result.stdout.split() == digests(), result.stderr


@cache
def digests() -> list[str]:
    sources = [compile_model(example()).source for example in EXAMPLES]
    return [hashlib.sha256(source.encode()).hexdigest() for source in sources]


def every_graph(checked: CheckedGraph) -> Iterator[CheckedGraph]:
    """Iterate over the graphs that the user drew."""
    yield checked
    for name, found in checked.nodes.items():
        if isinstance(checked.graph.nodes[name], Block):
            yield from every_graph(found.inner)


def numbered(compiled: Compiled) -> list[tuple[str, tuple[Location, ...]]]:
    texts = compiled.source.split("\n")[:-1]
    return list(zip(texts, compiled.lines, strict=True))


@EVERY_EXAMPLE
def test_the_source_map_contains_every_node(example):
    compiled = compile_model(example())
    mapped = {location for nodes in compiled.lines for location in nodes}
    for graph in every_graph(compiled.report.main):
        drawn = {n for n in graph.used if not isinstance(graph.graph.nodes[n], InputNode)}
        assert {Location(graph.name, name) for name in drawn} <= mapped


@EVERY_EXAMPLE
def test_every_line_of_a_node_is_mapped_to_it(example):
    constructs = re.compile(r" {8}self\.\w+(\.weight)? = (nn\.|[A-Z]|self\.\w+\.weight)")
    calls = re.compile(
        r" {8,}(return|[\w, ()]+ =|for .* in) .*(self\.(?!config)\w+\(|F\.|self\.\w+:)"
    )
    owner = ""
    for line, nodes in numbered(compile_model(example())):
        if line.startswith("class "):
            owner = re.split(r"\W+", line)[1]
        if owner in library():
            continue  # a layer that PyTorch lacks, as it stands
        is_of_node = constructs.match(line) or calls.match(line)
        assert nodes or not is_of_node or "parameters" in line, line


def test_the_example_of_the_compiler_runs():
    result = doctest.testmod(compiler)
    assert (result.failed, result.attempted > 0) == (0, True)
