"""Export writes into its folder only, and replaces existing files only on request."""

import subprocess
import sys
from dataclasses import replace

import pytest

from builder.storage.example_files import example_names, example_path
from builder.storage.export import export, project_files, write_file
from codegen.compile import NotCompiled
from nodes.core.files.atomic_save import NotSaved
from nodes.core.files.model_file import load
from nodes.core.files.project_save import AlreadyExists
from nodes.core.graphs.graph import Model

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
