"""The examples in docstrings run and print what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("nodes", "codegen", "builder")
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
PUBLIC = {
    "codegen.check.check",
    "codegen.compile",
    "nodes.core",
    "nodes.core.files.model_file",
    "nodes.core.graphs.graph_builder",
    "nodes.core.shapes",
}
"""The modules whose public functions a script calls first."""


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_docstring_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, attempted = doctest.testmod(importlib.import_module(name))
    assert (failed, attempted > 0) == (0, True)


def test_the_public_functions_have_examples():
    assert set(MODULES) >= PUBLIC
