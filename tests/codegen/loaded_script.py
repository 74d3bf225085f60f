"""Training scripts loaded as modules, and what they say when they read a file."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from codegen.project.train_script import TrainingSpec, train_script
from tests.codegen.training_specs import MODELS


@dataclass(frozen=True)
class Reading:
    """What a script made of a file: its data, what it printed, and why it refused."""

    data: Any
    printed: str
    notes: str
    refusal: str


def load_script(training_spec: TrainingSpec, model: str, folder: Path) -> ModuleType:
    """Execute a training script as a module, beside the model of a file in ``models``."""
    path = folder / "train.py"
    path.write_text(train_script(training_spec), encoding="utf-8")
    with _modules():
        _execute("model", MODELS / f"{model}.py")
        return _execute("loaded_training_script", path)


@contextmanager
def _modules() -> Iterator[None]:
    before = sys.modules.get("model")
    yield
    del sys.modules["model"]
    if before is not None:
        sys.modules["model"] = before


def _execute(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look annotations up
    spec.loader.exec_module(module)
    return module


def read(script: ModuleType, path: Path, content: str | bytes, **settings: Any) -> Reading:
    """Write a file and let a script load it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    printed, notes, data, refusal = StringIO(), StringIO(), None, ""
    with redirect_stdout(printed), redirect_stderr(notes):
        try:
            data = script.load_data(script.TrainConfig(data=str(path), **settings))
        except SystemExit as stopped:
            refusal = str(stopped)
    return Reading(data, printed.getvalue(), notes.getvalue(), refusal)
