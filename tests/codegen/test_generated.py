"""Generated code is right whatever people call things, and the same on every machine."""

import ast
import copy
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

from codegen.check import CheckedGraph, Location
from codegen.compile import Compiled, compile_model
from codegen.source.identifiers import identifier
from examples.build import EXAMPLES
from nodes.core.graphs.graph import Block, InputNode
from tests.codegen.hostile import NAMES, PAYLOADS, named, saying, write_all
from tests.codegen.running import made

ROOT = Path(__file__).parents[2]
EVERY_NAME = pytest.mark.parametrize("name", NAMES, ids=ascii)
EVERY_PAYLOAD = pytest.mark.parametrize("text", PAYLOADS, ids=ascii)
EVERY_EXAMPLE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.__name__)
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}(\.([a-z][a-z0-9_]{0,39}|[0-9]+))*")
SHORT = 12
"""Longer names, with what is put behind reserved ones, need more lines."""


@cache
def source_of(name: str) -> str:
    return compile_model(named(name)).source


def every_source() -> list[str]:
    said = [compile_model(saying(text)).source for text in PAYLOADS]
    drawn = [compile_model(example()).source for example in EXAMPLES]
    return [*map(source_of, NAMES), *said, *drawn]


class Masked(ast.NodeTransformer):
    """Replaces every name and every text, so that only the skeleton is left."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, "_")
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("_") if isinstance(node.value, str) else node


def skeleton(source: str) -> str:
    return ast.dump(Masked().visit(ast.parse(source)))


@cache
def harmless_skeletons() -> frozenset[str]:
    """Collect the skeletons of the model with harmless names, short and long."""
    return frozenset(skeleton(source_of("q" * length)) for length in range(1, 2 * SHORT))


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@EVERY_NAME
def test_any_name_gives_weights_that_are_saved_and_loaded(name):
    model, x = made(source_of(name)), torch.randn(1, 2, 8)
    harmless = made(source_of("harmless"))
    weights = model.state_dict()
    assert [one.shape for one in weights.values()] == [
        one.shape for one in harmless.state_dict().values()
    ]
    assert [key for key in weights if not KEY.fullmatch(key)] == []
    harmless.load_state_dict(dict(zip(harmless.state_dict(), weights.values(), strict=True)))
    assert torch.equal(model(x)[0], harmless(x)[0])


@EVERY_NAME
def test_any_name_gives_a_model_that_can_be_handled(name):
    model, x = made(source_of(name)), torch.randn(3, 5, 8)
    other = copy.deepcopy(model).train().eval().requires_grad_(False)
    output, state = other(x)
    assert (output.shape, state.shape) == ((3, 5, 4), (1, 3, 2))
    assert torch.equal(output, model(x)[0])
    assert other.double()(x.double())[0].dtype is torch.float64


@pytest.mark.parametrize("name", [one for one in NAMES if len(identifier(one)) <= SHORT], ids=ascii)
def test_a_name_does_not_change_the_code_around_it(name):
    assert skeleton(source_of(name)) in harmless_skeletons()


@EVERY_PAYLOAD
def test_a_text_does_not_change_the_code_around_it(text):
    source = compile_model(saying(text)).source
    assert skeleton(source) in harmless_skeletons()


@EVERY_PAYLOAD
def test_python_reads_the_bytes_of_a_file_as_its_text(text):
    source = compile_model(saying(text)).source
    assert ast.dump(ast.parse(source.encode("ascii"))) == ast.dump(ast.parse(source))


def test_ruff_finds_nothing_to_say(tmp_path):
    write_all(tmp_path, every_source())
    for command in (["check"], ["format", "--check"]):
        told = run("-m", "ruff", *command, "--isolated", "--no-cache", "--quiet", tmp_path)
        assert told.stdout + told.stderr == ""


RUNNER = """
import runpy, sys, torch
from pathlib import Path

seen = []
def watch(event, args):
    if event in {"os.system", "subprocess.Popen", "socket.connect"}:
        seen.append(event)
    if event == "open" and (args[1] or "r")[0] != "r":
        seen.append(args[0])

sys.dont_write_bytecode = True
sys.addaudithook(watch)
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    runpy.run_path(str(path))
print(seen)
"""


def test_no_text_is_ever_run(tmp_path):
    folder, here = tmp_path / "models", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    write_all(folder, [compile_model(saying(text)).source for text in PAYLOADS])
    told = run("-c", RUNNER, folder, cwd=here)
    assert (told.stdout, told.stderr, [*here.iterdir()]) == ("[]\n", "", [])


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
    told = run("-c", HASHED, env=env, cwd=ROOT)
    assert told.stdout.split() == digests(), told.stderr


@cache
def digests() -> list[str]:
    sources = [compile_model(example()).source for example in EXAMPLES]
    return [hashlib.sha256(source.encode()).hexdigest() for source in sources]


def every_graph(checked: CheckedGraph) -> Iterator[CheckedGraph]:
    """Walk through the graphs that a person drew."""
    yield checked
    for name, found in checked.found.items():
        if isinstance(checked.graph.nodes[name], Block):
            yield from every_graph(found.inner)


def numbered(compiled: Compiled) -> list[tuple[str, tuple[Location, ...]]]:
    texts = compiled.source.split("\n")[:-1]
    return list(zip(texts, compiled.lines, strict=True))


@EVERY_EXAMPLE
def test_every_node_has_lines(example):
    compiled = compile_model(example())
    told = {location for nodes in compiled.lines for location in nodes}
    for graph in every_graph(compiled.report.main):
        drawn = {n for n in graph.used if not isinstance(graph.graph.nodes[n], InputNode)}
        assert {Location(graph.name, name) for name in drawn} <= told


@EVERY_EXAMPLE
def test_every_line_of_a_node_knows_it(example):
    makes = re.compile(r" {8}self\.\w+(\.weight)? = (nn\.|[A-Z]|self\.\w+\.weight)")
    calls = re.compile(
        r" {8,}(return|[\w, ()]+ =|for .* in) .*(self\.(?!config)\w+\(|F\.|self\.\w+:)"
    )
    for line, nodes in numbered(compile_model(example())):
        mine = makes.match(line) or calls.match(line)
        assert nodes or not mine or "parameters" in line, line
