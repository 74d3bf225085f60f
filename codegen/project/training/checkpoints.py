import os
import shutil
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from model import Config, Model
from torch import nn
from train import Codec


# ------------------------------------------------------------------------ checkpoints
def save(checkpoint: dict[str, Any], path: Path) -> None:
    """Replace the file; whatever happens, it is the old or the new one, and whole."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            part.unlink()
        # torch reports a write that fails as an error of its own.
        cause = error if isinstance(error, OSError) else error.__context__ or error
        sys.exit(
            f"{path}: expected to save a checkpoint, got: {cause}. Free some space, or "
            "name another folder with --out."
        )


def load(path: str | Path, device: str) -> dict[str, Any]:
    if not zipfile.is_zipfile(path):  # as torch.save writes
        found = "another file" if Path(path).exists() else "no file"
        sys.exit(f"{path}: expected a checkpoint, got {found}. Train first.")
    return torch.load(path, map_location=device, weights_only=True)


def load_model(path: str, device: str) -> tuple[nn.Module, Codec]:
    saved = load(path, device)
    try:
        model = Model(Config(**saved["config"])).to(device)
        model.load_state_dict(saved["model"])
        return model.eval(), Codec(**saved["codec"])
    except (KeyError, TypeError, RuntimeError):
        sys.exit(
            f"{path}: expected a checkpoint of this model, got another. Train first."
        )


def resume(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    kind: dict[str, Any],
) -> tuple[int, float]:
    """Restore model and optimizer; return the next step and the best loss so far."""
    saved = load(path, "cpu")
    if any(saved.get(key) != kind[key] for key in kind):
        sys.exit(
            f"{path}: expected a checkpoint of this model and data, got another. Give "
            "the options and the data of that run, or train without --resume."
        )
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return saved["step"], saved["best"]
