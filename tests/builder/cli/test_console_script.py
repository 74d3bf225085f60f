"""The console command works beside folders that are named like the packages of Wireformer."""

from pathlib import Path

import pytest

from tests.builder.console_script import install_launcher, plant_packages, start

pytestmark = pytest.mark.slow

COMMANDS = (
    "check gpt",
    "compile gpt",
    "export gpt -o out",
    "new mine.json",
    "show gpt",
    "nodes LSTM",
    "picture gpt -o gpt.svg",
)


def output(*command: object, cwd: Path) -> str:
    with start(*command, cwd=cwd) as process:
        stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "")
    return stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_console_command_ignores_packages_in_the_working_directory(command, tmp_path):
    plant_packages(tmp_path, "builder", "codegen", "nodes")
    launcher = install_launcher(tmp_path / "installed")
    assert output(launcher, *command.split(), cwd=tmp_path)


def test_the_module_ignores_packages_in_the_working_directory(tmp_path):
    plant_packages(tmp_path, "codegen", "nodes")
    assert output("-m", "builder", "check", "gpt", cwd=tmp_path).endswith("no errors\n")
    assert output("-P", "-m", "builder", "check", "gpt", cwd=tmp_path).endswith("no errors\n")


@pytest.mark.parametrize("command", ["check", "compile", "show", "export", "nodes", "schema"])
def test_only_training_imports_torch(command, tmp_path):
    options = {"nodes": [], "schema": [], "export": ["gpt", "-o", "out"]}.get(command, ["gpt"])
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(str({'torch', 'dearpygui'} & {*sys.modules})))\n"
        "from builder.cli.commands import main\n"
        "main()"
    )
    with start("-c", program, command, *options, cwd=tmp_path) as process:
        _, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "set()")
