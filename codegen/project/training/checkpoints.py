import sys
from pathlib import Path
from typing import Any

import torch
from model import Config, Model
from torch import nn
from train import Codec


# ------------------------------------------------------------------------ checkpoints
def save(checkpoint: dict[str, Any], path: Path) -> None:
    """Write the whole file, or leave the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(checkpoint, part)
    part.replace(path)


def load(path: str | Path, device: str) -> dict[str, Any]:
    if not Path(path).is_file():
        sys.exit(
            f"{path}: a checkpoint is expected, but there is no file. Train first."
        )
    return torch.load(path, map_location=device, weights_only=True)


def load_model(path: str, device: str) -> tuple[nn.Module, Codec]:
    saved = load(path, device)
    model = Model(Config(**saved["config"])).to(device)
    model.load_state_dict(saved["model"])
    return model.eval(), Codec(**saved["codec"])


def resume(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    kind: dict[str, Any],
) -> tuple[int, float]:
    """Take up the training where it stopped: at which step, with what best loss."""
    saved = load(path, "cpu")
    if any(saved[key] != kind[key] for key in kind):
        sys.exit(
            f"{path}: it was made of another model or other data. Give the options and "
            "the file that it was made with, or train without --resume."
        )
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return saved["step"], saved["best"]
