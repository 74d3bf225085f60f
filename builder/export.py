"""Writes a model's code into a folder: ``model.py``, and ``train.py`` if it has a recipe."""

from pathlib import Path

from codegen.compile import Compiled, compile_model
from codegen.project import train_script
from nodes.core.graph import Model


class ExportError(Exception):
    """The folder cannot be written to as asked."""


def project_files(model: Model) -> dict[str, str]:
    """Make the text of every file of the project.

    Raises:
        NotCompiled: the model has errors.
    """
    compiled: Compiled = compile_model(model)
    files = {"model.py": compiled.source}
    if compiled.trainee is not None:
        files["train.py"] = train_script(compiled.trainee)
    return files


def export(model: Model, folder: Path, overwrite: bool = False) -> list[Path]:
    """Write the project; files that are there with other contents are kept unless told otherwise.

    Raises:
        NotCompiled: the model has errors.
        ExportError: a file is in the way, or the folder cannot be written.
    """
    files = {folder / name: text for name, text in project_files(model).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise ExportError(f"{ascii(str(path))} is not a plain file. Choose another folder.")
            if path.exists() and not overwrite and path.read_bytes() != text.encode():
                raise ExportError(
                    f"{ascii(str(path))} has other contents. Use --force to replace it, "
                    "or choose another folder."
                )
        for path, text in files.items():
            path.write_bytes(text.encode())
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"{ascii(str(folder))} cannot be written: {reason}.") from error
    return list(files)
