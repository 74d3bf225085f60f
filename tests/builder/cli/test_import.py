"""The command that imports a module: consent, files, report and refusals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.importing.exchange.request import ImportRequest, NotImported
from builder.importing.tracing.load_target import load_target
from codegen.weights.key_map import KeyMap
from tests.builder.cli.test_cli import invoke, refused
from tests.builder.console_script import ROOT

pytestmark = pytest.mark.slow

pty = pytest.importorskip("pty")

SOURCE = """\
from pathlib import Path

import torch
from torch import nn

Path("ran").touch()
print("loading")


class Attention(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.embed = nn.Embedding(20, width)
        self.attn = nn.MultiheadAttention(width, 2, batch_first=True)

    def forward(self, ids):
        x = self.embed(ids)
        return self.attn(x, x, x, need_weights=False)[0]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Work in a folder with the file of a module."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Path("attention.py").write_text(SOURCE, encoding="utf-8")


def request(target: str, **arguments: object) -> ImportRequest:
    return ImportRequest(target, arguments, [], os.getcwd())


def test_a_module_becomes_a_graph_with_a_layout_and_a_key_map():
    answer = invoke(
        "import", "attention.py:Attention", "--trust", "-o", "a.json", "--args", '{"width": 6}'
    )
    assert answer.exit_code == 0
    assert answer.stderr.splitlines() == ["loading"]
    first, second, last = answer.stdout.splitlines()
    assert (first, second) == (
        "wrote a.json: 4 nodes",
        "wrote a.weights.json: the names of its weights in the original",
    )
    assert last.startswith("outputs differ from the original by ")
    graph = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert graph["nodes"]["embed"] == {
        "type": "Embedding",
        "num_embeddings": 20,
        "embedding_dim": 6,
    }
    assert graph["layout"][""].keys() == graph["nodes"].keys()
    names = KeyMap.loads(Path("a.weights.json").read_text(encoding="utf-8"))
    entry, source = names.find("attn.k.weight")
    assert (source, entry.part) == ("attn.in_proj_weight", (1, 3))
    assert names.find("embed.weight")[1] == "embed.weight"


def test_code_is_not_run_without_consent():
    assert refused("import", "attention.py:Attention") == (
        "Importing runs the code of attention.py, as python would. To allow it, add --trust."
    )
    assert not Path("ran").exists()


def test_on_a_terminal_the_command_asks_first():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "builder", "import", "attention.py:Attention"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        os.write(ours, b"n\n")
        output, error = process.communicate()
    question, _, outcome = error.decode().partition(" [y/N]:")
    assert question == "Importing runs the code of attention.py, as python would. Run it?"
    assert outcome.strip() == "not imported: its code was not run"
    assert (process.returncode, output.strip(), Path("ran").exists()) == (2, b"", False)
    os.close(ours)
    os.close(theirs)


def test_code_that_ends_the_process_is_reported():
    Path("end.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    answer = invoke("import", "end.py:Model", "--trust")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "end.py:Model: the process that imports it ended with code 3\n"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("attention.py", "expected module:Class or file.py:Class, got 'attention.py'"),
        ("none.py:Attention", "none.py: expected a Python file, got none"),
        ("attention.py:Net", "attention.py: expected Net in it, got no such name"),
        ("attention.py:SOURCE", "attention.py: expected SOURCE in it, got no such name"),
        ("attention.py:Path", "attention.py:Path: expected an nn.Module, got "),
        ("broken.py:Net", "broken.py cannot be imported: ValueError: no data (broken.py, line 1)"),
        ("no_such_module:Net", "no_such_module cannot be imported: ModuleNotFoundError: "),
        ("json:loads", "json:loads cannot be called: TypeError: "),
    ],
)
def test_what_is_no_module_is_refused(target, message):
    Path("broken.py").write_text("raise ValueError('no data')\n", encoding="utf-8")
    with pytest.raises(NotImported) as error:
        load_target(request(target))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--args", "[1]"), "--args: expected a JSON object of names and values, got '[1]'"),
        (("--args", "{"), "--args: expected a JSON object, got '{': Expecting property name"),
        (("--example-input", "x: T"), "--example-input x: expected token ids (B T int), "),
    ],
)
def test_a_wrong_option_is_refused_before_code_is_run(options, message):
    assert refused("import", "attention.py:Attention", "--trust", *options).startswith(message)
    assert not Path("ran").exists()
