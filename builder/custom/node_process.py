"""The program of the child process that imports and tests custom nodes.

Its argument is a JSON object: the task, the names of the sources, the folders to import from, and a
token that marks its results among the lines that the nodes print.
"""

import json
import sys
from typing import Any


def main() -> None:
    """Perform the task, and write each result as a marked line."""
    request = json.loads(sys.argv[1])
    sys.path[:] = [*request["path"], *(p for p in sys.path if p not in request["path"])]
    output = sys.stdout

    def send(result: dict[str, Any]) -> None:
        print(f"\n{request['token']}{json.dumps(result)}", file=output, flush=True)

    from builder.custom.loading import load
    from builder.custom.node_problem import Faulty

    for name in request["names"]:
        send({"start": name})
        source = _source(name)
        try:
            load(source)
        except Faulty as error:
            problem = error.problem
            found = {"source": problem.source, "message": problem.message, "line": problem.line}
            send({"end": name, **found})
            continue
        if request["task"] == "test":
            from codegen.harness.node_report import node_reports

            for report in node_reports(source.origin):
                send(report)
        send({"end": name})


def _source(name: str) -> Any:
    from pathlib import Path

    from builder.custom.node_source import packages, read_source

    found = [source for source in packages() if source.name == name]
    return found[0] if found else read_source(Path(name))


if __name__ == "__main__":
    main()
