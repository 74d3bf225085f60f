"""The entry point of the child process that imports a module: it runs the user's code.

Its arguments are the file of the request and the file that the result is written to, as JSON.
"""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

    from builder.training.isolated import end_with_parent, set_resource_limits

    end_with_parent()
    set_resource_limits()

    from builder.importing.exchange.request import ImportRequest, NotImported
    from builder.importing.import_model import import_model
    from builder.importing.tracing.load_target import described

    request, result = map(Path, sys.argv[1:])
    try:
        found = import_model(
            ImportRequest.from_data(json.loads(request.read_text(encoding="utf-8")))
        ).as_data()
    except NotImported as error:
        found = {"error": str(error)}
    except Exception as error:  # noqa: BLE001 (a mistake of ours, in code that meets any program)
        found = {"error": f"the import failed, please report it: {described(error)}"}
    result.write_text(json.dumps(found), encoding="utf-8")
