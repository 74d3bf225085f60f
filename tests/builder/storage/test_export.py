"""Export writes into its folder only, and replaces existing files only on request."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from builder.storage.example_files import example_names, example_path
from builder.storage.export import export, project_files, write_file
from codegen.compile import NotCompiled
from nodes.core.files.atomic_save import NotSaved
from nodes.core.files.model_file import load, save
from nodes.core.files.project_save import AlreadyExists
from nodes.core.graphs.graph import Model
from tests.builder.sessions import a_session
from tests.nodes.save_workspace import in_child, system

HOSTILE_NAMES = [
    *("../../x", "/etc/passwd", "..", ".", "", "-rf", "~", "a\nb", "..\\x", "C:\\x", "a" * 300),
    *("a\x00b", "\u202egpj.py", "\uff0e\uff0e\uff0fx", "con", "nul.txt", "a.", '"""', "torch"),
]


@pytest.fixture(name="model")
def gpt() -> Model:
    return load(example_path("gpt"))[0]


@pytest.mark.parametrize("name", example_names())
def test_every_example_becomes_a_model_and_its_training(name, tmp_path):
    model = load(example_path(name))[0]
    names = ["model.py", "train.py"] if model.recipe else ["model.py"]
    assert export(model, tmp_path) == [tmp_path / name for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_exported_code_does_not_import_wireformer(model, tmp_path):
    for text in project_files(model).values():
        assert not {"builder", "codegen", "nodes", "wireformer"} & {*text.lower().split()}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_does_not_lead_out_of_the_folder(name, model, tmp_path):
    folder = tmp_path / "a" / "b" / "c"
    export(replace(model, name=name), folder)
    files = sorted(path for path in tmp_path.rglob("*") if not path.is_dir())
    assert files == [folder / "model.py", folder / "train.py"]
    for path in files:
        text = path.read_text(encoding="ascii")
        compile(text, path, "exec")
        assert text.replace("\n", "").isprintable()


def test_exporting_twice_gives_the_same_bytes(model, tmp_path):
    first, again = ([path.read_bytes() for path in export(model, tmp_path)] for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", ["model.py", "train.py"])
def test_an_existing_file_is_kept_and_nothing_is_written(name, model, tmp_path):
    (tmp_path / name).write_text("mine")
    with pytest.raises(AlreadyExists) as caught:
        export(model, tmp_path)
    assert str(caught.value) == (
        f"'{tmp_path / name}': expected no file, got one with other content. Choose another name."
    )
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_an_existing_file_is_replaced_on_request(model, tmp_path):
    (tmp_path / "model.py").write_text("mine")
    export(model, tmp_path, overwrite=True)
    assert (tmp_path / "model.py").read_text() == project_files(model)["model.py"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("target", ["victim", "nothing"])
def test_a_planted_link_is_not_followed(target, overwrite, model, tmp_path):
    (tmp_path / "victim").write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.py").symlink_to(tmp_path / target)
    with pytest.raises(NotSaved, match="got a folder, a link or a device"):
        export(model, folder, overwrite)
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "nothing").exists()


def test_a_hard_link_to_an_old_file_keeps_the_old_content(tmp_path):
    (tmp_path / "old").write_text("mine")
    (tmp_path / "model.py").hardlink_to(tmp_path / "old")
    write_file(tmp_path / "model.py", "new", overwrite=True)
    assert ((tmp_path / "old").read_text(), (tmp_path / "model.py").read_text()) == ("mine", "new")


def test_a_full_disk_leaves_the_old_file(tmp_path):
    (tmp_path / "model.py").write_text("mine")
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from builder.storage.export import write_file\n"
        "from nodes.core.files.atomic_save import NotSaved\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: write_file(Path(sys.argv[1]), 'x' * 1000, overwrite=True)\n"
        "except NotSaved as error: sys.stdout.write(str(error))\n"
    )
    command = [sys.executable, "-c", program, tmp_path / "model.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.endswith(
        "is not saved, and is on the disk as it was: the file is larger than the disk or a limit "
        "allows; free some space, or choose a folder on another disk"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["model.py"]
    assert (tmp_path / "model.py").read_text() == "mine"


def test_a_graph_with_errors_is_not_exported(model, tmp_path):
    wrong = model.edit("", lambda graph: graph.without_node("tokens"))
    with pytest.raises(NotCompiled):
        export(wrong, tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_other_files_of_the_folder_stay_and_so_does_the_folder(model, tmp_path):
    export(model, tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "model.pt").write_bytes(b"weights")
    (tmp_path / "notes.txt").write_text("mine")
    before = tmp_path.stat().st_ino
    export(replace(model, name="another"), tmp_path, overwrite=True)
    assert tmp_path.stat().st_ino == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("model.py", "notes.txt", "out", "train.py")
    ]
    assert (tmp_path / "out" / "model.pt").read_bytes() == b"weights"
    assert all(path.is_file() and not path.is_symlink() for path in tmp_path.glob("*.py"))


def test_a_file_that_is_the_same_is_not_written_again(model, tmp_path):
    export(model, tmp_path)
    before = (tmp_path / "train.py").stat()
    (tmp_path / "model.py").write_text("mine")
    export(model, tmp_path, overwrite=True)
    assert (tmp_path / "train.py").stat().st_ino == before.st_ino


def killed_half_way(folder, model) -> None:
    """Replace a project in a process that is killed right after the links were changed."""

    def work() -> int:
        replaced = 0

        def around(name, call, args):
            nonlocal replaced
            result = call()
            replaced += name == "replace"
            if replaced == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        with system(around):
            export(model, folder, overwrite=True)
        return 0

    assert in_child(work) == -signal.SIGKILL


def test_a_project_that_was_interrupted_runs_and_is_completed(model, tmp_path):
    export(model, tmp_path)
    killed_half_way(tmp_path, replace(model, name="another"))
    assert (tmp_path / "model.py").is_symlink()
    command = [sys.executable, "train.py", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "another" in done.stdout
    with pytest.raises(AlreadyExists):
        export(model, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.py", "train.py"]
    assert not any(path.is_symlink() for path in tmp_path.iterdir())
    assert "another" in (tmp_path / "train.py").read_text()


def test_opening_a_graph_completes_what_was_interrupted_beside_it(model, tmp_path):
    save(model, tmp_path / "a.json", None, state_dir=tmp_path / "state")
    export(model, tmp_path)
    killed_half_way(tmp_path, replace(model, name="another"))
    session = a_session(tmp_path / "state")
    session.open(tmp_path / "a.json")
    session.close()
    assert not any(path.is_symlink() for path in tmp_path.iterdir())
    assert "another" in (tmp_path / "train.py").read_text()


def test_what_the_user_has_changed_since_an_interruption_stays(model, tmp_path):
    export(model, tmp_path)
    killed_half_way(tmp_path, replace(model, name="another"))
    (tmp_path / "mine.py").write_text("mine")
    (tmp_path / "mine.py").replace(tmp_path / "model.py")
    write_file(tmp_path / "other.txt", "other")
    assert (tmp_path / "model.py").read_text() == "mine"
    assert "another" in (tmp_path / "train.py").read_text()
