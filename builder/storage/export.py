"""Exports a model's code: ``model.py``, and ``train.py`` if the model has a recipe."""

from collections.abc import Callable, Mapping
from pathlib import Path

from builder.storage.folders import state_folder
from codegen.compile import compile_model
from codegen.project.train_script import MODEL, train_script
from nodes.core.files.project_save import save_files
from nodes.core.graphs.graph import Model

TRAINING = "train.py"

Warn = Callable[[str], object]


def project_files(model: Model) -> dict[str, str]:
    """Generate the files of the project, by name.

    Raises:
        NotCompiled: the model has errors.
    """
    compiled = compile_model(model)
    files = {MODEL: compiled.source}
    if compiled.training_spec is not None:
        files[TRAINING] = train_script(compiled.training_spec)
    return files


def export(
    model: Model, folder: Path, overwrite: bool = False, warn: Warn | None = None
) -> list[Path]:
    """Write the project of a model to a folder, and return the files.

    Raises:
        NotCompiled: the model has errors.
        NotSaved: a file is in the way, or the folder cannot be written to.
        AlreadyExists: a file with other content exists, and ``overwrite`` is false.
        NotConfirmed: the files are written, but the disk did not confirm it.
    """
    files = project_files(model)
    write_project(files, folder, overwrite, warn)
    return [folder / name for name in files]


def write_project(
    files: Mapping[str, str], folder: Path, overwrite: bool = False, warn: Warn | None = None
) -> None:
    """Write the files of a project to a folder, all or none; what else it holds stays.

    Args:
        files: the text of each file by its name.
        folder: the folder, which is made if it is missing.
        overwrite: replace files with other content.
        warn: called with what the user should know of the folder.

    Raises:
        NotSaved: a file is in the way, or the folder cannot be written to.
        AlreadyExists: a file with other content exists, and ``overwrite`` is false.
        NotConfirmed: the files are written, but the disk did not confirm it.
    """
    contents = {name: text.encode() for name, text in files.items()}
    save_files(folder, contents, overwrite, warn=warn, state_dir=state_folder())
    if warn and TRAINING not in files and (folder / TRAINING).exists():
        warn(
            f"{TRAINING} was there before, and may not fit: this model has no training recipe; "
            "remove it unless it is yours"
        )


def write_file(
    path: Path, content: str | bytes, overwrite: bool = False, warn: Warn | None = None
) -> None:
    """Write one file, and the folders it lies in.

    Raises:
        NotSaved: a file is in the way, or the folder cannot be written to.
        AlreadyExists: a file with other content exists, and ``overwrite`` is false.
        NotConfirmed: the file is written, but the disk did not confirm it.
    """
    data = content.encode() if isinstance(content, str) else content
    save_files(path.parent, {path.name: data}, overwrite, warn=warn, state_dir=state_folder())
