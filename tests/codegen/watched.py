"""A program that reads many files, most of them broken, and tells what else happened meanwhile.

It is given texts as a JSON list on its standard input, and prints what it saw.
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
VALUES = (None, True, -1, 0, 2**53, 1e308, 0.5, "", [], {}, "d_model", "9 * 9", "gone.output")


class Watch:
    """Notes what must not happen while it is armed."""

    def __init__(self) -> None:
        self.armed = False
        self.seen: list[tuple[str, str]] = []

    def __call__(self, event: str, args: tuple) -> None:
        if self.armed and not self.allows(event, args):
            self.seen.append((event, ascii(args)[:200]))

    def allows(self, event: str, args: tuple) -> bool:
        if event == "compile":  # by `ast.parse`, on arithmetic that the program wrote itself
            text = args[0].decode() if isinstance(args[0], bytes) else args[0]
            return args[1] == "<unknown>" and bool(ARITHMETIC.fullmatch(text or "!"))
        if event == "open":
            return not args[2] & WRITES
        return event in READS or not event.startswith(FORBIDDEN)


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    """List the paths to every value of a document."""
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else pairs:
        yield from places(inner, (*path, key))


def changed(document: object, path: tuple, new: object, rename: bool) -> object:
    """Put another value, or another name, in a place of a document."""
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
    """Make each example, and many files that differ from it in one place."""
    draw = random.Random(0)
    for path in sorted(EXAMPLES.glob("*.json")):
        document = json.loads(path.read_bytes())
        every = list(places(document))
        yield json.dumps(document).encode()
        for _ in range(60):
            new, rename = draw.choice([*texts, *VALUES]), draw.random() < 0.3
            yield json.dumps(changed(document, draw.choice(every), new, rename)).encode()


def take(data: bytes) -> bool:
    """Do with a file all that can be done without running it, and tell whether it is good."""
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
    watch, made = Watch(), list(files(json.load(sys.stdin)))
    for path in EXAMPLES.glob("*.json"):  # so that all is imported that ever is
        take(path.read_bytes())
    sys.addaudithook(watch)
    watch.armed = True
    good = [take(data) for data in made]
    load(EXAMPLES / "gpt.json")
    watch.armed = False
    json.dump([watch.seen, "torch" in sys.modules, len(good), sum(good)], sys.stdout)


if __name__ == "__main__":
    main()
