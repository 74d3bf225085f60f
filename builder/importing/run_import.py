"""Imports a module in a child process, as that runs the user's code."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from builder.importing.exchange.imported import Imported
from builder.importing.exchange.request import ImportRequest, NotImported
from builder.training.run_script import run_child
from nodes.core.files.strict_json import FileError

_ENTRY_POINT = Path(__file__).with_name("isolated_import.py")


def run_import(request: ImportRequest, on_line: Callable[[str], None]) -> Imported:
    """Import what a request names, and pass on each line that its code prints.

    Raises:
        NotImported: it cannot be imported, or its code ended the process.
    """
    with TemporaryDirectory() as folder:
        given, result = Path(folder, "request.json"), Path(folder, "result.json")
        given.write_text(json.dumps(request.as_data()), encoding="utf-8")
        code = run_child(_ENTRY_POINT, [str(given), str(result)], Path(request.folder), on_line)
        if not result.is_file():
            raise NotImported(
                f"{request.target}: the process that imports it ended with code {code}"
            )
        data = json.loads(result.read_text(encoding="utf-8"))
    if "error" in data:
        raise NotImported(data["error"])
    try:
        return Imported.from_data(data)
    except FileError as error:
        raise NotImported(f"{request.target}: the imported graph is not valid: {error}") from error
