"""Read many files, most of them broken, under an audit hook that records side effects.

The program reads texts as a JSON list from its standard input, and prints its results as JSON.
"""

import json
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from codegen.project.train_script import train_script
from nodes.core.files.model_file import dumps, load, loads
from nodes.core.files.strict_json import FileError

EXAMPLES = Path(__file__).parents[2] / "examples"
ARITHMETIC = re.compile(r"[A-Za-z0-9_. +*/()-]*")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
READS = {"os.listdir", "os.scandir"}
FORBIDDEN = (
    *("code.", "ctypes.", "exec", "import", "marshal.", "os.", "pickle."),
    *("shutil.", "socket.", "subprocess.", "urllib."),
)
CYCLE = {
    "wireformer": 1,
    "name": "Cycle",
    "nodes": {"a": {"type": "Tanh"}, "b": {"type": "Tanh"}},
    "edges": {"a.input": "b.output", "b.input": "a.output"},
}
VALUES = (None, True, -1, 0, 2**53, 1e308, 0.5, "", [], {}, "d_model", "9 * 9", "gone.output")


class AuditHook:
    """Records the forbidden events that happen while it is enabled."""

    def __init__(self) -> None:
        self.enabled = False
        self.events: list[tuple[str, str]] = []

    def __call__(self, event: str, args: tuple) -> None:
        if self.enabled and not self.allows(event, args):
            self.events.append((event, ascii(args)[:200]))

    def allows(self, event: str, args: tuple) -> bool:
        if event == "compile":  # `ast.parse` of arithmetic that the compiler wrote itself
            text = args[0].decode() if isinstance(args[0], bytes) else args[0]
            return args[1] == "<unknown>" and bool(ARITHMETIC.fullmatch(text or "!"))
        if event == "open":
            return not args[2] & WRITES
        return event in READS or not event.startswith(FORBIDDEN)


def paths(value: object, path: tuple = ()) -> Iterator[tuple]:
    """List the paths to every value of a document."""
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else pairs:
        yield from paths(inner, (*path, key))


def changed(document: object, path: tuple, new: object, rename: bool) -> object:
    """Replace the value at a path of a document, or rename its key."""
    if not path:
        return new
    key, *rest = path
    copy = document.copy()
    if rename and not rest and isinstance(copy, dict):
        copy[str(new)] = copy.pop(key)
    else:
        copy[key] = changed(document[key], tuple(rest), new, rename)
    return copy


def files(texts: list[str]) -> Iterator[bytes]:
    """Generate each example, and many files that differ from it in one value or key."""
    draw = random.Random(0)
    for path in sorted(EXAMPLES.glob("*.json")):
        document = json.loads(path.read_bytes())
        every = list(paths(document))
        yield json.dumps(document).encode()
        for _ in range(60):
            new, rename = draw.choice([*texts, *VALUES]), draw.random() < 0.3
            yield json.dumps(changed(document, draw.choice(every), new, rename)).encode()


def process(data: bytes) -> bool:
    """Read, check, compile and write a file; return whether it is valid."""
    try:
        model = loads(data)
        for problem in check(model).problems:
            str(problem)
        compiled = compile_model(model)
        if compiled.training_spec:
            train_script(compiled.training_spec)
        dumps(model)
    except (FileError, NotCompiled) as error:
        str(error)
        return False
    return True


def main() -> None:
    hook, inputs = AuditHook(), list(files(json.load(sys.stdin)))
    for path in EXAMPLES.glob("*.json"):  # import every module before the hook is enabled
        process(path.read_bytes())
    process(json.dumps(CYCLE).encode())  # networkx compiles its own search when it is first called
    sys.addaudithook(hook)
    hook.enabled = True
    valid = [process(data) for data in inputs]
    load(EXAMPLES / "gpt.json")
    hook.enabled = False
    json.dump([hook.events, "torch" in sys.modules, len(valid), sum(valid)], sys.stdout)


if __name__ == "__main__":
    main()
