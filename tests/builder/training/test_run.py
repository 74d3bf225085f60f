"""Training runs in a child process, which loads only what it should and ends completely."""

import importlib.util
import json
import os
import py_compile
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from builder.storage.example_files import example_path
from builder.storage.export import export
from builder.training.run_script import MAX_LINE_LENGTH, run_script
from nodes.core.files.model_file import load
from tests.builder.console_script import ROOT, install_launcher, plant_packages, start

pytestmark = pytest.mark.slow

SHORT = ("--steps", "2", "--batch-size", "2", "--eval-every", "2")
PLANTED = "import sys\nsys.stdout.write('planted\\n')\n"


def run(folder: Path, program: str, *arguments: str) -> tuple[int, list[str]]:
    """Run a program as a training script; return its exit code and its lines."""
    (folder / "train.py").write_text(program, encoding="utf-8")
    lines: list[str] = []
    return run_script(folder, "train.py", arguments, lines.append), lines


def command_line(*arguments: object, cwd: Path) -> subprocess.Popen[str]:
    return start("-m", "builder", *arguments, cwd=cwd)


def alive(process: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except FileNotFoundError:
        return False
    return state.split()[0] != "Z"


def gone(process: int) -> bool:
    """Wait until a process has ended, which takes a moment after a signal."""
    deadline = time.monotonic() + 10
    while alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(process)


def test_lines_are_passed_on_in_order_with_the_exit_code(tmp_path):
    program = (
        "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint(*sys.argv[1:])\nsys.exit(7)\n"
    )
    assert run(tmp_path, program, "--steps", "3") == (7, ["a", "b", "--steps 3"])


def test_a_signal_gives_the_exit_code_of_shells(tmp_path):
    assert run(tmp_path, "import os\nos.kill(os.getpid(), 9)\n") == (128 + 9, [])


def test_the_script_runs_in_its_folder_without_input(tmp_path):
    program = "import os, sys\nprint(os.getcwd(), repr(sys.stdin.read()))\n"
    assert run(tmp_path, program) == (0, [f"{tmp_path.resolve()} ''"])


def test_output_is_utf_8_whatever_the_locale(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    program = "import sys\nprint('Größe')\nsys.stdout.buffer.write(b'\\xff\\n')\n"
    assert run(tmp_path, program) == (0, ["Größe", "\ufffd"])


@pytest.mark.parametrize("name", ["torch", "random", "argparse", "tqdm", "sitecustomize"])
def test_a_file_beside_the_script_is_not_loaded(name, tmp_path):
    (tmp_path / f"{name}.py").write_text(PLANTED, encoding="utf-8")
    (tmp_path / "model.py").write_text("", encoding="utf-8")
    program = f"import model, random, argparse\ntry: import {name}\nexcept ImportError: pass\n"
    assert run(tmp_path, program) == (0, [])


def plant_folder(folder: Path) -> None:
    (folder / "model").mkdir()
    (folder / "model" / "__init__.py").write_text(PLANTED, encoding="utf-8")


def plant_cache(folder: Path) -> None:
    """Plant bytecode that is not checked against the source."""
    (folder / "planted.py").write_text(PLANTED, encoding="utf-8")
    cached = importlib.util.cache_from_source(str(folder / "model.py"))
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(folder / "planted.py"), cached, invalidation_mode=unchecked)


@pytest.mark.parametrize("plant", [plant_folder, plant_cache])
def test_the_exported_model_is_the_one_that_is_imported(plant, tmp_path):
    plant(tmp_path)
    (tmp_path / "model.py").write_text("NAME = 'exported'\n", encoding="utf-8")
    assert run(tmp_path, "from model import NAME\nprint(NAME)\n") == (0, ["exported"])


def test_an_installed_model_does_not_hide_the_exported_one(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "model.py").write_text(PLANTED, encoding="utf-8")
    (tmp_path / "model.py").write_text("", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    program = f"import sys\nsys.path.insert(0, {str(tmp_path / 'elsewhere')!r})\nimport model\n"
    assert run(tmp_path, program) == (0, [])


def test_other_environment_variables_are_not_inherited(tmp_path, monkeypatch):
    for name in ("SECRET_TOKEN", "PYTHONSTARTUP", "PYTHONPATH", "LD_LIBRARY_PATH", "USER"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    code, lines = run(tmp_path, "import os\nprint(*os.environ, sep='\\n')\n")
    assert code == 0
    assert {"PATH", "OMP_NUM_THREADS"} <= {*lines}
    assert not {"SECRET_TOKEN", "PYTHONSTARTUP", "PYTHONPATH", "LD_LIBRARY_PATH"} & {*lines}


def test_a_child_has_limits(tmp_path):
    program = (
        "import resource\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
        "print(0 < resource.getrlimit(resource.RLIMIT_FSIZE)[0] <= 8 * 2**30)\n"
    )
    assert run(tmp_path, program) == (0, ["0", "True"])


def test_many_lines_are_all_passed_on(tmp_path):
    code, lines = run(tmp_path, "for i in range(100_000): print(i)\n")
    assert (code, lines) == (0, [str(i) for i in range(100_000)])


def test_a_long_line_is_split(tmp_path):
    length = 3 * MAX_LINE_LENGTH + 1
    code, lines = run(tmp_path, f"print('x' * {length})\n")
    assert code == 0
    assert [len(line) for line in lines] == [MAX_LINE_LENGTH, MAX_LINE_LENGTH, MAX_LINE_LENGTH, 1]


def test_a_carriage_return_ends_a_line(tmp_path):
    assert run(tmp_path, "print('1%\\r2%\\r3%')\n") == (0, ["1%", "2%", "3%"])


def test_a_child_that_closes_its_output_is_waited_for(tmp_path):
    program = (
        "import os, pathlib, time\nos.close(1)\nos.close(2)\ntime.sleep(0.3)\n"
        "pathlib.Path('done').touch()\nos._exit(3)\n"
    )
    assert run(tmp_path, program) == (3, [])
    assert (tmp_path / "done").exists()


def test_processes_of_the_child_end_with_it(tmp_path):
    program = (
        "import os, time\nchild = os.fork()\nif child == 0:\n    time.sleep(600)\nprint(child)\n"
    )
    code, (process,) = run(tmp_path, program)
    assert code == 0
    assert gone(int(process))


def test_a_process_that_left_the_group_is_not_waited_for(tmp_path):
    program = (
        "import os, time\n"
        "reading, writing = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.write(writing, str(os.getpid()).encode())\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "print(os.read(reading, 20).decode())\n"
    )
    code, (process,) = run(tmp_path, program)
    os.kill(int(process), signal.SIGKILL)
    assert code == 0


def stubborn(tmp_path: Path, ignores: bool) -> subprocess.Popen[str]:
    """Start a program that runs a script that does not end by itself."""
    (tmp_path / "train.py").write_text(
        "import os, signal, time\n"
        + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" * ignores
        + "child = os.fork()\n"
        "if child:\n"
        "    print(os.getpid(), child)\n"
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    return starter(tmp_path)


def starter(folder: Path) -> subprocess.Popen[str]:
    """Start a program that runs the script of a folder and passes on its output."""
    program = (
        "import sys\n"
        "from builder.training import run_script\n"
        "from pathlib import Path\n"
        "run_script.GRACE_PERIOD = 0.5\n"
        "print_line = lambda line: (sys.stdout.write(line + '\\n'), sys.stdout.flush())\n"
        "try: run_script.run_script(Path(sys.argv[1]), 'train.py', [], print_line)\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    command = [sys.executable, "-c", program, folder]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.parametrize("ignores", [False, True], ids=["listens", "ignores"])
def test_an_interrupt_ends_the_whole_group(ignores, tmp_path):
    with stubborn(tmp_path, ignores) as parent:
        started = [int(number) for number in parent.stdout.readline().split()]
        assert all(map(alive, started))
        os.kill(parent.pid, signal.SIGINT)
        assert parent.wait(20) == 130
    assert all(map(gone, started))


def processes_of(folder: Path) -> list[int]:
    """List the processes that run for a script of a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(folder).encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


@pytest.mark.parametrize("ignores", [False, True], ids=["listens", "ignores"])
def test_a_killed_parent_takes_the_whole_group_with_it(ignores, tmp_path):
    with stubborn(tmp_path, ignores) as parent:
        started = [int(number) for number in parent.stdout.readline().split()]
        assert {*started} <= {*processes_of(tmp_path)}
        parent.kill()
    assert all(map(gone, started))
    assert all(map(gone, processes_of(tmp_path)))


def test_a_parent_that_is_killed_while_its_child_starts_leaves_no_process(tmp_path):
    for number in range(12):
        with stubborn(tmp_path, ignores=True) as parent:
            time.sleep(number / 25)
            parent.kill()
        assert all(map(gone, processes_of(tmp_path))), number


def test_a_child_in_a_long_computation_ends_with_its_parent(tmp_path):
    """The interpreter of the script does not get to run anything else."""
    program = "import os\nprint(os.getpid())\nstarted = 3 ** 10 ** 8\n"
    (tmp_path / "train.py").write_text(program, encoding="utf-8")
    with starter(tmp_path) as parent:
        computing = int(parent.stdout.readline())
        parent.kill()
    assert gone(computing)


def test_a_script_may_wait_for_all_its_children(tmp_path):
    program = (
        "import os\n"
        "if os.fork() == 0: os._exit(5)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))\n"
        "try: os.wait()\n"
        "except ChildProcessError: print('no other')\n"
    )
    assert run(tmp_path, program) == (0, ["5", "no other"])


@pytest.fixture(scope="module", name="trained")
def train_once(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Train an example for two steps by the console command, beside files that must not load."""
    workspace = tmp_path_factory.mktemp("workspace")
    folder = workspace / "build" / "char_rnn"
    folder.mkdir(parents=True)
    for name in ("torch", "random", "tqdm", "math"):
        (folder / f"{name}.py").write_text(PLANTED, encoding="utf-8")
    plant_folder(folder)
    plant_packages(workspace, "builder", "codegen", "nodes")
    launcher = install_launcher(tmp_path_factory.mktemp("installed"))
    with start(launcher, "run", "char_rnn", *SHORT, "--json", cwd=workspace) as process:
        stdout, stderr = process.communicate()
    return folder, subprocess.CompletedProcess([], process.returncode, stdout, stderr)


def test_run_trains_and_shows_a_sample(trained):
    folder, done = trained
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line)["line"] for line in done.stdout.splitlines()]
    assert re.match(r"characters: [\d,]+ for training, [\d,]+ for validation", lines[0])
    assert lines[1] == "247,400 parameters on cpu, 2 steps"
    assert any(line.startswith("validation: ") for line in lines)
    assert any(line.startswith("The ") for line in lines)
    assert "planted" not in lines
    assert (folder / "out" / "model.pt").is_file()
    assert (folder / "python-reference.txt").is_file()


def test_run_shows_the_commands_of_the_script(trained):
    assert trained[1].stderr.splitlines() == [
        f"in build/char_rnn: python train.py train {' '.join(SHORT)}",
        "in build/char_rnn: python train.py sample",
    ]


def test_a_signal_interrupts_training(tmp_path):
    arguments = ("run", "char_rnn", "--batch-size", "2", "--steps", "1000000", "--eval-every", "1")
    with command_line(*arguments, cwd=tmp_path) as process:
        assert "characters" in process.stdout.readline()
        assert "parameters" in process.stdout.readline()
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGTERM)
        stderr = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "interrupted"
    assert gone(int(child))


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--nope",), "train.py: error: unrecognized arguments: --nope"),
        (("--steps", "x"), "train.py train: error: argument --steps: invalid int value: 'x'"),
    ],
)
def test_an_option_that_the_script_refuses_is_a_usage_error(options, line, tmp_path):
    with command_line("run", "char_rnn", *options, cwd=tmp_path) as process:
        stdout, _ = process.communicate()
    assert process.returncode == 2
    assert stdout.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("graph", "content", "options", "start"),
    [
        ("char_rnn", b"\xff", (), "data: expected text in UTF-8 in '"),
        ("char_rnn", "Größe ".encode() * 99, ("--steps", "0"), "steps: expected >= 1, <= 1_000"),
        ("price_lstm", b"a,b\n1,2\n3\n", (), "data: expected 2 cells in each row of '"),
        ("bilstm_classifier", b"a;b\n1;2\n", (), "data: expected columns text and label in '"),
    ],
)
def test_data_that_the_script_refuses_is_one_sentence(graph, content, options, start, tmp_path):
    (tmp_path / "größe.txt").write_bytes(content)
    with command_line("run", graph, "--data", "größe.txt", *options, cwd=tmp_path) as process:
        stdout, _ = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in stdout
    assert stdout.splitlines()[-1].startswith(start)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("gpt", "--data", "none.txt"),
            "--data: expected a file, got 'none.txt'. To list sample data: wireformer data",
        ),
        (
            ("plain.json",),
            "expected a graph with a training recipe, got one without. Add a recipe, or start "
            "from an example that has one: wireformer new",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(arguments, line, tmp_path):
    graph = json.loads(example_path("gpt").read_text(encoding="utf-8"))
    del graph["recipe"]
    (tmp_path / "plain.json").write_text(json.dumps(graph), encoding="utf-8")
    with command_line("run", *arguments, cwd=tmp_path) as process:
        _, stderr = process.communicate()
    assert (process.returncode, stderr.splitlines()[-1]) == (2, line)


@pytest.mark.parametrize("name", ["...json", "a b.json", "\u9f8d.json", "-rf.json"])
def test_the_folder_of_a_run_is_in_build(name, tmp_path):
    (tmp_path / name).write_bytes(example_path("char_rnn").read_bytes())
    with command_line("run", "--data", "none", "--", name, cwd=tmp_path) as process:
        process.communicate()
    written = [path.relative_to(tmp_path).parts for path in tmp_path.rglob("train.py")]
    assert [(parts[0], len(parts)) for parts in written] == [("build", 3)]


def test_changed_code_is_not_replaced(tmp_path):
    model = load(example_path("char_rnn"))[0]
    export(model, tmp_path / "build" / "char_rnn")
    (tmp_path / "build" / "char_rnn" / "train.py").write_text("mine", encoding="utf-8")
    with command_line("run", "char_rnn", cwd=tmp_path) as process:
        _, stderr = process.communicate()
    assert process.returncode == 2
    assert stderr == (
        "'build/char_rnn/train.py': expected no file, got one with other content. "
        "Choose another name, or use --force to replace the file.\n"
    )
