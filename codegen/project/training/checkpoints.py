import sys
import zipfile
from pathlib import Path
from typing import Any

import torch
from model import Config, Model
from torch import nn
from train import Codec


# ------------------------------------------------------------------------ checkpoints
def save(checkpoint: dict[str, Any], path: Path) -> None:
    """Replace the file atomically."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        torch.save(checkpoint, file)
    part.replace(path)


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
