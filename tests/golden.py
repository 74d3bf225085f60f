"""The generated code of the examples, stored so that every change of it can be reviewed.

    python -m tests.golden

regenerates ``tests/golden/NAME.py`` for every example.
"""

from pathlib import Path

from codegen.compile import compile_model
from examples.build import EXAMPLES
from nodes.core.graphs.graph import Model

FOLDER = Path(__file__).parent / "golden"
MODELS = {example.__name__: example for example in EXAMPLES}


def golden(name: str) -> Path:
    return FOLDER / f"{name}.py"


def source(model: Model) -> bytes:
    return compile_model(model).source.encode("ascii")


def main() -> None:
    """Write the files, and remove those of deleted examples."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.py"):
        old.unlink()
    for name, example in MODELS.items():
        golden(name).write_bytes(source(example()))


if __name__ == "__main__":
    main()
