"""Exports a model's code: ``model.py``, and ``train.py`` if the model has a recipe."""

from pathlib import Path

from builder.storage.file_writer import write_files
from codegen.compile import compile_model
from codegen.project.train_script import train_script
from nodes.core.graphs.graph import Model


def project_files(model: Model) -> dict[str, str]:
    """Generate the files of the project, by name.

    Raises:
        NotCompiled: the model has errors.
    """
    compiled = compile_model(model)
    files = {"model.py": compiled.source}
    if compiled.training_spec is not None:
        files["train.py"] = train_script(compiled.training_spec)
    return files


def export(model: Model, folder: Path, overwrite: bool = False) -> list[Path]:
    """Write the project to a folder, and return the files.

    Raises:
        NotCompiled: the model has errors.
        NotWritten: a file is in the way, or the folder cannot be written to.
        AlreadyExists: a file with other content exists, and ``overwrite`` is false.
    """
    files = {folder / name: text for name, text in project_files(model).items()}
    write_files(files, overwrite)
    return list(files)
