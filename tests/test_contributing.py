"""The examples of CONTRIBUTING.md work, and need no more files than it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("nodes", "codegen", "builder", "tests", "examples", "pyproject.toml")
PRODUCT = ("nodes/", "codegen/", "builder/")
MOST_FILES = {
    "Add a primitive": 1,
    "Add a composite": 1,
    "Add a remedy": 2,
    "Add an action": 1,
    "Add a training task": 1,
}
"""The most files of the product that an extension of each kind may touch."""
COMMANDS = {"wireformer": ["-m", "builder"], "pytest": ["-m", "pytest"], "python": []}
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A code block: a file if it has a title, else a diff or commands with their output."""

    language: str
    title: str
    text: str

    @property
    def files(self) -> list[str]:
        """The files that the block writes or changes."""
        if self.language == "diff":
            return re.findall(r"^\+\+\+ b/(.+)$", self.text, re.MULTILINE)
        return [self.title] if self.title else []


def section(title: str) -> list[Block]:
    text = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [Block(*found) for found in BLOCK.findall(text)]


def touched(title: str) -> list[str]:
    return [file for block in section(title) for file in block.files]


def copy_project(folder: Path) -> None:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *COPIED]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a command in a folder; return its exit code, and what it printed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    kept.pop("COLUMNS", None)
    env = {**kept, "PYTHONPATH": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def check_console(text: str, folder: Path) -> None:
    """Run the commands of a block; compare the output, or that of pytest with "passed"."""
    for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, expected = entry.partition("\n")
        program, *arguments = line.split()
        command = [sys.executable, *COMMANDS[program], *arguments]
        if program == "pytest":
            command += ["-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
        code, output = run(command, folder)
        if program == "pytest":
            assert code == 0 and re.search(r"\b[1-9]\d* passed", output), output
        else:
            assert [row.rstrip() for row in output.splitlines()] == expected.splitlines()


@pytest.mark.parametrize("title", MOST_FILES)
def test_an_example_works_as_shown(title, tmp_path):
    copy_project(tmp_path)
    for number, block in enumerate(section(title)):
        if block.language == "console":
            check_console(block.text, tmp_path)
        elif block.language == "diff":
            patch = tmp_path / f"{number}.patch"
            patch.write_text(block.text, encoding="utf-8")
            assert run(["git", "apply", patch.name], tmp_path) == (0, "")
        else:
            assert not (tmp_path / block.title).exists()
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    python = {file for file in touched(title) if file.endswith(".py")}
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--quiet", *python]
        assert run(ruff, tmp_path) == (0, "")


@pytest.mark.parametrize(("title", "most"), MOST_FILES.items())
def test_an_example_touches_few_files(title, most):
    product = {file for file in touched(title) if file.startswith(PRODUCT)}
    assert 0 < len(product) <= most


def test_every_example_shows_that_it_works():
    titles = re.findall(r"^## (Add .+)$", PAGE, re.MULTILINE)
    assert titles == list(MOST_FILES)
    assert all(section(title)[-1].language == "console" for title in titles)


def test_every_make_target_exists():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", PAGE, re.MULTILINE))
    assert named >= {"test", "fast", "lint", "docs", "mutants"}
    assert named <= set(targets)


def test_every_named_path_exists():
    prose = BLOCK.sub("", PAGE)
    named = re.findall(r"`([\w.]+(?:/[\w.]+)+/?)`", prose) + re.findall(r"\]\(([\w./]+)\)", prose)
    assert [name for name in named if not (ROOT / name).exists()] == []
