"""The commands, links, tables and code of the README are correct."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builder.cli.commands import app
from builder.storage.example_files import example_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({*re.findall(r"^\| `wireformer ([^`]+)`", README, re.MULTILINE)})


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_program_draws_the_file_and_the_file_compiles_to_the_module(tmp_path):
    module, program = blocks("python")
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(ROOT)!r})\n{program}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [(tmp_path / "small.json").read_text()] == blocks("json")
    assert (tmp_path / "small.py").read_text() == module


@pytest.mark.parametrize(
    "command",
    [one for one in COMMANDS if one.split()[0] not in {"run", "edit"} and "FILE" not in one],
)
def test_a_command_of_the_table_succeeds(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    answer = CliRunner(env={"COLUMNS": None}).invoke(app, command.split())
    assert (answer.exit_code, answer.stderr) == (0, "")


def test_every_command_is_in_the_table():
    help_page = CliRunner(env={"COLUMNS": None}).invoke(app, ["--help"]).stdout
    listed = {command.split()[0] for command in COMMANDS}
    assert listed == set(re.findall(r"^│ ([a-z]+) ", help_page, re.MULTILINE))


def test_every_example_is_in_the_table():
    table = README.partition("## The examples")[2].partition("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", "\n".join(rows))) == example_names()


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_the_targets_of_links_exist(page):
    links = re.findall(r"\]\(([\w./]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert all((ROOT / link).exists() for link in links)


def test_every_folder_is_listed():
    listed = re.findall(r"^(\w+)/  ", README, re.MULTILINE)
    assert all((ROOT / name).is_dir() for name in listed)
    assert {path.parent.name for path in ROOT.glob("*/*.py")} <= {*listed}


def test_the_file_is_valid_json():
    assert json.loads(*blocks("json"))["wireformer"] == 1
