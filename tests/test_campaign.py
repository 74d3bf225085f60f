"""A slice of the campaign: random documents get the verdict, and the results, of the reference."""

import ast
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.campaign import naming, planted_faults, verdicts
from benchmarks.campaign.reference.operations import OPERATIONS
from benchmarks.campaign.reference.outcome import STRICTER
from benchmarks.campaign.reference.signatures import FIELDS, SIGNATURES
from benchmarks.campaign.session import Judged, draw, judge_seeds, smallest
from benchmarks.campaign.verdicts import judge, read
from codegen.compile import NotCompiled, compile_model
from nodes.core.files.json_cursor import FileError
from nodes.core.files.model_file import loads
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, InputNode, OutputNode

pytestmark = pytest.mark.slow

SEEDS = range(100)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge_seeds(SEEDS)


def test_the_product_agrees_with_the_reference(judged):
    faults = {one.seed: one.verdict for one in judged if one.verdict.is_fault}
    assert faults == {}


def test_documents_run_by_construction(judged):
    kinds = [one.verdict.kind for one in judged if not one.edit]
    assert kinds.count("agree: runs") >= len(kinds) - 2  # sizes may be equal by chance


def test_near_misses_are_accepted_and_refused(judged):
    kinds = [one.verdict.kind for one in judged if one.edit]
    assert kinds.count("agree: runs") > 10
    assert kinds.count("agree: refused") > 10


def test_the_code_of_documents_is_formatted_and_linted(tmp_path):
    for seed in SEEDS:
        document, edit = draw(seed)
        try:
            source = compile_model(loads(json.dumps(document).encode())).source
        except (NotCompiled, FileError):
            assert edit or judge(document).kind not in verdicts.FAULTS  # sizes were equal by chance
            continue
        ast.parse(source)
        (tmp_path / f"seed_{seed}.py").write_text(source, encoding="ascii")
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", tmp_path]
        result = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert result.stdout + result.stderr == ""


def test_the_reference_knows_every_node_type():
    assert node_types().keys() - {"Block"} == SIGNATURES.keys()
    bases = InputNode | OutputNode | Block
    computed = {name for name, one in node_types().items() if not issubclass(one, bases)}
    assert computed == OPERATIONS.keys()


@pytest.mark.parametrize("name", node_types())
def test_the_reference_knows_every_parameter_and_port(name):
    node_type = node_types()[name]
    assert FIELDS.get(name, {}).keys() == node_type.model_fields.keys()
    for key, field in FIELDS.get(name, {}).items():
        info = node_type.model_fields[key]
        if not info.is_required():
            assert info.default == field.default
    if name != "Block":
        inputs, _, outputs = SIGNATURES[name].partition("->")
        stems = [text.split(":")[0].partition("=")[0].rstrip("?*") for text in inputs.split()]
        assert stems == [port.name for port in node_type.inputs]
        names = [text.partition(":")[0] for text in outputs.split()]
        assert names == [port.name for port in node_type.outputs]


def test_the_reference_imports_nothing_of_the_product():
    for path in (ROOT / "benchmarks/campaign/reference").glob("*.py"):
        for statement in ast.walk(ast.parse(path.read_text())):
            if isinstance(statement, ast.ImportFrom):
                package = (statement.module or "").split(".")[0]
                assert package not in {"nodes", "codegen", "builder", "tests"}, path


def test_every_stricter_rule_has_a_reason():
    assert all(len(reason) > 20 for reason in STRICTER.values())
    named = {part.removeprefix("stricter: ") for part in STRICTER}
    texts = [path.read_text() for path in (ROOT / "benchmarks/campaign").rglob("*.py")]
    assert {name for name in named if not any(f'"{name}"' in text for text in texts)} == set()


def test_a_document_is_drawn_the_same_way_again():
    assert [draw(seed) for seed in range(8)] == [draw(seed) for seed in range(8)]


def test_plain_names_keep_the_meaning():
    for seed in range(2, 40, 8):
        document, _ = draw(seed)
        plain = naming.plain(document)
        assert plain != document
        assert not read(plain).impossible
        assert judge(plain).kind == judge(document).kind


def test_a_fault_is_shrunk_to_what_shows_it(monkeypatch):
    types = ("FeatureInput", "GELU", "Linear", "Tanh", "LayerNorm", "GraphOutput")
    names = [f"n{number}" for number in range(len(types))]
    nodes = {name: {"type": one} for name, one in zip(names, types, strict=True)}
    nodes["n0"]["features"] = 4
    edges = {f"{b}.input": f"{a}.output" for a, b in pairwise(names)}
    document = {"wireformer": 1, "name": "Drawn", "nodes": nodes, "edges": edges}
    monkeypatch.setitem(OPERATIONS, "Tanh", lambda call, input: input * input)
    verdict = judge(document)
    assert verdict.kind == "wrong result"
    small = smallest(Judged(0, "", verdict, document, ()))
    assert [one["type"] for one in small["nodes"].values()] == [
        "FeatureInput",
        "Tanh",
        "GraphOutput",
    ]


FAULTS = {
    "Conv1d": "Conv1d.derive",
    "Concatenate": "Concatenate.infer",
    "SplitHeads": "SplitHeads.forward",
    "Select": "Select.derive_spread",
}


@pytest.fixture(scope="module")
def documents() -> list[tuple[int, dict]]:
    return [(seed, draw(seed)[0]) for seed in range(1000, 1400, 2)]


@pytest.mark.parametrize("node_type", FAULTS)
def test_a_planted_fault_is_noticed(node_type, documents):
    documents = [(seed, one) for seed, one in documents if f'"{node_type}"' in json.dumps(one)][:25]
    planted = [one for one in planted_faults.faults() if one.function == FAULTS[node_type]]
    first = planted[:1]
    assert [*planted_faults.noticed(first, documents, jobs=1)] == [(first[0], True)]
