"""A wheel of this tree works like the checkout, from any folder."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.builder.console_script import plant_packages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts")).name


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command where only what is installed can be imported."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Install a wheel where its dependencies can be seen, but this checkout cannot."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    offline = ("--no-index", "--no-deps")
    run(*pip, "wheel", *offline, "--no-build-isolation", ROOT, "-w", folder, cwd=folder)
    (wheel,) = folder.glob("wireformer-*.whl")

    environment = folder / "environment"
    venv.create(environment)
    python = environment / SCRIPTS / "python"
    run(*pip, "--python", python, "install", *offline, wheel, cwd=folder)
    context = Path(
        run(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
    )
    # Only the folder itself is seen: what it links to, such as a checkout, is not.
    (context / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment


def ask(installed: Path, program: str, folder: Path) -> str:
    return run(installed / SCRIPTS / "python", "-c", program, cwd=folder).strip()


def test_it_is_the_wheel_that_is_imported(installed, tmp_path):
    program = (
        "import builder, codegen, nodes; print(builder.__file__, codegen.__file__, nodes.__file__)"
    )
    assert ask(installed, program, tmp_path).count(str(installed)) == 3


def test_the_wheel_holds_the_examples_of_the_checkout(installed, tmp_path):
    program = "from builder.storage.example_files import example_names; print(*example_names())"
    assert ask(installed, program, tmp_path).split() == sorted(
        path.stem for path in (ROOT / "examples").glob("*.json")
    )


def test_the_wheel_holds_every_file_of_the_packages(installed, tmp_path):
    program = "import nodes, pathlib; print(pathlib.Path(nodes.__file__).parents[1])"
    context = Path(ask(installed, program, tmp_path))
    missing = [
        str(path.relative_to(ROOT))
        for package in ("builder", "codegen", "nodes")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if not (context / path.relative_to(ROOT)).is_file()
    ]
    assert missing == []


def test_the_console_command_compiles_an_example_from_another_folder(installed, tmp_path):
    source = run(installed / SCRIPTS / "wireformer", "compile", "gpt", cwd=tmp_path)
    compile(source, "gpt.py", "exec")
    assert "nn.Module" in source


def test_the_package_runs_as_the_console_command_does(installed, tmp_path):
    command = run(installed / SCRIPTS / "wireformer", "check", "gpt", cwd=tmp_path)
    package = run(installed / SCRIPTS / "python", "-m", "builder", "check", "gpt", cwd=tmp_path)
    assert package == command


def test_the_console_command_ignores_packages_in_the_working_directory(installed, tmp_path):
    plant_packages(tmp_path, "builder", "codegen", "nodes")
    output = run(installed / SCRIPTS / "wireformer", "check", "gpt", cwd=tmp_path)
    assert output == "no errors\n"
