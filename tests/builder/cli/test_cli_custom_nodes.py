"""Custom nodes on the command line; the page on them shows what the commands print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builder.cli.commands import app
from builder.custom.custom_nodes import CustomNodes
from codegen.harness.node_report import CLAIMS, node_reports
from codegen.harness.one_node import instance
from tests.custom_node_files import FILES, PAGE, TWICE, TWICE_GRAPH
from tests.custom_node_fixtures import nodes_folder

__all__ = ["nodes_folder"]

ROOT = Path(__file__).parents[3]


def invoke(*words: str):
    return CliRunner(env={"COLUMNS": None}).invoke(app, words)


@pytest.mark.slow
def test_the_page_shows_what_the_commands_print(nodes_folder, tmp_path):
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = entry.partition("\n")
            answer = invoke(*command.split()[1:])
            assert answer.stdout.replace(str(tmp_path), "FOLDER") == expected
            assert (answer.exit_code, answer.stderr) == (0, "")
    assert sum(one.numel() for one in instance(Path("mixed.py").read_text(), "Mixed").parameters())


@pytest.fixture
def graph(nodes_folder):
    (nodes_folder / "twice.py").write_text(TWICE)
    Path("graph.json").write_text(TWICE_GRAPH)
    return "graph.json"


def test_nothing_runs_without_consent(graph):
    answer = invoke("check", graph)
    assert answer.exit_code == 1
    assert "which is not yet allowed; allow it under Custom nodes" in answer.stdout
    answer = invoke("nodes", "Twice")
    assert answer.exit_code == 2
    assert answer.stderr.startswith("expected a node type, got 'Twice'. It is in '")
    assert answer.stderr.endswith("which is not yet allowed; to allow it, add --trust.\n")
    answer = invoke("nodes", "--test", "config/nodes/twice.py")
    assert answer.exit_code == 2
    assert answer.stderr.endswith("which is not yet allowed. To allow it, add --trust.\n")
    last = invoke("nodes").stdout.splitlines()[-1].split("  ")
    assert [word.strip() for word in last if word][1:] == ["not yet allowed", "Twice"]


def test_what_is_trusted_stays_so(graph, nodes_folder):
    assert invoke("check", graph, "--trust").stdout == "no errors\n"
    assert invoke("check", graph).stdout == "no errors\n"
    assert invoke("check", graph, "--safe").exit_code == 1
    (row,) = [line for line in invoke("nodes").stdout.splitlines() if " Twice " in line]
    assert row.split("  ")[-1].strip() == str(nodes_folder / "twice.py")
    (nodes_folder / "twice.py").write_text(f"{TWICE}\n")
    assert "which is changed since it was allowed" in invoke("check", graph).stdout


def test_a_fault_of_an_allowed_file_is_a_note(graph, nodes_folder):
    (nodes_folder / "twice.py").write_text(f"{TWICE}\n\nprint(1 / 0)\n")
    answer = invoke("check", graph, "--trust")
    assert (answer.exit_code, "Traceback" in answer.output) == (1, False)
    note = "line 24: expected a file that can be imported, got ZeroDivisionError: division by zero"
    assert note in answer.stderr
    assert note in invoke("check", "gpt").stderr


def test_a_folder_of_nodes_must_exist(graph):
    answer = invoke("check", graph, "--nodes", "nope")
    assert answer.exit_code == 2
    assert answer.stderr == (
        "--nodes: expected a folder, got 'nope'. Name the folder in which the files of the nodes "
        "lie.\n"
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_is_asked(graph):
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "builder", "check", graph],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    os.write(ours, b"y\n")
    output = process.communicate()[0]
    asked = os.read(ours, 4096).decode()
    os.close(ours)
    assert "Custom nodes are Python programs: what you allow runs on this computer" in asked
    assert "Allow 'twice.py'? [y/N]" in asked
    assert output == "no errors\n"


FAULTY = TWICE.replace(
    "return input * self.factor", "return context.call('torch.flatten', input)"
) + TWICE.partition("\n\n\n")[2].replace("Twice", "Future").replace(
    "return input * self.factor", "return context.call('torch.flip', input, (1,))"
)


def test_the_harness_finds_false_declarations(nodes_folder):
    (nodes_folder / "faulty.py").write_text(FAULTY)
    custom = CustomNodes()
    assert custom.admit(custom.sources, {}) == []
    found = {
        (report["node"], report["check"]): report["faults"]
        for report in node_reports(custom.sources[0].origin)
        if report["state"] == "fault"
    }
    shapes, fields, pieces = (claim.title for claim in CLAIMS[:3])
    assert found.keys() == {
        *(("Twice", claim) for claim in (shapes, fields, pieces)),
        *(("Future", claim) for claim in (fields, pieces)),
    }
    assert re.fullmatch(
        r"case 0: output: \(\d+, \d+, 3\) is declared, \(\d+,\) computed",
        found["Twice", shapes][0],
    )
    assert found["Future", fields] == [
        "case 0: output depends on more indices of input.1 steps than its receptive field declares"
    ]
    assert found["Future", pieces] == [
        "case 0: output: in pieces it differs from the whole sequence"
    ]


def test_a_file_with_a_fault_is_not_tested(nodes_folder):
    Path("broken.py").write_text("class Broken(Node)")
    answer = invoke("nodes", "--test", "broken.py")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.endswith(
        "broken.py', line 1: expected Python source, got a syntax error: expected ':'; correct the "
        "line\n"
    )
